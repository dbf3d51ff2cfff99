package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/registers"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// There is no way from a governor's account to a pupil: whatever address it asks for,
// by hand or by a form, no answer has a pupil's name, number or class in it. The chair
// of governors, who may be one of two that end a hold, sees of a hold what that takes.
func TestGovernorsReachNoPupil(t *testing.T) {
	t.Parallel()
	w := openSite(t)
	w.fill(t)
	pupil, _ := w.server.People.Person(ownPupil)
	by := registers.By{Actor: school.Actor{Account: "maker", Person: "s-maker"}, Roles: []roles.Assignment{{Role: roles.DSL}}}
	written, err := w.server.Registers.Add(t.Context(), by, "filter-breaches", registers.Said{On: school.DateOf(w.server.Now().Wall),
		Values: map[string]string{"url": "bad.example", "device": "ipad-7", "what": "Shown to " + pupil.Name(), "pupil": ownPupil}})
	if err != nil {
		t.Fatal(err)
	}
	w.objects[ownPupil]["entries"], w.objects[ownPupil]["registers"] = written[0], "filter-breaches"
	hold, err := w.server.Desk.Place(t.Context(), "maker", desk.Hold, locker.Subject{Person: ownPupil})
	if err != nil {
		t.Fatal(err)
	}
	w.objects[ownPupil]["bar"] = hold.ID
	var names, numbers []string
	for _, p := range w.server.People.People() {
		if p.Kind == register.Pupil {
			names, numbers = append(names, p.Name(), p.Family), append(numbers, p.ID)
		}
	}
	if len(numbers) < 10 {
		t.Fatalf("only %d pupils to look for", len(numbers))
	}
	for who, secrets := range map[roles.Role][]string{roles.Governor: append(numbers, names...), roles.Chair: names} {
		reached := 0
		for _, r := range w.Kit.Routes() {
			for _, id := range []string{ownPupil, otherPupil, nobodyID} {
				address := w.address(r, id, ownForm)
				for _, query := range []string{"", "?q=" + pupil.Family, "?kind=entry-added", "?person=" + id, "?term=2026-09-02&show=all"} {
					if r.Method != http.MethodGet && query != "" {
						continue
					}
					answer := w.do(r.Method, address+query, string(who), "")
					if r.Permission != kit.Open && through(answer) && answer.Code < 300 {
						reached++
					}
					text := strings.NewReplacer(address, "", "q="+pupil.Family, "", `value="`+pupil.Family+`"`, "", "person="+id, "").Replace(answer.Body.String()) // it may repeat what was asked
					for _, secret := range secrets {
						if strings.Contains(text, secret) {
							t.Errorf("%s %s shows a %s %q", r.Method, address+query, who, secret)
						}
					}
				}
			}
		}
		if reached == 0 {
			t.Errorf("a %s reaches nothing at all", who)
		}
	}
}
