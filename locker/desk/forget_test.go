package desk

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
	"github.com/bellkeep/bellkeep/locker"
)

// ended is a confiscation that was closed on the day it was made.
func (c *counter) ended(t *testing.T, whose string, r Reason) Case {
	t.Helper()
	in := phoneOf(whose, r, c.now.Wall)
	in.Despite, c.exempt[whose] = true, true
	in.Account = Account{Room: "14", Happened: "It rang in the lesson.", Condition: "A crack at the top left."}
	file := c.confiscate(t, in)
	if r != PossibleImage {
		if err := c.Return(t.Context(), teacher, file.ID); err != nil {
			t.Fatal(err)
		}
	}
	file, _ = c.Case(file.ID)
	return file
}

// told is what is still written of how a device was taken.
func (c *counter) told(t *testing.T, file Case) string {
	t.Helper()
	a, err := c.Account(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	return a.Happened
}

func (c *counter) forget(t *testing.T, at time.Time) {
	t.Helper()
	c.now.Wall = at
	for range 2 {
		if err := c.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// What was written of a confiscation is erased once it has been kept as long as the
// rules say after the school year, and not before; that there was one stays.
func TestConfiscationIsForgotten(t *testing.T) {
	c := newCounter(t)
	file := c.ended(t, "p-1", Breach)
	open := c.confiscate(t, phoneOf("p-2", Breach, monday))
	c.forget(t, time.Date(2028, 8, 31, 12, 0, 0, 0, time.UTC))
	if c.told(t, file) == "" {
		t.Error("it is erased a day early")
	}
	c.forget(t, time.Date(2028, 9, 1, 0, 0, 0, 0, time.UTC))
	if c.told(t, file) != "" {
		t.Error("it is still there")
	}
	size := c.log.Size()
	c.forget(t, time.Date(2060, 9, 1, 0, 0, 0, 0, time.UTC))
	if c.log.Size() != size {
		t.Error("it is erased again, or an open case is")
	}
	again := c.again(t)
	for _, id := range []string{file.ID, open.ID} {
		kept, err := again.Case(id)
		now, _ := c.Case(id)
		if err != nil || !reflect.DeepEqual(kept, now) || kept.Facts.Reason != Breach {
			t.Errorf("after a restart %+v, %v", kept, err)
		}
	}
}

// Nothing under a hold is erased, nor what may be evidence or was searched, however old
// it is; once the hold has ended, what was under it is.
func TestNothingHeldIsForgotten(t *testing.T) {
	late := time.Date(2060, 9, 1, 0, 0, 0, 0, time.UTC)
	c := newCounter(t)
	held, searched, free := c.ended(t, "p-1", Breach), c.ended(t, "p-2", Breach), c.ended(t, "p-3", Breach)
	image := c.ended(t, "p-4", PossibleImage)
	item := c.ended(t, "p-5", Breach)
	for _, on := range []locker.Subject{{Person: "p-1"}, {Item: item.Item}} {
		if _, err := c.bars.Place(t.Context(), "dsl", Hold, on); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.bars.Place(t.Context(), "office", Stop, locker.Subject{Person: "p-3"}); err != nil {
		t.Fatal(err)
	}
	if err := c.RecordSearch(t.Context(), head, searched.ID, fullSearch(monday)); err != nil {
		t.Fatal(err)
	}
	c.forget(t, late)
	for name, file := range map[string]Case{"of a pupil with a hold": held, "of a held device": item, "that was searched": searched, "that may be an image": image} {
		if c.told(t, file) == "" {
			t.Errorf("a case %s is erased", name)
		}
	}
	if c.told(t, free) != "" {
		t.Error("a stop keeps a case")
	}
	for _, reason := range []Reason{PossibleImage, Evidence} {
		if !c.mustKeep(Case{Item: free.Item, Whose: "p-3", Facts: Facts{Reason: reason}}) {
			t.Errorf("what was taken as %s is not kept once it is closed", reason)
		}
	}
	c.Secret = func(item string) bool { return item == free.Item }
	if !c.mustKeep(free) {
		t.Error("what a safeguarding file is about is not kept once it is closed")
	}
}

// How long confiscations are kept goes by the rules.
func TestKeepingFollowsTheRules(t *testing.T) {
	c := newCounter(t)
	policytest.Watch(t, policy.Default(), func(r policy.Rules) string {
		c.rules = r
		return fmt.Sprint(c.keptUntil(Case{Outcome: Returned, Closed: monday}))
	}, "retention.confiscated_years")
}
