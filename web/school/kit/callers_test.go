package kit_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/labstack/echo/v4"
)

// theOne lets one caller in.
type theOne kit.Who

func (o theOne) Who(*http.Request) (kit.Who, bool) { return kit.Who(o), true }

// A route of the API is for its callers only, and leads nobody to another page.
func TestCallers(t *testing.T) {
	may := []roles.Assignment{{Permissions: []roles.Permission{roles.SeeBoard, roles.OpenDoor}}}
	person := kit.Who{Actor: school.Actor{Account: "office", Person: "s-1"}, Roles: may, Proved: time.Now()}
	program, unproved, confined := person, person, person
	program.Program, program.Proved = true, time.Time{}
	unproved.Proved = time.Now().Add(-kit.ProofLasts - time.Second)
	confined.Confined = true
	for _, c := range []struct {
		name                string
		who                 kit.Who
		all, people, tokens int
		door                int // that asks for proof
	}{
		{"a person", person, 200, 200, 403, 200},
		{"a program", program, 200, 403, 200, 403},
		{"a person without proof", unproved, 200, 200, 403, 403},
		{"a confined person", confined, 403, 403, 403, 403},
	} {
		k := kittest.Kit(kittest.People(), nil, time.Now, nil)
		k.Gate = theOne(c.who)
		done := func(c echo.Context) error { return c.NoContent(http.StatusOK) }
		route := func(path string, p roles.Permission, who kit.Callers) kit.Route {
			return kit.Route{Method: "POST", Path: path, Permission: p, Program: true, For: who, Handle: done}
		}
		e, err := k.Serve(kit.Feature{Routes: []kit.Route{route("/api/v1/all", roles.SeeBoard, kit.ForAll), route("/api/v1/people", roles.SeeBoard, kit.ForPeople),
			route("/api/v1/tokens", roles.SeeBoard, kit.ForPrograms), route("/api/v1/door", roles.OpenDoor, kit.ForAll)}})
		if err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]int{"all": c.all, "people": c.people, "tokens": c.tokens, "door": c.door} {
			w := httptest.NewRecorder()
			if e.ServeHTTP(w, httptest.NewRequest("POST", "/api/v1/"+path, nil)); w.Code != want {
				t.Errorf("%s to %s: %d, want %d", c.name, path, w.Code, want)
			}
		}
	}
}
