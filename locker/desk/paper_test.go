package desk

import (
	"context"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/locker"
)

// While its owner is in an exam paper a device goes back to them by no way.
func TestNothingGoesBackInAPaper(t *testing.T) {
	c := newCounter(t)
	writing := true
	c.Writing = func(person string) bool { return writing && person == "p-1" }
	c.rules.ReleaseTo = policy.ToPupil
	take := func() Item {
		i, err := c.Take(t.Context(), office, Intake{What: Phone, Why: GivenIn, Whose: "p-1", Place: At("safe")})
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	atDesk, behind := take(), take()
	c.behind(t, behind.ID, 1001)
	c.exempt["p-1"] = true
	mistaken := phoneOf("p-1", Breach, monday)
	mistaken.Despite = true
	file := c.confiscate(t, mistaken)
	ways := map[string]func(context.Context) error{
		"at the desk":   func(ctx context.Context) error { return c.GiveBack(ctx, office, atDesk.ID, ToOwner) },
		"to a parent":   func(ctx context.Context) error { return c.GiveBack(ctx, office, atDesk.ID, ToParent) },
		"out of a door": func(ctx context.Context) error { _, err := c.TakeOut(ctx, office, behind.ID); return err },
		"taken wrongly": func(ctx context.Context) error { return c.Return(ctx, teacher, file.ID) },
		"from a tray":   func(context.Context) error { return c.MayGo("p-1") },
		"to the pupil": func(ctx context.Context) error {
			c.now.Wall = bell
			return c.Hand(ctx, office, Release{Case: file.ID, To: ToOwner})
		},
	}
	for way, do := range ways {
		c.now.Wall = monday
		if err := do(t.Context()); errs.CodeOf(err) != errs.Denied || err.Error() != c.inPaper(atDesk).Error() {
			t.Errorf("%s: %v", way, err)
		}
	}
	if err := c.MayGo("p-2"); err != nil {
		t.Errorf("of somebody else: %v", err)
	}
	writing = false
	c.now.Wall = monday
	if err := c.GiveBack(t.Context(), office, atDesk.ID, ToOwner); err != nil {
		t.Errorf("after the paper: %v", err)
	}
	if o, err := c.TakeOut(t.Context(), office, behind.ID); err != nil || o.Order.Kind != locker.OrderTake {
		t.Errorf("after the paper: %+v, %v", o, err)
	}
}
