package school

import (
	"testing"
	"time"
)

func TestCollectLater(t *testing.T) {
	cal := elmfield(t)
	plan := cal.PlanFor("a", 1, Date{2026, 11, 23}, 2) // a Monday and a Tuesday
	tuesday := moment(t, "2026-11-24T00:00:00Z")
	later := plan.CollectLater(func(from time.Time) time.Duration {
		if from.Before(tuesday) {
			return 0
		}
		return 10 * time.Minute
	})
	if err := later.Validate(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at, wave string
		use      Use
		before   bool
		after    bool
	}{
		{"2026-11-23T15:05:00Z", "year-11", Collection, true, true},
		{"2026-11-24T15:05:00Z", "year-11", Collection, true, false},
		{"2026-11-24T15:15:00Z", "year-11", Collection, true, true},
		{"2026-11-24T15:24:00Z", "years-7-8", Collection, true, false},
		{"2026-11-24T15:25:00Z", "years-7-8", Collection, true, true},
		{"2026-11-24T16:29:00Z", "years-7-8", Collection, true, true},
		{"2026-11-24T16:30:00Z", "years-7-8", Collection, false, false},
		{"2026-11-24T08:15:00Z", "", Deposit, true, true},
		{"2026-11-24T08:40:00Z", "", Deposit, false, false},
	} {
		if b, a := plan.In(c.use, c.wave, moment(t, c.at)), later.In(c.use, c.wave, moment(t, c.at)); b != c.before || a != c.after {
			t.Errorf("%s of %q at %s: %v before, %v later", c.use, c.wave, c.at, b, a)
		}
	}
	gone := plan.CollectLater(func(time.Time) time.Duration { return 24 * time.Hour })
	for _, w := range gone.Windows {
		if w.Use == Collection && w.Wave == "" {
			t.Errorf("%v is left", w)
		}
	}
}
