package handover

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

var asked = url.Values{"kind": {"hand-over"}, "officer": {"PC Lowe"}, "collar": {"4471"}, "force": {"Avon"}, "reference": {"46/1"}, "seal": {"A1"}, "state": {"off"}, "why": {"A warrant."}}

// Whoever is none of those who may sign sees none of it. The chair of governors, who
// may be one of two, sees no pupil.
func TestWhoSees(t *testing.T) {
	a := newAcademy(t, headKey, dslKey)
	h := a.handler(t)
	for _, who := range []string{"office", "teacher", "leadership", "it", "governor", "owner"} {
		for _, path := range []string{"/agree", "/handover/i-1", "/door/1103/end-hold"} {
			kittest.Visit(t, h, who).Page(http.StatusForbidden, path)
		}
	}
	kittest.Visit(t, h, "dsl").Says("/handover/i-1", "Phone of Quentin Pupil", "Door 1101 of Bank E", "A hold stands on this device")
	kittest.Visit(t, h, "chair").Says("/handover/i-1", "-Quentin", "Door 1101 of Bank E")
	kittest.Visit(t, h, "head").Says("/agree", "Door 1101 of Bank E", "End the hold on door 1103 of Bank E", "-Quentin")
	kittest.Visit(t, h, "it").Says("/approvers", "Staff s-dsl", "the school’s own")
}

// Both see the same words and bytes; the second signature opens the door.
func TestSignTogether(t *testing.T) {
	a := newAcademy(t, headKey, dslKey)
	a.state.Items["i-1"] = &locker.Holding{Item: "i-1", Door: 1101, Class: locker.ClassEvidence, Secured: true}
	h := a.handler(t)
	dsl, head, deputy := kittest.Visit(t, h, "dsl"), kittest.Visit(t, h, "head"), kittest.Visit(t, h, "deputy-dsl")
	if text := dsl.Answer(http.StatusUnprocessableEntity, "/handover/i-1", url.Values{"kind": {"hand-over"}}); strings.Count(text, " is missing.") != 12 {
		t.Errorf("faults: %d", strings.Count(text, " is missing."))
	} else if strings.LastIndex(text[:strings.Index(text, "</h1>")], "Say in a few words why.") < strings.Index(text, "Write it down from the officer") {
		t.Error("the faults are not in the order of the page")
	}
	dsl.Answer(http.StatusUnprocessableEntity, "/handover/i-1", url.Values{"kind": {"end-hold"}, "why": {"x"}})
	path := dsl.Sent("/handover/i-1", asked)
	for _, p := range []*kittest.Visitor{dsl, head} {
		p.Says(path, "Hand the device behind door 1101 of Bank E to the police", "PC Lowe", "4471", "46/1", "A1", "A warrant.", "bellkeep-wish-v1\ne\n1101\ni-1\nhand-over\nh-")
	}
	deputy.Says(path, "you are not the one to sign now", "-data-passkey")
	dsl.Answer(http.StatusUnprocessableEntity, path, url.Values{"passkey": {"pretend"}}) // outside a demonstration nobody pretends
	dsl.Answer(http.StatusForbidden, path, answer(t, headKey, a, path))
	dsl.Sent(path, answer(t, dslKey, a, path))
	dsl.Says(path, "You have signed; somebody else must sign too.", "Signed by one", "-data-passkey")
	if tasks := a.config().Tasks(); len(tasks) != 1 || tasks[0].Href != path || !tasks[0].Grave {
		t.Errorf("%+v", tasks)
	}
	dsl.Answer(http.StatusForbidden, path, answer(t, dslKey, a, path))
	deputy.Answer(http.StatusForbidden, path, answer(t, deputyKey, a, path))
	if len(a.orders) != 0 {
		t.Fatal("one person alone had something done")
	}
	head.Sent(path, answer(t, headKey, a, path))
	head.Says(path, "Both signed; the bank did it", "What the police left")
	if len(a.orders) != 1 || a.state.ItemVisits["i-1"] == nil || a.state.ItemVisits["i-1"].Purpose != locker.HandOver {
		t.Errorf("ordered %+v", a.orders)
	}
	head.Answer(http.StatusUnprocessableEntity, path+"/receipt", url.Values{"number": {"R"}, "at": {"yesterday"}})
	head.Sent(path+"/receipt", url.Values{"number": {"R-77"}, "at": {"2026-11-23T13:20"}})
	head.Says(path, "R-77", "-What the police left")
}

// A held device in a safe goes to the police in the same way, by the passkeys of the
// school's own approvers. No bank is asked.
func TestSignForASafe(t *testing.T) {
	a := newAcademy(t)
	a.safe = true
	h := a.handler(t)
	dsl, head := kittest.Visit(t, h, "dsl"), kittest.Visit(t, h, "head")
	dsl.Says("/agree", "Held, in a safe", "At leadership-safe", "/handover/i-1")
	dsl.Says("/handover/i-1", "give it to the officer when both have signed, not before", "-the door opens", "-Take it back into staff hands")
	path := dsl.Sent("/handover/i-1", asked)
	dsl.Says(path, "Hand a device that the school keeps to the police", "-Bank and door", "-Fingerprint", "bellkeep-wish-v1\nschool\n0\ni-1\nhand-over\nh-")
	dsl.Sent(path, answer(t, dslKey, a, path))
	if a.words["gone"] != nil {
		t.Fatal("one person alone gave it away")
	}
	head.Sent(path, answer(t, headKey, a, path))
	head.Says(path, "Both signed; it is with the police", "What the police left")
	if len(a.orders) != 0 || !strings.HasPrefix(string(a.words["gone"]), "i-1 c-") {
		t.Errorf("%d orders, gone: %s", len(a.orders), a.words["gone"])
	}
}

// A bank's own hold ends in the same way.
func TestEndAHold(t *testing.T) {
	a := newAcademy(t, headKey, dslKey)
	h := a.handler(t)
	dsl, head := kittest.Visit(t, h, "dsl"), kittest.Visit(t, h, "head")
	dsl.Says("/door/1103/end-hold", "Placed 23 November 2026, 13:20 by Staff s-office")
	dsl.Page(http.StatusNotFound, "/door/1102/end-hold")
	path := dsl.Sent("/door/1103/end-hold", url.Values{"why": {"Settled."}})
	dsl.Sent(path, answer(t, dslKey, a, path))
	head.Sent(path, answer(t, headKey, a, path))
	if _, held := a.state.Holds[1103]; held || a.orders[0].Kind != locker.OrderEndHold {
		t.Errorf("held still: %+v", a.orders)
	}
}

// A bank that knows two takes other keys by them alone; one that knows nobody keeps
// the list for a technician.
func TestTellABank(t *testing.T) {
	a := newAcademy(t, headKey, dslKey)
	h := a.handler(t)
	it, dsl, head := kittest.Visit(t, h, "it"), kittest.Visit(t, h, "dsl"), kittest.Visit(t, h, "head")
	it.Says("/approvers", "the school’s own", "-Have two people tell")
	a.list.Keys = append(a.list.Keys, deputyKey.Key())
	it.Says("/approvers", "Have two people tell Bank E the school’s list")
	path := it.Sent("/approvers/e", nil)
	dsl.Says(path, "Tell Bank E whose passkeys count", a.list.Fingerprint(), "Staff s-deputy-dsl, 1 passkey")
	dsl.Sent(path, answer(t, dslKey, a, path))
	head.Sent(path, answer(t, headKey, a, path))
	if a.state.Approvers.Set.ID() != a.list.ID() {
		t.Errorf("the bank knows %+v", a.state.Approvers.Set)
	}
	it.Says("/approvers", "counts from 24 November 2026, 13:20")

	b := newAcademy(t)
	h = b.handler(t)
	it = kittest.Visit(t, h, "it")
	if tasks := b.config().Tasks(); len(tasks) != 1 || !strings.Contains(tasks[0].What, "Bank E knows fewer than two approvers") {
		t.Errorf("%+v", tasks)
	}
	it.Says("/approvers", "Nothing comes out of its evidence doors", "Send Bank E the school’s list")
	it.Sent("/approvers/e", nil)
	it.Says("/approvers", "waits at the bank", b.list.Fingerprint(), "Learn the approvers’ passkeys")
	if !b.state.Approvers.Set.Empty() || b.state.Approvers.Offered == nil {
		t.Error("the bank learned it by the server's word")
	}
	kittest.Visit(t, h, "dsl").Answer(http.StatusConflict, "/handover/i-1", asked)
	b.list.Keys = b.list.Keys[:1]
	it.Answer(http.StatusConflict, "/approvers/e", nil)
	kittest.Visit(t, h, "office").Page(http.StatusForbidden, "/approvers")
}
