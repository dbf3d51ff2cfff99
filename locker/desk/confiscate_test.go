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
		mustFault(t, c.field, in.Check(monday, false, true))
	}
	in := phoneOf("p-1", Breach, monday)
	if err := in.Check(monday, true, true); !errors.Is(err, ErrExempt) {
		t.Errorf("from a pupil who may keep their phone: %v", err)
	}
	in.Despite = true
	mustFault(t, "", in.Check(monday, true, true))
}

// A breach of the phone policy at a time when phones are not banned asks whoever
// took the phone once more; another reason, or a place without any phones, does not.
func TestOutsideTheHoursOfTheBan(t *testing.T) {
	c := newCounter(t)
	c.free = true
	in := phoneOf("p-1", Breach, monday)
	if _, err := c.Confiscate(t.Context(), teacher, in); !errors.Is(err, ErrNotBanned) || len(c.Cases()) != 0 {
		t.Errorf("a breach while phones are free: %v, %d cases", err, len(c.Cases()))
	}
	for _, line := range []struct {
		spoil   func(*Confiscation)
		outside bool // on record
	}{
		{func(c *Confiscation) { c.Outside = true }, true},
		{func(c *Confiscation) { c.Zone = Toilets }, false},
		{func(c *Confiscation) { c.Reason, c.Outside = Bullying, true }, false},
	} {
		in := phoneOf("p-1", Breach, monday)
		line.spoil(&in)
		file, err := c.Confiscate(t.Context(), teacher, in)
		if err != nil || file.Facts.Outside != line.outside {
			t.Errorf("%s, %s: %v, on record as outside the hours: %v", in.Reason, in.Zone, err, file.Facts.Outside)
		}
	}
}
