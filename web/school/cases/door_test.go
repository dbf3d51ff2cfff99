package cases

import (
	"net/url"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/locker"
)

// TestTheDoorIsFollowed: the page of an order says how the door stands, and looks
// again while that may change. A device whose door nobody shut may be behind it:
// the case and its release say so.
func TestTheDoorIsFollowed(t *testing.T) {
	a := newAcademy(t)
	id := a.confiscated(t, "p-one", taken())
	office := a.visit(t, "office")
	a.at(11, 35)
	_, text, _ := office.Get("/cases/" + id + "/put")
	says(t, text, "Bank D, office: confiscation door")
	a.waits = true
	_, _, next := office.Post("/cases/"+id+"/put", url.Values{"bank": {"confiscation d"}})
	for _, step := range []struct {
		contact locker.Contact
		heading string
	}{{locker.Closed, "Door 1003 is opening"}, {locker.Open, "Door 1003 stands open"}} {
		a.contact = step.contact
		_, text, _ = office.Get(next)
		says(t, text, step.heading, "Put the device in", "Look at the door again")
		if !strings.Contains(text, `hx-get="`+next+`" hx-trigger="every 2s"`) {
			t.Errorf("%s: the page does not look again: %s", step.heading, text)
		}
	}
	a.at(15, 40)
	_, text, _ = office.Get(next)
	if strings.Contains(text, "hx-trigger") {
		t.Error("four hours later the page still looks")
	}
	for _, page := range []string{"", "/release"} {
		_, text, _ = office.Get("/cases/" + id + page)
		says(t, text, "Door 1003 of Bank D was opened for it and not seen to shut. Look inside first: it may be there.")
	}
}

// TestWhoStandsThere: a release says whom the rules let it go to, and names what was
// left out.
func TestWhoStandsThere(t *testing.T) {
	a := newAcademy(t)
	id := a.confiscated(t, "p-one", taken())
	office := a.visit(t, "office")
	a.at(15, 40)
	_, text, _ := office.Get("/cases/" + id + "/release")
	says(t, text, "Only to an adult on this list")
	_, text, _ = office.Post("/cases/"+id+"/release", url.Values{"identity": {"photo-id"}, "name": {"R. Amis"}})
	says(t, text, "Choose who stands before you")
	if strings.Contains(text, "not on the pupil") {
		t.Error("nobody was chosen, and somebody is said not to be on the list")
	}
	a.rules.ReleaseTo = policy.ToPupil
	_, text, _ = office.Get("/cases/" + id + "/release")
	says(t, text, "To the pupil, or to an adult on this list")
	_, text, _ = office.Get("/cases/" + id)
	says(t, text, "Release it")
}

// TestNobodyWasAskedFor: a search without a name says what is missing.
func TestNobodyWasAskedFor(t *testing.T) {
	a := newAcademy(t)
	_, text, _ := a.visit(t, "teacher").Get("/confiscate?q=+")
	says(t, text, "Error: Type a name")
	if _, text, _ = a.visit(t, "teacher").Get("/confiscate"); strings.Contains(text, "Type a name") {
		t.Error("it complains before anybody asked")
	}
}
