package school

import (
	"slices"
	"time"
)

// Calendar says on which days there is school and how each of them goes. A day
// has school when it lies in a term, is not closed, and a template holds on it:
// by an override, or else by what is usual on its weekday.
type Calendar struct {
	Zone      *time.Location
	Terms     []Term // in order, without overlap
	Closed    []Span // half-terms, INSET days, bank holidays
	Templates map[string]Template
	Usual     []Usual
	Overrides []Override
	Waves     []Wave
}

// Term is a span of days in which a school may be open.
type Term struct {
	Span
	Name  string
	Weeks Weeks
}

// Usual says which template holds on a weekday. One for weeks of that letter
// goes before one for every week.
type Usual struct {
	Weekday  time.Weekday
	Week     Week // "" for every week
	Template string
}

// Override changes one day: its template, its week's letter, or both. What is
// empty stays as usual. It opens no day that is closed.
type Override struct {
	Date     Date
	Template string
	Week     Week
}

// MondayToFriday lets one template hold on five days of every week.
func MondayToFriday(template string) []Usual {
	var list []Usual
	for day := time.Monday; day <= time.Friday; day++ {
		list = append(list, Usual{Weekday: day, Template: template})
	}
	return list
}

// SchoolDay reports whether pupils come on d.
func (c Calendar) SchoolDay(d Date) bool {
	_, _, ok := c.template(d)
	return ok
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

// template is the shape of day d and its week's letter, or false without
// school.
func (c Calendar) template(d Date) (Template, Week, bool) {
	i := slices.IndexFunc(c.Terms, func(t Term) bool { return t.Holds(d) })
	if i < 0 || c.closed(d) {
		return Template{}, "", false
	}
	o := c.override(d)
	week := o.Week
	if week == "" {
		week = c.week(c.Terms[i], d)
	}
	name := o.Template
	if name == "" {
		name = c.usual(d.Weekday(), week)
	}
	t, ok := c.Templates[name]
	return t, week, ok
}

func (c Calendar) closed(d Date) bool {
	return slices.ContainsFunc(c.Closed, func(s Span) bool { return s.Holds(d) })
}

func (c Calendar) override(d Date) Override {
	i := slices.IndexFunc(c.Overrides, func(o Override) bool { return o.Date == d })
	if i < 0 {
		return Override{}
	}
	return c.Overrides[i]
}

// usual is the template's name, "" when there is no school on that weekday.
func (c Calendar) usual(day time.Weekday, week Week) string {
	name := ""
	for _, u := range c.Usual {
		if u.Weekday == day && (u.Week == "" && name == "" || u.Week != "" && u.Week == week) {
			name = u.Template
		}
	}
	return name
}
