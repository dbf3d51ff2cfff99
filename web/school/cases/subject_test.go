package cases

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// A device without an owner goes behind a door and out again; one with a case is
// not reached past it.
func TestFoundDeviceAtADoor(t *testing.T) {
	a := newAcademy(t)
	by := desk.By{Actor: school.Actor{Account: "office", Person: "s-office"}, Roles: []roles.Assignment{{Role: roles.Office}}}
	found, err := a.custody.Take(t.Context(), by, desk.Intake{What: desk.Phone, Why: desk.Found, Place: desk.At("safe")})
	if err != nil {
		t.Fatal(err)
	}
	office, base := a.visit(t, "office"), "/item/"+found.ID
	_, text, _ := office.Get(base + "/put")
	says(t, text, "A device without an owner", "Office safe. Stand at the bank", "confiscation door")
	status, _, next := office.Post(base+"/put", url.Values{"bank": {"confiscation d"}})
	if status != http.StatusSeeOther || !strings.HasPrefix(next, base+"/ordered/") {
		t.Fatalf("%d to %s", status, next)
	}
	_, text, _ = office.Get(next)
	says(t, text, "Door 1003 is shut", "The device is behind it.", "Back to the device")
	if i, _ := a.custody.Item(found.ID); i.Place.Kind != desk.Behind {
		t.Errorf("it is at %+v", i.Place)
	}
	_, _, next = office.Post(base+"/take-out", nil)
	_, text, _ = office.Get(next)
	says(t, text, "The device is in your hands.")

	file, _ := a.custody.Case(a.confiscated(t, "p-one", taken()))
	for _, item := range []string{file.Item, "i-none"} {
		if status, _, _ := office.Get("/item/" + item + "/put"); status != http.StatusNotFound {
			t.Errorf("/item/%s/put: %d", item, status)
		}
	}
	if status, _, _ := a.visit(t, "teacher").Post(base+"/put", url.Values{"bank": {"confiscation d"}}); status != http.StatusForbidden {
		t.Errorf("a teacher: %d", status)
	}
}
