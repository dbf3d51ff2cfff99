package school

import (
	"testing"
	"time"
)

func millLane(t *testing.T) Calendar {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return Calendar{
		Zone:   zone,
		Terms:  []Span{{Date{2026, 9, 2}, Date{2026, 12, 19}}},
		Closed: []Span{{Date{2026, 10, 26}, Date{2026, 10, 31}}},
		Bells:  Bells{Clock{8, 15}, Clock{8, 40}, Clock{15, 10}, Clock{16, 30}},
	}
}

func TestSchoolDay(t *testing.T) {
	cal := millLane(t)
	cases := []struct {
		date string
		want bool
		why  string
	}{
		{"2026-09-01", false, "the day before term"},
		{"2026-09-02", true, "the first day of term"},
		{"2026-12-18", true, "the last day of term"},
		{"2026-12-19", false, "until is not part of the term"},
		{"2026-11-21", false, "a Saturday"},
		{"2026-11-22", false, "a Sunday"},
		{"2026-11-23", true, "a Monday"},
		{"2026-10-26", false, "half-term begins"},
		{"2026-10-30", false, "half-term's last day"},
		{"2026-11-02", true, "back again"},
	}
	for _, c := range cases {
		d, err := ParseDate(c.date)
		if err != nil {
			t.Fatal(err)
		}
		if got := cal.SchoolDay(d); got != c.want {
			t.Errorf("SchoolDay(%s) = %v, want %v: %s", c.date, got, c.want, c.why)
		}
	}
}

// Clocks go back on 25 October 2026: the bell keeps ringing at 08:15 by the
// school's wall, an hour later in UTC.
func TestPlanOverClockChange(t *testing.T) {
	cal := millLane(t)
	cal.Closed = nil
	plan := cal.Plan(3, Date{2026, 10, 23}, 5)
	if len(plan.Windows) != 6 { // Friday, Monday, Tuesday
		t.Fatalf("%d windows", len(plan.Windows))
	}
	friday, monday := plan.Windows[0].From, plan.Windows[2].From
	if friday.Format(time.RFC3339) != "2026-10-23T07:15:00Z" || monday.Format(time.RFC3339) != "2026-10-26T08:15:00Z" {
		t.Errorf("gates open at %s and %s", friday, monday)
	}
}

func TestDepositTiming(t *testing.T) {
	plan := millLane(t).Plan(1, Date{2026, 11, 16}, 14)
	cases := []struct {
		at   string
		want Timing
	}{
		{"2026-11-23T08:14:59Z", Outside},
		{"2026-11-23T08:15:00Z", InWindow},
		{"2026-11-23T08:39:59Z", InWindow},
		{"2026-11-23T08:40:00Z", Late},
		{"2026-11-23T15:30:00Z", Late},
		{"2026-11-23T20:15:00Z", Outside},
		{"2026-11-22T09:00:00Z", Outside},
		{"1970-01-01T00:00:00Z", Outside},
	}
	for _, c := range cases {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := plan.DepositTiming(at); got != c.want {
			t.Errorf("%s: %q, want %q", c.at, got, c.want)
		}
	}
}

func TestNextMonday(t *testing.T) {
	cal := millLane(t)
	got, ok := cal.NextMonday(Date{2026, 10, 22}) // half-term's Monday is skipped
	if !ok || got != (Date{2026, 11, 2}) {
		t.Errorf("NextMonday = %v, %v", got, ok)
	}
	if _, ok := cal.NextMonday(Date{2027, 1, 1}); ok {
		t.Error("a Monday was found beyond the last term")
	}
}

func TestInstant(t *testing.T) {
	at := func(boot string, mono time.Duration, wall time.Duration) Instant {
		return Instant{Wall: time.Unix(0, 0).Add(wall), Boot: boot, Mono: mono}
	}
	start := at("x", 0, 0)
	cases := []struct {
		name         string
		now          Instant
		within, past bool
	}{
		{"in time", at("x", 5*time.Second, 0), true, false},
		{"too late", at("x", 5*time.Second+1, 0), false, true},
		{"wall clock stepped back", at("x", 6*time.Second, -time.Hour), false, true},
		{"wall clock stepped on", at("x", 4*time.Second, time.Hour), true, false},
		{"after a restart, soon", at("y", 0, time.Second), false, false},
		{"after a restart, later", at("y", 0, time.Minute), false, true},
	}
	for _, c := range cases {
		if got := c.now.Within(5*time.Second, start); got != c.within {
			t.Errorf("%s: Within = %v", c.name, got)
		}
		if got := c.now.Past(5*time.Second, start); got != c.past {
			t.Errorf("%s: Past = %v", c.name, got)
		}
	}
}
