package fleet

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

func one() url.Values {
	return url.Values{"id": {"IPAD-7"}, "label": {"iPad 7"}, "platform": {"ipad"}, "groups": {"trolley-1"}, "flags": {"classroom"}}
}

// IT enrols a device, gets its code, sees it join, and can have the code made anew.
func TestEnrol(t *testing.T) {
	a := newAcademy(t)
	v := kittest.Visit(t, a.handler, "it")
	page := v.Sent("/fleet/enrol", one())
	v.Says(page, "0 of 1", "iPad 7 (ipad-7)", "BKJ1", "<svg", "Good until", "New code")
	before := a.codes["ipad-7"].Token
	v.Sent(page+"/again", url.Values{"device": {"ipad-7"}})
	if a.codes["ipad-7"].Token == before {
		t.Error("the code was not made anew")
	}
	a.certificates["ipad-7"] = "7"
	v.Says(page, "1 of 1", "Joined", "-BKJ1", "-<svg")
	if status, _, _ := v.Post(page+"/again", url.Values{"device": {"ipad-7"}}); status != http.StatusNotFound {
		t.Errorf("a code for one that has joined: %d", status)
	}
	v.Says("/fleet/device/ipad-7", "iPad 7", "In store", "trolley 1", "classroom app", "Settings and state now")
	for name, c := range map[string]struct {
		form url.Values
		want []string
	}{
		"empty":         {url.Values{}, []string{`href="#id"`, "Enter an id"}},
		"a second one":  {one(), []string{`href="#id"`, "listed already", `value="iPad 7"`}},
		"no platform":   {url.Values{"id": {"x"}}, []string{`href="#platform"`}},
		"unknown group": {url.Values{"id": {"x"}, "platform": {"ipad"}, "groups": {"year-9"}}, []string{"no group"}},
		"script":        {url.Values{"id": {`"><script>`}, "platform": {"ipad"}}, []string{`href="#id"`, "-<script>"}},
	} {
		status, text, _ := v.Post("/fleet/enrol", c.form)
		if status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, status)
		}
		kittest.Has(t, name, text, c.want...)
	}
	if status, text, _ := v.Post("/fleet/enrol", url.Values{"id": {"server"}, "platform": {"ipad"}}); status != http.StatusUnprocessableEntity || !strings.Contains(text, "server itself") {
		t.Errorf("an id that no device may have: %d", status)
	}
}

// A phone with an agent of its own is led to its own set-up code.
func TestEnrolAPhone(t *testing.T) {
	a := newAcademy(t)
	v := kittest.Visit(t, a.handler, "it")
	page := v.Sent("/fleet/enrol", url.Values{"id": {"phone-7"}, "platform": {"headwind"}})
	v.Says(page, `href="/phones/phone-7"`, "-BKJ1", "-New code")
	v.Says("/fleet/device/phone-7", `id="set-up" href="/phones/phone-7"`, "-Joining code")
	v.Says("/fleet/device/phone-7/lost", "Keep its line", "-Cut it off now")
}

// Codes are for the account that made them.
func TestCodesAreSecret(t *testing.T) {
	a := newAcademy(t)
	a.gate.Add("it-two", "it")
	v := kittest.Visit(t, a.handler, "it")
	page := v.Sent("/fleet/enrol", one())
	for who, want := range map[string]int{"it-two": http.StatusNotFound, "head": http.StatusForbidden} {
		v.SignIn(who)
		for _, path := range []string{page, page + "/events"} {
			if status, text, _ := v.Get(path); status != want || strings.Contains(text, "BKJ1") {
				t.Errorf("%s as %s: %d", path, who, status)
			}
		}
	}
}

// A list is looked over before anything is listed; all its faults are told at once.
func TestEnrolFromAList(t *testing.T) {
	a := newAcademy(t)
	a.have(t, "ipad-1")
	v := kittest.Visit(t, a.handler, "it")
	text := v.Answer(http.StatusUnprocessableEntity, "/fleet/enrol/list", url.Values{"csv": {"id,platform,groups\na b,ipad,\nipad-2,ipad,year-9\n"}})
	kittest.Has(t, "faults", text, "Line 2", "Line 3", "trolley-1", "a b,ipad")
	list := "id,label,platform,groups\nipad-1,Pad ipad-1,ipad,trolley-1\nipad-2,Two,ipad,trolley-1 staff-ipads\nipad-3,Three,linux,\n"
	text = v.Page(http.StatusOK, "/fleet")
	kittest.Has(t, "before", text, "-ipad-2")
	status, text, _ := v.Post("/fleet/enrol/list", url.Values{"csv": {list}})
	if status != http.StatusOK {
		t.Fatal(status)
	}
	kittest.Has(t, "preview", text, "Nothing has been listed yet", "1 listed already and unchanged", "1 have joined already", "New: 2", "ipad-2")
	if _, listed := a.Device("ipad-2"); listed {
		t.Fatal("it was listed before anybody looked")
	}
	_, saw, _ := strings.Cut(text, `name="saw" value="`)
	saw, _, _ = strings.Cut(saw, `"`)
	if status, _, _ := v.Post("/fleet/enrol/list", url.Values{"csv": {list}, "saw": {"other"}}); status != http.StatusConflict {
		t.Errorf("another list than was looked at: %d", status)
	}
	page := v.Sent("/fleet/enrol/list", url.Values{"csv": {list}, "saw": {saw}})
	v.Says(page, "0 of 2", "Two (ipad-2)", "Three (ipad-3)", "-Pad ipad-1")
}

// A device goes to somebody who has signed, and the register says so for good.
func TestIssue(t *testing.T) {
	a := newAcademy(t)
	a.have(t, "ipad-1", "ipad-2")
	a.unsigned["p-1"] = true
	v := kittest.Visit(t, a.handler, "it")
	v.Says("/fleet/device/ipad-1/issue?q=sana", "Sana Iqbal (7A)", "to=p-1")
	v.Says("/fleet/device/ipad-1/issue?to=p-1", "have not signed", "at the office", "/agreements/person/p-1", "own report")
	status, text, _ := v.Post("/fleet/device/ipad-1/issue", url.Values{"to": {"p-1"}})
	if status != http.StatusForbidden || !strings.Contains(text, "have not signed") || !strings.Contains(text, "There is a problem") {
		t.Errorf("issued to somebody who has not signed: %d", status)
	}
	a.unsigned["p-1"] = false
	a.passcode = ""
	if status, text, _ := v.Post("/fleet/device/ipad-1/issue", url.Values{"to": {"p-1"}}); status != http.StatusForbidden || !strings.Contains(text, "passcode rule holds for its group") {
		t.Errorf("issued without a confirmed passcode: %d", status)
	}
	a.passcode = "assumed"
	v.Says("/fleet/device/ipad-1/issue?to=p-1", "cannot confirm", `name="seen"`)
	if status, text, _ := v.Post("/fleet/device/ipad-1/issue", url.Values{"to": {"p-1"}}); status != http.StatusUnprocessableEntity || !strings.Contains(text, `href="#seen"`) {
		t.Errorf("issued, and nobody looked: %d", status)
	}
	v.Sent("/fleet/device/ipad-1/issue", url.Values{"to": {"p-1"}, "seen": {"yes"}})
	v.Says("/fleet/device/ipad-1", "Issued", "Sana Iqbal (7A)", "It came back", "-Issue it")
	v.Says("/fleet/register", "Pad ipad-1", "Sana Iqbal (7A)", "23 November 2026, 08:00")

	a.left["p-1"] = true
	v.Says("/fleet?show=to-return", "To be returned (1)", "who has left the school")
	if tasks := a.config().Tasks(); len(tasks) != 1 || tasks[0].Key != "devices-to-return" || strings.Contains(tasks[0].What, "Sana") {
		t.Errorf("tasks are %+v", tasks)
	}
	if status, _, _ := v.Post("/fleet/device/ipad-1/issue", url.Values{"to": {"p-2"}, "seen": {"yes"}}); status != http.StatusConflict {
		t.Errorf("a leaver's device was issued on: %d", status)
	}
	v.Sent("/fleet/device/ipad-1/return", nil)
	if len(a.config().Tasks()) != 0 {
		t.Error("it came back, and is asked for still")
	}
	v.Sent("/fleet/device/ipad-2/issue", url.Values{"to": {"s-formula"}, "seen": {"yes"}})
	file := v.Page(http.StatusOK, "/fleet/register.csv")
	kittest.Has(t, "the file", file, "ipad-1,Pad ipad-1,Sana Iqbal (7A),p-1,", ",it,Seen by whoever handed it over,", "'=1+1")
	if again := v.Page(http.StatusOK, "/fleet/register.csv?part=1"); again != file {
		t.Error("the first part is not the newest")
	}
	if second := v.Page(http.StatusOK, "/fleet/register.csv?part=2"); strings.Contains(second, "ipad-1") {
		t.Error("a line is in two parts")
	}
	v.Page(http.StatusNotFound, "/fleet/register.csv?part=0")
}

// Whose rules somebody gets with a device stands there before they get it, and nobody
// can issue it before the agreement is signed.
func TestIssueSaysWhatStandsInTheWay(t *testing.T) {
	a := newAcademy(t)
	a.have(t, "ipad-1")
	a.unsigned["p-1"] = true
	v := kittest.Visit(t, a.handler, "it")
	const path = "/fleet/device/ipad-1/issue?to=p-1"
	v.Says(path, "Those of trolley 1 hold for the device", "cannot be issued before that is settled", `href="/agreements/person/p-1"`, "Somebody else", "-Issue it</button>")
	a.unsigned["p-1"] = false
	v.Says(path, "Those of trolley 1 hold for the device", "Issue it</button>", "-before that is settled")
	if err := a.List(t.Context(), "it", mdm.Device{ID: "ipad-2", Platform: "ipad"}); err != nil {
		t.Fatal(err)
	}
	v.Says("/fleet/device/ipad-2/issue?to=p-1", "only the rules for every device hold")
}

// A search that finds more than it shows says so.
func TestIssueFindsMany(t *testing.T) {
	a := newAcademy(t)
	a.have(t, "ipad-1")
	v := kittest.Visit(t, a.handler, "it")
	v.Says("/fleet/device/ipad-1/issue?q=7A", "Sana Iqbal", "-add to the name")
	for n := range 22 {
		a.more = append(a.more, register.Person{ID: "p-more-" + number(n), Kind: register.Pupil, Details: register.Details{Given: "Pupil" + number(n), Family: "Smith", Form: "8B"}})
	}
	text := v.Page(http.StatusOK, "/fleet/device/ipad-1/issue?q=smith")
	kittest.Has(t, "many", text, "the first 20; 2 more are of that name or form: add to the name")
	if n := strings.Count(text, "Smith (8B)</a>"); n != mostFound {
		t.Errorf("%d are shown", n)
	}
}

// Lost, replaced, retired.
func TestEndsOfADevice(t *testing.T) {
	a := newAcademy(t)
	a.have(t, "ipad-1", "ipad-2", "ipad-3")
	v := kittest.Visit(t, a.handler, "it")
	v.Sent("/fleet/device/ipad-1/issue", url.Values{"to": {"p-1"}})
	if status, text, _ := v.Post("/fleet/device/ipad-1/lost", nil); status != http.StatusUnprocessableEntity || !strings.Contains(text, `href="#line"`) {
		t.Errorf("lost, and nobody chose what becomes of its line: %d", status)
	}
	v.Says("/fleet/device/ipad-1/lost", "Keep its line", "Cut it off now")
	v.Sent("/fleet/device/ipad-1/lost", url.Values{"line": {"cut"}})
	v.Says("/fleet/device/ipad-1", "Lost", "by it", "It was found", "was cut off")
	v.Says("/fleet?show=lost", "Lost (1)", "Pad ipad-1")
	v.Says("/fleet/device/ipad-1/replace", "Sana Iqbal (7A) gets the other device", `value="ipad-2"`, `-value="ipad-1"`)
	v.Sent("/fleet/device/ipad-1/replace", url.Values{"with": {"ipad-2"}})
	v.Says("/fleet/device/ipad-1", "Retired", "replaced by", "-Issue it", "-Join anew")
	v.Says("/fleet/device/ipad-2", "Sana Iqbal")
	v.Sent("/fleet/device/ipad-3/retire", nil)
	v.Says("/fleet?show=retired", "Retired (2)")
	if status, text, _ := v.Post("/fleet/device/ipad-3/retire", nil); status != http.StatusConflict || !strings.Contains(text, "is retired") {
		t.Errorf("retired twice: %d", status)
	}
	v.Says("/fleet", "-Pad ipad-1", "Pad ipad-2")
	if status, _, _ := v.Get("/fleet/device/none"); status != http.StatusNotFound {
		t.Error(status)
	}
}

// A quarantine: put on by IT, read by few, ended by two.
func TestQuarantinePages(t *testing.T) {
	a := newAcademy(t)
	a.have(t, "ipad-1")
	v := kittest.Visit(t, a.handler, "it")
	v.Sent("/fleet/device/ipad-1/issue", url.Values{"to": {"s-teacher"}})
	why := "An allegation was made on Friday."
	if status, text, _ := v.Post("/fleet/device/ipad-1/quarantine", url.Values{"why": {why}, "about": {"other"}, "name": {"Nobody"}}); status != http.StatusUnprocessableEntity || !strings.Contains(text, `href="#name"`) {
		t.Errorf("about nobody there is: %d", status)
	}
	v.Sent("/fleet/device/ipad-1/quarantine", url.Values{"why": {why}, "about": {"other"}, "name": {"the DSL"}})
	v.Says("/fleet/device/ipad-1", "In quarantine since", why, "The dsl, who sees none of this", "-Retire</a>", "-Replace</a>", "-Ask to end")
	for _, deed := range []string{"retire", "replace", "code", "details", "issue"} {
		if status, text, _ := v.Post("/fleet/device/ipad-1/"+deed, url.Values{"with": {"x"}, "to": {"p-1"}, "label": {"New"}}); status == http.StatusSeeOther && deed != "code" || deed == "retire" && !strings.Contains(text, "kept as evidence") {
			t.Errorf("%s of evidence: %d", deed, status)
		}
	}
	for who, secret := range map[string]bool{"office": true, "dsl": true, "deputy-dsl": false, "head": false} {
		v.SignIn(who)
		text := v.Page(http.StatusOK, "/fleet/device/ipad-1")
		if strings.Contains(text, why) == secret {
			t.Errorf("%s reads why: %v", who, !secret)
		}
	}
	v.SignIn("head")
	if status, text, _ := v.Post("/fleet/quarantine/ipad-1/end", nil); status != http.StatusConflict && status != http.StatusForbidden || !strings.Contains(text, "police") {
		t.Errorf("ended before the police advised: %d", status)
	}
	v.Sent("/fleet/device/ipad-1/advice", url.Values{"advice": {"DC Example, by telephone: return it."}})
	v.Sent("/fleet/quarantine/ipad-1/end", nil)
	v.Says("/fleet/quarantine", "Asked by head", "DC Example", "the safeguarding lead", "Agree to end it")
	if tasks := a.config().Tasks(); len(tasks) != 1 || tasks[0].Key != "quarantine-end" {
		t.Errorf("tasks are %+v", tasks)
	}
	for _, who := range []string{"head", "dsl", "deputy-dsl"} { // once more, whom it is about, not of the rule
		v.SignIn(who)
		if status, _, _ := v.Post("/fleet/quarantine/ipad-1/end", url.Values{"once": {who}}); status != http.StatusForbidden {
			t.Errorf("ended by %s: %d", who, status)
		}
	}
	v.SignIn("chair") // sees what ends it, and no device
	v.Says("/fleet/quarantine", why, "-/fleet/device/")
	a.gate.Add("dsl-two", "dsl")
	v.SignIn("dsl-two")
	v.Sent("/fleet/quarantine/ipad-1/end", nil)
	v.Says("/fleet/device/ipad-1", "-In quarantine", "The teacher")
	v.Says("/fleet/quarantine", "None.")
}

// The stream says who has joined, and keeps nobody's session alive.
func TestFollow(t *testing.T) {
	a := newAcademy(t)
	v := kittest.Visit(t, a.handler, "it")
	page := v.Sent("/fleet/enrol", one())
	go func() {
		time.Sleep(50 * time.Millisecond) // the stream is open by then, or begins with this
		a.gate.Set("it", func(w *kitWho) { w.Roles = nil })
	}()
	_, text, _ := v.Get(page + "/events")
	kittest.Has(t, "the stream", text, "event: codes", "event: end", "0 of 1")
}
