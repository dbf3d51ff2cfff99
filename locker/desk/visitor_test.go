package desk

import (
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker"
)

// A visitor's device is in the school's custody like any other, and leaves it by no
// way that is for pupils.
func TestVisitorsDevice(t *testing.T) {
	c := newCounter(t)
	in := Intake{What: Phone, Place: At("safe"), Condition: "New."}
	for whose, by := range map[string]By{"p-1": office, "x-v-1": teacher, "": office} {
		if i, err := c.TakeFromVisitor(t.Context(), by, whose, in); err == nil {
			t.Errorf("%s takes in %+v of %q", by.Account, i, whose)
		}
	}
	i, err := c.TakeFromVisitor(t.Context(), office, "x-v-1", in)
	if err != nil || i.Why != OfVisitor || i.Whose != "x-v-1" {
		t.Fatalf("%+v, %v", i, err)
	}
	if err := c.GiveBack(t.Context(), office, i.ID, ToOwner); errs.CodeOf(err) != errs.Denied {
		t.Errorf("given back without a slip: %v", err)
	}
	c.behind(t, i.ID, 1001)
	if err := c.GiveToVisitor(t.Context(), office, i.ID); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("given back while it is behind a door: %v", err)
	}
	if _, err := c.TakeOut(t.Context(), office, i.ID); err != nil {
		t.Error(err)
	}
	c.bank(t, locker.Event{Kind: locker.Collected, Door: 1001, Body: locker.Body{Item: i.ID, By: "office"}})
	if _, err := c.bars.Place(t.Context(), "dsl", Hold, locker.Subject{Item: i.ID}); err != nil {
		t.Fatal(err)
	}
	if err := c.GiveToVisitor(t.Context(), office, i.ID); errs.CodeOf(err) != errs.Denied {
		t.Errorf("given back past a hold: %v", err)
	}
	own, err := c.Take(t.Context(), office, Intake{What: Phone, Why: GivenIn, Whose: "p-1", Place: At("safe")})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.GiveToVisitor(t.Context(), office, own.ID); errs.CodeOf(err) != errs.Denied {
		t.Errorf("a pupil's device to a visitor: %v", err)
	}
	if j, err := c.again(t).Item(i.ID); err != nil || j.Why != OfVisitor || !j.Open() {
		t.Errorf("after a restart %+v, %v", j, err)
	}
}
