package board

import (
	"net/http"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/view"
)

// TestHoldOfABank: whoever may be one of the two is led from the door to the page
// where both sign; nobody else is.
func TestHoldOfABank(t *testing.T) {
	s := newAcademy(false)
	h := handlerFor(t, s, func(*setting) {})
	held := &locker.Hold{By: "s-1", Since: school.Instant{Wall: now.Add(-10 * time.Minute)}}
	s.changeA(func(b *view.Board) { b.Doors[4].Hold, b.Doors[4].State = held, view.DoorHeld })

	office, dsl, deputy := signedIn(t, h), visit(t, h), visit(t, h)
	dsl.signIn("dsl")
	deputy.signIn("deputy-dsl")
	office.says("/door/5", "Held at the bank", "Placed at 08:31 by Sam Caretaker", "each with a passkey: the headteacher and the safeguarding lead", "-End this hold")
	dsl.says("/door/5", "End this hold", `href="/door/5/end-hold"`)
	dsl.says("/bars", "Door 5 of Bank A", "at the bank itself", "End this hold", "-No stop or hold stands")
	deputy.says("/door/5", "Held at the bank", "-End this hold")
}

// Where the rules name the chair of governors, who sees no door and no pupil's
// page, the hold ends from the list of holds.
func TestChairEndsAHold(t *testing.T) {
	s := newAcademy(false)
	log, err := memlog.New("school", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	rules := policy.Default()
	rules.HoldEnd.Second = policy.ApproverDeputyOrChair
	book := desk.New(log, func() ledger.Stamp { return ledger.Stamp{Wall: now, Trusted: true} }, func() policy.Rules { return rules })
	h := handlerFor(t, s, func(c *setting) { c.Desk = book })
	held := &locker.Hold{By: "s-1", Since: school.Instant{Wall: now}}
	s.changeA(func(b *view.Board) { b.Doors[4].Hold, b.Doors[4].State = held, view.DoorHeld })
	bar, err := book.Place(t.Context(), "office", desk.Hold, locker.Subject{Person: "p-5"})
	if err != nil {
		t.Fatal(err)
	}
	chair, head := visit(t, h), visit(t, h)
	chair.signIn("chair")
	head.signIn("head")
	chair.says("/bars", "the headteacher and the deputy safeguarding lead or the chair of governors", `href="/door/5/end-hold"`, `-href="/person/p-5"`)
	head.says(head.sent("/bar/"+bar.ID+"/end-hold", nil), "You asked", "Now a second person within the hour: the deputy safeguarding lead or the chair of governors")
	chair.says(chair.sent("/bar/"+bar.ID+"/end-hold", nil), "Hold ended", "by chair; head had asked for it")
	chair.refuses("/person/p-5/stop", nil, http.StatusForbidden, "")
}

// keptBy says where every device is.
type keptBy struct{ place desk.Place }

func (k keptBy) Item(id string) (desk.Item, error) { return desk.Item{ID: id, Place: k.place}, nil }

// A hold on a device that the police have says so, for it stands on.
func TestHoldOnADeviceWithThePolice(t *testing.T) {
	s := newAcademy(false)
	if _, err := s.Place(t.Context(), "dsl", desk.Hold, locker.Subject{Item: "i-1"}); err != nil {
		t.Fatal(err)
	}
	for place, words := range map[desk.Place][]string{
		{Kind: desk.AtSpot, Spot: "safe"}:                                      {"The device stays where it is", "-The police have"},
		{Kind: desk.Gone, To: desk.ToPolice, Since: now.Add(-5 * time.Minute)}: {"The police have the device since 08:36", "-The device stays where it is"},
	} {
		v := signedIn(t, handlerFor(t, s, func(set *setting) { set.Items = keptBy{place} }))
		v.says("/bars", words...)
	}
}
