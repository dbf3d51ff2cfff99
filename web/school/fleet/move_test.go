package fleet

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

func (a *academy) groups(id string) string {
	l, _ := a.Device(id)
	return strings.Join(l.Device.Groups, " ")
}

// From the trolley to the staff sharing would be free in lessons: IT asks, the
// device stays, and its page says so. To the library nothing is filtered otherwise.
func TestMove(t *testing.T) {
	a := newAcademy(t)
	a.have(t, "ipad-1", "ipad-2")
	v := kittest.Visit(t, a.handler, "it")
	const path = "/fleet/device/ipad-1/details"
	form := url.Values{"label": {"Pad one"}, "groups": {"staff-ipads"}}
	kittest.Has(t, "what it would do", v.Answer(http.StatusOK, path, form), "By the rules in force", "in lessons", "AirDrop and sharing nearby", "<s>off</s>", "as the user likes",
		"one who knows the pupils", "Why, and what could go wrong", `value="staff-ipads" checked`)
	form.Set("asks", "yes")
	kittest.Has(t, "without a reason", v.Answer(http.StatusUnprocessableEntity, path, form), `href="#why"`, "a second person weighs it", `value="staff-ipads" checked`, `name="asks"`)
	if a.groups("ipad-1") != "trolley-1" || len(a.Moves()) > 0 {
		t.Fatal("it has been asked for or done without a reason")
	}
	form.Set("why", "A member of staff lost theirs. Pictures may travel.")
	page := v.Sent(path, form)
	v.Says(page, "Waits to move to other groups", "staff ipads", "Pad one", "A member of staff lost theirs", "AirDrop and sharing nearby", `href="/device-rules/move/`)
	if a.groups("ipad-1") != "trolley-1" {
		t.Fatalf("it is in %s", a.groups("ipad-1"))
	}
	kittest.Has(t, "a second time", v.Answer(http.StatusConflict, path, form), "waits already")
	v.SignIn("office") // who reads no device rules
	v.Says(page, "Waits to move to other groups", "-/device-rules/move/")
	v.SignIn("it")
	v.Sent("/fleet/device/ipad-2/details", url.Values{"groups": {"library"}})
	if a.groups("ipad-2") != "library" || len(a.Moves()) != 1 {
		t.Errorf("a move that filters nothing waits: %s", a.groups("ipad-2"))
	}
}

// A list goes round nothing: what it would move asks for a reason beside it.
func TestMoveFromAList(t *testing.T) {
	a := newAcademy(t)
	a.have(t, "ipad-1", "ipad-2", "ipad-3")
	v := kittest.Visit(t, a.handler, "it")
	list := "id,label,platform,groups\nipad-1,Pad one,ipad,staff-ipads\nipad-2,Pad two,ipad,staff-ipads\nipad-3,Pad three,ipad,library\nipad-9,Nine,ipad,staff-ipads\n"
	text := v.Answer(http.StatusOK, "/fleet/enrol/list", url.Values{"csv": {list}})
	kittest.Has(t, "the check", text, "New: 1", "Changed: 3", "ipad-1 and ipad-2", "to staff ipads", "AirDrop and sharing nearby", "Why, and what could go wrong",
		"Label <span class=\"govuk-visually-hidden\">until now </span><s>Pad ipad-1</s>", "<strong>Pad one</strong>", "<s>trolley 1</s>", "<strong>library</strong>", "-Platform <span")
	_, saw, _ := strings.Cut(text, `name="saw" value="`)
	saw, _, _ = strings.Cut(saw, `"`)
	form := url.Values{"csv": {list}, "saw": {saw}}
	kittest.Has(t, "without a reason", v.Answer(http.StatusUnprocessableEntity, "/fleet/enrol/list", form), `href="#why"`)
	if _, listed := a.Device("ipad-9"); listed || a.groups("ipad-3") != "trolley-1" {
		t.Fatal("half of the list was done")
	}
	form.Set("why", "The trolley is for staff from now on. Pictures may travel.")
	next := v.Sent("/fleet/enrol/list", form)
	v.Says(next, "Joining codes", "0 of 1", "<strong>ipad-1 and ipad-2</strong> to staff ipads: waits for a second person", `href="/device-rules/move/`+a.Moves()[0].ID+`"`)
	if a.groups("ipad-1") != "trolley-1" || a.groups("ipad-2") != "trolley-1" || a.groups("ipad-3") != "library" || a.groups("ipad-9") != "staff-ipads" {
		t.Errorf("they are in %s, %s, %s and %s", a.groups("ipad-1"), a.groups("ipad-2"), a.groups("ipad-3"), a.groups("ipad-9"))
	}
	if moves := a.Moves(); len(moves) != 1 || !slices.Equal(moves[0].Devices, []string{"ipad-1", "ipad-2"}) {
		t.Errorf("there wait %+v", moves)
	}
}

// A list that only moves devices makes no codes: the next page says what waits.
func TestAListOfMovesOnly(t *testing.T) {
	a := newAcademy(t)
	a.have(t, "ipad-1")
	v := kittest.Visit(t, a.handler, "it")
	form := url.Values{"csv": {"id,label,platform,groups\nipad-1,Pad ipad-1,ipad,staff-ipads\n"}, "why": {"It is for staff from now on. Pictures may travel."}}
	_, saw, _ := strings.Cut(v.Answer(http.StatusOK, "/fleet/enrol/list", form), `name="saw" value="`)
	saw, _, _ = strings.Cut(saw, `"`)
	form.Set("saw", saw)
	v.Says(v.Sent("/fleet/enrol/list", form), "Waiting for a second person", "<strong>ipad-1</strong> to staff ipads", "/device-rules/move/", "-Joining codes</h1>", "-of 0")
}

// A spare of the staff is not what a pupil gets instead, and the form says so before.
func TestReplaceByOneOfOtherRules(t *testing.T) {
	a := newAcademy(t)
	a.have(t, "ipad-1", "ipad-2", "ipad-3")
	for id, group := range map[string]string{"ipad-2": "staff-ipads", "ipad-3": "library"} {
		l, _ := a.Device(id)
		l.Device.ID, l.Device.Groups = id+"b", []string{group}
		if err := a.List(t.Context(), "it", l.Device); err != nil {
			t.Fatal(err)
		}
		a.certificates[id+"b"] = "1"
	}
	if err := a.Issue(t.Context(), "it", fleet.Handover{Device: "ipad-1", To: "p-1"}); err != nil {
		t.Fatal(err)
	}
	v := kittest.Visit(t, a.handler, "it")
	const path = "/fleet/device/ipad-1/replace"
	v.Says(path, "Pad ipad-2 (is filtered otherwise: move it first)", "Pad ipad-3<", "-Pad ipad-3 (is")
	kittest.Has(t, "looser", v.Answer(http.StatusForbidden, path, url.Values{"with": {"ipad-2b"}}), "one person alone does not replace it", "Move device ipad-2b to the groups of ipad-1 first")
	v.Sent(path, url.Values{"with": {"ipad-3b"}})
	if a.Holder("ipad-3b") != "p-1" || a.Holder("ipad-2b") != "" {
		t.Error("they have another one")
	}
}

// A list that gives a device that has joined to another platform is refused, and says
// which and why; a device that nobody has seen yet may be corrected.
func TestPlatformFromAList(t *testing.T) {
	a := newAcademy(t)
	a.have(t, "ipad-1")
	if err := a.List(t.Context(), "it", mdm.Device{ID: "ipad-2", Groups: []string{"trolley-1"}, Platform: "ipad"}); err != nil {
		t.Fatal(err)
	}
	v := kittest.Visit(t, a.handler, "it")
	text := v.Answer(http.StatusForbidden, "/fleet/enrol/list", url.Values{"csv": {"id,platform,groups\nipad-1,headwind,trolley-1\n"}})
	kittest.Has(t, "one that has joined", text, "Device ipad-1 has joined, so its platform stays ipad", "under a new id", "ipad-1,headwind")
	kittest.Has(t, "one that has not", v.Answer(http.StatusOK, "/fleet/enrol/list", url.Values{"csv": {"id,platform,groups\nipad-2,headwind,trolley-1\n"}}), "Changed: 1")
}
