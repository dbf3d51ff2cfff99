package records

import (
	"context"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/exam"
)

// An exam's page tells that a device is kept, and nothing that points at a hold; and
// who writes a paper is barred at the banks, and in no other list.
func TestExamsSeeWhatIsKept(t *testing.T) {
	parts := partsOf(t, elmfield(t), vaultOf(t))
	door := desk.Place{Kind: desk.Behind, Bank: "a", Door: 7}
	parts.Stamp = func() ledger.Stamp { return ledger.Stamp{Wall: monday, Trusted: true, Boot: "one"} }
	parts.Behind = func() map[string]desk.Place { return map[string]desk.Place{"p-behind": door} }
	books := New(parts)
	var roll register.Roll
	for _, given := range []string{"Ann", "Ben"} {
		roll.People = append(roll.People, register.Entry{Kind: register.Pupil, Details: register.Details{MIS: given, Given: given, Family: "Example", Form: "11A", Year: "11"}})
	}
	must(t, books.People.Apply(t.Context(), "it", register.Diff(books.People.State(), roll), register.Stated{}))
	ann, _ := books.People.ByMIS("Ann")
	ben, _ := books.People.ByMIS("Ben")
	office := desk.By{Actor: school.Actor{Account: "office", Person: "s-office"}, Roles: []roles.Assignment{{Role: roles.Office}, {Role: roles.Exams}}}
	take := func(whose string) desk.Item {
		i, err := books.Custody.Take(t.Context(), office, desk.Intake{What: desk.Phone, Why: desk.GivenIn, Whose: whose, Place: desk.At("office-safe")})
		must(t, err)
		return i
	}
	take(ann.ID)
	held := take(ben.ID)
	_, err := books.Desk.Place(context.Background(), "dsl", desk.Hold, locker.Subject{Item: held.ID})
	must(t, err)
	kept := books.kept()
	if list := kept["p-behind"]; len(list) != 1 || list[0].Place != door {
		t.Errorf("behind a door: %+v", list)
	}
	if list := kept[ann.ID]; len(list) != 1 || list[0].Place.Spot != "office-safe" {
		t.Errorf("at the desk: %+v", list)
	}
	if list := kept[ben.ID]; len(list) != 1 || list[0].Place != (desk.Place{}) {
		t.Errorf("under a hold: %+v", list)
	}
	_, err = books.Exams.Set(t.Context(), office, exam.Draft{Paper: exam.Paper{Title: "Art", Rooms: []string{"4"}}, Start: monday.Add(10 * time.Minute), Minutes: 60, Candidates: []exam.Candidate{{Person: ann.ID}}})
	must(t, err)
	now := school.Instant{Wall: monday, Trusted: true}
	dir, _ := books.Compile(now, locker.Rules{})
	later := school.Instant{Wall: monday.Add(10 * time.Minute), Trusted: true}
	who := locker.Subject{Person: ann.ID}
	if dir.Barred(who, now) || !dir.Barred(who, later) || len(books.Desk.Standing()) != 1 {
		t.Errorf("bars %+v, and stops %+v", dir.Bars, books.Desk.Standing())
	}
}
