package desk

import (
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
)

// What is left over in a tray comes to the office once, by name, from a teacher of
// that class and from no other.
func TestTakeLeft(t *testing.T) {
	c := newCounter(t)
	ctx := t.Context()
	own := By{school.Actor{Account: "tutor", Person: "s-tutor"}, []roles.Assignment{{Role: roles.Teacher, Forms: []string{"5 Oak"}}}}
	thing := LeftThing{ID: "i-left", Form: "5 Oak", What: Phone, Whose: "p-1", Spot: "office-safe"}
	for name, try := range map[string]struct {
		by   By
		l    LeftThing
		code errs.Code
	}{
		"another class’s teacher": {By{own.Actor, []roles.Assignment{{Role: roles.Teacher, Forms: []string{"5 Elm"}}}}, thing, errs.Denied},
		"an account of nobody":    {By{school.Actor{Account: "tutor"}, own.Roles}, thing, errs.Denied},
		"nobody’s":                {own, LeftThing{ID: "i-x", Form: "5 Oak", What: Phone, Spot: "office-safe"}, errs.Invalid},
		"nowhere":                 {own, LeftThing{ID: "i-x", Form: "5 Oak", What: Phone, Whose: "p-1"}, errs.Invalid},
	} {
		if err := c.TakeLeft(ctx, try.by, try.l); errs.CodeOf(err) != try.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	for range 2 { // an answer was lost
		if err := c.TakeLeft(ctx, own, thing); err != nil {
			t.Fatal(err)
		}
	}
	items := c.again(t).Items()
	if len(items) != 1 || items[0].ID != "i-left" || items[0].Why != LeftOver || items[0].Whose != "p-1" || !items[0].Place.same(At("office-safe")) || len(items[0].Trail) != 1 {
		t.Errorf("at the office: %+v", items)
	}
}

// Nothing of somebody goes while a stop or a hold stands on them.
func TestMayGo(t *testing.T) {
	c := newCounter(t)
	if err := c.MayGo("p-1"); err != nil {
		t.Errorf("nothing stands: %v", err)
	}
	if _, err := c.bars.Place(t.Context(), "head", Hold, locker.Subject{Person: "p-1"}); err != nil {
		t.Fatal(err)
	}
	if err := c.MayGo("p-1"); errs.CodeOf(err) != errs.Denied {
		t.Errorf("past a hold: %v", err)
	}
	if err := c.MayGo("p-2"); err != nil {
		t.Errorf("another pupil: %v", err)
	}
}
