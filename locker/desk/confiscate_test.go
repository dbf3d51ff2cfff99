package desk

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestConfiscationNeedsAllThatIsAsked(t *testing.T) {
	long := strings.Repeat("x", MaxText+1)
	for _, c := range []struct {
		field string
		spoil func(*Confiscation)
	}{
		{"", func(*Confiscation) {}},
		{"whose", func(c *Confiscation) { c.Whose = "" }},
		{"what", func(c *Confiscation) { c.What = "kite" }},
		{"reason", func(c *Confiscation) { c.Reason = "" }},
		{"zone", func(c *Confiscation) { c.Zone = "moon" }},
		{"taken", func(c *Confiscation) { c.Taken = time.Time{} }},
		{"taken", func(c *Confiscation) { c.Taken = monday.Add(watchAhead + time.Second) }},
		{"taken", func(c *Confiscation) { c.Taken = monday.Add(-recordWithin - time.Second) }},
		{"happened", func(c *Confiscation) { c.Reason, c.Account.Happened = OtherReason, "" }},
		{"room", func(c *Confiscation) { c.Account.Room = long }},
		{"happened", func(c *Confiscation) { c.Account.Happened = long }},
		{"condition", func(c *Confiscation) { c.Account.Condition = long }},
		{"witness", func(c *Confiscation) { c.Account.Witness = long }},
	} {
		in := phoneOf("p-1", Breach, monday)
		c.spoil(&in)
		mustFault(t, c.field, in.Check(monday, false))
	}
	in := phoneOf("p-1", Breach, monday)
	if err := in.Check(monday, true); !errors.Is(err, ErrExempt) {
		t.Errorf("from a pupil who may keep their phone: %v", err)
	}
	in.Despite = true
	mustFault(t, "", in.Check(monday, true))
}
