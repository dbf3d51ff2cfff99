package school

import (
	"cmp"
	"fmt"
	"time"
)

// Date is a day of the calendar, without a time zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads 2026-11-23.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date like 2026-11-23", text)
	}
	return DateOf(t), nil
}

// DateOf is t's date where t is.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// String gives 2026-11-23.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// Next is the day after.
func (d Date) Next() Date { return d.Add(1) }

// Add is the day so many days later, or earlier where days is negative.
func (d Date) Add(days int) Date { return DateOf(d.utc(Clock{}).AddDate(0, 0, days)) }

// Before orders dates.
func (d Date) Before(e Date) bool {
	return cmp.Or(d.Year-e.Year, int(d.Month-e.Month), d.Day-e.Day) < 0
}

// Weekday names the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc(Clock{}).Weekday() }

// monday is the first day of the date's week.
func (d Date) monday() Date { return d.Add(-(int(d.Weekday()) + 6) % 7) }

func (d Date) utc(c Clock) time.Time {
	return time.Date(d.Year, d.Month, d.Day, c.Hour, c.Minute, 0, 0, time.UTC)
}

// At is the first moment at which the wall clocks of a zone show c of that day,
// or a later time. So c shown twice means the first time; c skipped means the
// moment of the skip, and what is planned wholly inside a skipped hour takes no
// time at all. A later c is never an earlier moment.
func (d Date) At(c Clock, zone *time.Location) time.Time {
	t := time.Date(d.Year, d.Month, d.Day, c.Hour, c.Minute, 0, 0, zone)
	began, ends := t.ZoneBounds()
	wanted := d.utc(c)
	switch order := wall(t).Compare(wanted); {
	case order > 0: // time.Date counted on from before the skip ...
		return began
	case order < 0: // ... or back from after it
		return ends
	case began.IsZero():
		return t
	}
	_, offset := began.Add(-time.Nanosecond).Zone()
	if first := wanted.Add(-time.Duration(offset) * time.Second); first.Before(began) {
		return first.In(zone)
	}
	return t
}

// wall is what t's wall clock shows, read as if it were UTC.
func wall(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// Clock is a time of day on the school's wall.
type Clock struct{ Hour, Minute int }

// ParseClock reads 08:40.
func ParseClock(text string) (Clock, error) {
	t, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return Clock{}, fmt.Errorf("%q is not a time of day like 08:40", text)
	}
	return Clock{t.Hour(), t.Minute()}, nil
}

// String gives 08:40.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", c.Hour, c.Minute) }

// Before orders times of day.
func (c Clock) Before(d Clock) bool { return c.minutes() < d.minutes() }

func (c Clock) minutes() int { return c.Hour*60 + c.Minute }

// Span is a run of days: From belongs to it, Until does not, as DTEND in
// iCalendar (RFC 5545, 3.6.1).
type Span struct{ From, Until Date }

// Holds reports whether d lies in the span.
func (s Span) Holds(d Date) bool { return !d.Before(s.From) && d.Before(s.Until) }
