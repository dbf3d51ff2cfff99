package school

import "time"

// Day is one school day as moments in UTC.
type Day struct {
	Date         Date
	Template     string
	Week         Week      // "" without a two-week timetable
	Gate         time.Time // hand-in begins
	Register     time.Time // hand-in ends
	Collect      time.Time // collection begins, for the first wave
	CollectUntil time.Time // collection ends
	Periods      []Period  // in order
}

// Period is one lesson, break or the like of one day: From belongs to it, Until
// does not. Its length is Until.Sub(From), whatever clocks on walls did
// meanwhile.
type Period struct {
	Name        string
	Kind        Kind
	From, Until time.Time // UTC
}

// Holds reports whether t lies in the period.
func (p Period) Holds(t time.Time) bool { return !t.Before(p.From) && t.Before(p.Until) }

// Day is how d goes, or false without school.
func (c Calendar) Day(d Date) (Day, bool) {
	t, week, ok := c.template(d)
	if !ok {
		return Day{}, false
	}
	at := func(clock Clock) time.Time { return d.At(clock, c.Zone).UTC() }
	day := Day{Date: d, Template: t.Name, Week: week,
		Gate: at(t.Gate), Register: at(t.Register), Collect: at(t.Collect), CollectUntil: at(t.CollectUntil)}
	for _, b := range t.Bells {
		if p := (Period{b.Name, b.Kind, at(b.From), at(b.Until)}); p.From.Before(p.Until) {
			day.Periods = append(day.Periods, p)
		}
	}
	return day, true
}

// Periods are the periods of n days from first on, in order.
func (c Calendar) Periods(first Date, n int) []Period {
	var list []Period
	for i := range n {
		if day, ok := c.Day(first.Add(i)); ok {
			list = append(list, day.Periods...)
		}
	}
	return list
}
