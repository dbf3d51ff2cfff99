package desk

import (
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
)

// A found device goes behind a bank's door and out again without an owner, and to
// the police with what they leave for it; what is confiscated, held or behind a
// door does not.
func TestFoundDeviceToADoorAndToThePolice(t *testing.T) {
	c := newCounter(t)
	office := somebody(roles.Office)
	found, err := c.Take(t.Context(), office, Intake{What: Phone, Why: Found, Place: At("safe")})
	if err != nil {
		t.Fatal(err)
	}
	put, err := c.Put(t.Context(), office, found.ID, "d", locker.ClassConfiscation)
	if err != nil || put.Order.Item != found.ID || put.Order.Person != "" {
		t.Fatalf("%+v, %v", put, err)
	}
	c.behind(t, found.ID, 3)
	receipt := Receipt{Officer: "PC Able, 123", Reference: "46/1/26"}
	hand := func(what string, by By, item string, r Receipt, want errs.Code) {
		t.Helper()
		if err := c.HandToPolice(t.Context(), by, item, r); errs.CodeOf(err) != want {
			t.Errorf("%s: %v", what, err)
		}
	}
	hand("behind a door", office, found.ID, receipt, errs.Conflict)
	if _, err := c.TakeOut(t.Context(), office, found.ID); err != nil {
		t.Fatal(err)
	}
	c.bank(t, locker.Event{Kind: locker.Collected, Door: 3, Body: locker.Body{Item: found.ID}})
	if i, _ := c.Item(found.ID); !i.Place.same(InHandsOf(office.Person)) {
		t.Errorf("out of the door it is at %+v", i.Place)
	}
	hand("by a teacher", teacher, found.ID, receipt, errs.Denied)
	hand("without a receipt", office, found.ID, Receipt{}, errs.Invalid)
	taken := c.confiscate(t, phoneOf("p-1", Breach, monday))
	hand("confiscated", office, taken.Item, receipt, errs.Denied)
	bar, err := c.bars.Place(t.Context(), "dsl", Stop, locker.Subject{Item: found.ID})
	if err != nil {
		t.Fatal(err)
	}
	hand("stopped", office, found.ID, receipt, errs.Denied)
	if _, err := c.bars.End(t.Context(), somebody(roles.DSL), bar.ID); err != nil {
		t.Fatal(err)
	}
	hand("found", office, found.ID, receipt, "")
	hand("twice", office, found.ID, receipt, errs.Conflict)
	again := c.again(t)
	i, _ := again.Item(found.ID)
	if left, err := again.Receipt(t.Context(), i); err != nil || left != receipt || i.Open() || i.Place.To != ToPolice {
		t.Errorf("after a restart at %+v with %+v, %v", i.Place, left, err)
	}
}

// A held device in a safe goes to the police by what two people signed, and by nothing
// else; its case ends with that, and its hold stands on for the day it comes back.
func TestHeldDeviceGoesFromASafe(t *testing.T) {
	c := newCounter(t)
	dsl := somebody(roles.DSL)
	file := c.confiscate(t, phoneOf("p-1", PossibleImage, monday))
	if err := c.Goes(t.Context(), somebody(roles.Office), file.Item, "c-1"); errs.CodeOf(err) != errs.Denied {
		t.Errorf("by the office: %v", err)
	}
	c.behind(t, file.Item, 3)
	if err := c.Goes(t.Context(), dsl, file.Item, "c-1"); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("behind a door: %v", err)
	}
	c.bank(t, locker.Event{Kind: locker.Collected, Door: 3, Body: locker.Body{Item: file.Item}})
	if err := c.Goes(t.Context(), dsl, file.Item, "c-1"); err != nil {
		t.Fatal(err)
	}
	for _, book := range []*Custody{c.Custody, c.again(t)} {
		i, _ := book.Item(file.Item)
		if i.Place.Kind != Gone || i.Place.To != ToPolice || i.Trail[len(i.Trail)-1].Agreed != "c-1" || !book.Held(i) {
			t.Errorf("%+v", i)
		}
		if ended, err := book.Case(file.ID); err != nil || ended.Outcome != HandedToPolice {
			t.Errorf("its case ended %q, %v", ended.Outcome, err)
		}
	}
	if err := c.Goes(t.Context(), dsl, file.Item, "c-1"); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("twice: %v", err)
	}
}
