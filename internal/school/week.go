package school

import "slices"

// Week is a letter of a two-week timetable, or "" in a school without one.
type Week string

// The letters.
const (
	WeekA Week = "A"
	WeekB Week = "B"
)

// Weeks says how a term's weeks take turns. The week that holds the term's
// first day is First; every Monday the letter changes.
type Weeks struct {
	First      Week // "" without a two-week timetable
	SkipClosed bool // a week closed from end to end uses up no letter
}

func (w Week) other() Week {
	if w == WeekA {
		return WeekB
	}
	return WeekA
}

// week is the letter of d's week in its term.
func (c Calendar) week(t Term, d Date) Week {
	w := t.Weeks.First
	if w == "" {
		return ""
	}
	last := d.monday()
	for monday := t.From.monday(); monday.Before(last); monday = monday.Add(7) {
		if !t.Weeks.SkipClosed || c.openWeek(t, monday) {
			w = w.other()
		}
	}
	return w
}

// openWeek reports whether a term's week from monday on has a day with school.
// It asks for no letter, as the letter depends on it.
func (c Calendar) openWeek(t Term, monday Date) bool {
	for i := range 7 {
		d := monday.Add(i)
		if t.Holds(d) && !c.closed(d) && c.expected(d) {
			return true
		}
	}
	return false
}

// expected reports whether d's weekday is one with school in some week, or an
// override makes it so.
func (c Calendar) expected(d Date) bool {
	return c.override(d).Template != "" ||
		slices.ContainsFunc(c.Usual, func(u Usual) bool { return u.Weekday == d.Weekday() })
}
