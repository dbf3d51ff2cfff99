package view

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// What orders and staff put on record leaves the board as it should be: who got
// their device by them is out, and what is refused troubles nobody.
func TestBoardAfterOrdersAndStaff(t *testing.T) {
	for _, c := range []struct {
		name    string
		purpose locker.Purpose
		order   string
		end     locker.Kind
		want    Standing
		problem ProblemCode
	}{
		{"an order", locker.Collection, "o-1", locker.Collected, Out, ""},
		{"staff at the kiosk", locker.StaffOpen, "", locker.Collected, Out, ""},
		{"staff, and nothing was taken", locker.StaffOpen, "", locker.StillIn, In, NotEmptied},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := play(t, annIsIn)
			at := school.Instant{Wall: morning.Add(time.Hour), Boot: "one", Mono: time.Hour, Trusted: true}
			by := locker.Body{Person: "ann", Order: c.order, By: "s-1", Attempt: 1, Of: 6}
			opened := by
			opened.Result = locker.Opened
			for i, e := range []locker.Event{
				{Kind: locker.PINAccepted, At: at, Body: locker.Body{By: "s-1"}},
				{Kind: locker.Intent, At: at, Door: 1, Purpose: c.purpose, Body: by},
				{Kind: locker.Outcome, At: at, Door: 1, Body: opened},
				{Kind: c.end, At: at, Door: 1, Body: by},
				{Kind: locker.OrderRefused, At: at, Door: 1, Body: locker.Body{Order: "o-2", By: "s-1", Answer: locker.NothingHeld}},
				{Kind: locker.WindowOpened, At: at, Body: locker.Body{By: "s-1", Until: 9000000}},
				{Kind: locker.WindowEnded, At: at, Body: locker.Body{By: "s-1"}},
				{Kind: locker.PINRefused, At: at, Body: locker.Body{By: "s-1", Answer: locker.WrongPIN}},
				{Kind: locker.StaffRefused, At: at, Body: locker.Body{By: "s-1", Answer: locker.Barred}},
			} {
				f.Apply(uint64(5+i), e)
			}
			b := boardAt(t, f, "2026-11-23 10:00")
			if got := b.People[0].State; got != c.want {
				t.Errorf("ann is %s, want %s", got, c.want)
			}
			var got ProblemCode
			if len(b.Problems) == 1 {
				got = b.Problems[0].Code
			}
			if got != c.problem || len(b.Problems) > 1 {
				t.Errorf("problems %+v, want %q", b.Problems, c.problem)
			}
		})
	}
}
