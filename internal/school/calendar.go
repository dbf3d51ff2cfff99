package school

import (
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

// At is a time of that day in a zone.
func (d Date) At(c Clock, zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, c.Hour, c.Minute, 0, 0, zone)
}

// Next is the day after.
func (d Date) Next() Date { return DateOf(time.Date(d.Year, d.Month, d.Day+1, 0, 0, 0, 0, time.UTC)) }

// Before orders dates.
func (d Date) Before(e Date) bool { return d.String() < e.String() }

// Weekday names the day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Weekday()
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

// Before orders times of day.
func (c Clock) Before(d Clock) bool { return c.Hour*60+c.Minute < d.Hour*60+d.Minute }

// Span is a run of days: From belongs to it, Until does not, as in iCalendar.
type Span struct{ From, Until Date }

// Holds reports whether d lies in the span.
func (s Span) Holds(d Date) bool { return !d.Before(s.From) && d.Before(s.Until) }

// Bells is the shape of a school day.
type Bells struct {
	Gate         Clock // deposit window opens
	Register     Clock // deposit window closes; later deposits are late
	Collect      Clock // collection window opens
	CollectUntil Clock // collection window closes
}

// Calendar says on which days there is school and when the bells ring.
type Calendar struct {
	Zone   *time.Location
	Terms  []Span
	Closed []Span // half-terms, INSET days, bank holidays
	Bells  Bells
}

// SchoolDay reports whether pupils come on d: a weekday in term, not closed.
func (c Calendar) SchoolDay(d Date) bool {
	if wd := d.Weekday(); wd == time.Saturday || wd == time.Sunday {
		return false
	}
	return within(c.Terms, d) && !within(c.Closed, d)
}

// Plan compiles the windows of n days from first on.
func (c Calendar) Plan(version uint64, first Date, n int) Plan {
	p := Plan{Version: version}
	for d := first; n > 0; d, n = d.Next(), n-1 {
		if !c.SchoolDay(d) {
			continue
		}
		p.Windows = append(p.Windows,
			Window{Deposit, d.At(c.Bells.Gate, c.Zone).UTC(), d.At(c.Bells.Register, c.Zone).UTC()},
			Window{Collection, d.At(c.Bells.Collect, c.Zone).UTC(), d.At(c.Bells.CollectUntil, c.Zone).UTC()})
	}
	return p
}

// NextMonday is the first Monday after d with school, or false when the
// calendar has none in the next 400 days.
func (c Calendar) NextMonday(d Date) (Date, bool) {
	for range 400 {
		d = d.Next()
		if d.Weekday() == time.Monday && c.SchoolDay(d) {
			return d, true
		}
	}
	return Date{}, false
}

func within(spans []Span, d Date) bool {
	for _, s := range spans {
		if s.Holds(d) {
			return true
		}
	}
	return false
}
