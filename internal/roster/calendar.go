package roster

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
)

// maxTerm is how many days a term may have.
const maxTerm = 400

func (r *reader) calendar(f schoolFile) school.Calendar {
	waves := r.waves(f.Waves)
	cal := school.Calendar{Zone: r.zone, Terms: r.terms(f.Terms), Closed: r.closed(f.Closed), Waves: waves, Templates: r.templates(f.Templates, waves)}
	cal.Usual = r.usual(f.Days, cal)
	cal.Overrides = r.overrides(f.Overrides, cal)
	return cal
}

func (r *reader) terms(list []termFile) []school.Term {
	var terms []school.Term
	for i, f := range bounded(r, "terms", list) {
		t := school.Term{Name: f.Name, Span: r.span("terms", spanFile{From: f.From, Until: f.Until}), Weeks: r.weeks(f)}
		if t.From.Add(maxTerm).Before(t.Until) {
			r.fault(f.Until.Line, "terms: from %s until %s is more than %d days", f.From.V, f.Until.V, maxTerm)
		}
		if i > 0 && t.From.Before(terms[i-1].Until) {
			r.fault(f.From.Line, "terms: from %s lies before the end of the term ahead of it, %s", f.From.V, terms[i-1].Until)
		}
		if i > 0 && (t.Weeks.First == "") != (terms[0].Weeks.First == "") {
			r.fault(f.From.Line, "terms: weeks: first: name A or B in every term or in none")
		}
		terms = append(terms, t)
	}
	if len(terms) == 0 {
		r.fault(0, "terms: name at least one term")
	}
	return terms
}

func (r *reader) weeks(f termFile) school.Weeks {
	if f.Weeks.SkipClosed && f.Weeks.First.V == "" {
		r.fault(f.From.Line, "terms: weeks: first: is missing, A or B")
	}
	return school.Weeks{First: r.week("terms: weeks: first", f.Weeks.First), SkipClosed: f.Weeks.SkipClosed}
}

func (r *reader) week(key string, v text) school.Week {
	w := school.Week(v.V)
	if w != "" && w != school.WeekA && w != school.WeekB {
		r.fault(v.Line, "%s: %q is neither A nor B", key, v.V)
	}
	return w
}

func (r *reader) closed(list []spanFile) []school.Span {
	var spans []school.Span
	for _, f := range bounded(r, "closed", list) {
		spans = append(spans, r.span("closed", f))
	}
	return spans
}

func (r *reader) span(key string, f spanFile) school.Span {
	from, began := r.date(key+": from", f.From, f.Until.Line)
	until, ended := r.date(key+": until", f.Until, f.From.Line)
	if began && ended && !from.Before(until) {
		r.fault(f.From.Line, "%s: until %s must be after from %s (the day of until is not part of it)", key, f.Until.V, f.From.V)
	}
	return school.Span{From: from, Until: until}
}

// usual reads which template holds on which weekday.
func (r *reader) usual(list []usualFile, cal school.Calendar) []school.Usual {
	var usual []school.Usual
	type slot struct {
		day  time.Weekday
		week school.Week
	}
	lineOf := map[slot]int{}
	for _, f := range bounded(r, "days", list) {
		week := r.week("days: week", f.Week)
		r.lettered("days", f.Week, cal)
		if len(f.On) == 0 {
			r.fault(f.Template.Line, "days: on: name at least one weekday")
			continue
		}
		r.named("days", f.Template, f.On[0].Line, cal)
		for _, on := range f.On {
			day, ok := weekday(on.V)
			key := slot{day, week}
			switch {
			case !ok:
				r.fault(on.Line, "days: on: %q is not a weekday like monday", on.V)
				continue
			case lineOf[key] != 0:
				r.fault(on.Line, "days: %s stands on line %d already", on.V, lineOf[key])
			}
			lineOf[key] = on.Line
			usual = append(usual, school.Usual{Weekday: day, Week: week, Template: f.Template.V})
		}
	}
	if len(usual) == 0 {
		r.fault(0, "days: say which template holds on which weekday")
	}
	return usual
}

func (r *reader) overrides(list []overrideFile, cal school.Calendar) []school.Override {
	var overrides []school.Override
	lineOf := map[school.Date]int{}
	for _, f := range bounded(r, "overrides", list) {
		date, ok := r.date("overrides: date", f.Date, f.Template.Line)
		if !ok {
			continue
		}
		o := school.Override{Date: date, Template: f.Template.V, Week: r.week("overrides: week", f.Week)}
		r.lettered("overrides", f.Week, cal)
		if f.Template.V == "" && f.Week.V == "" {
			r.fault(f.Date.Line, "overrides: %s: name a template, a week or both", f.Date.V)
		} else if f.Template.V != "" {
			r.named("overrides", f.Template, f.Date.Line, cal)
		}
		if first := lineOf[o.Date]; first != 0 {
			r.fault(f.Date.Line, "overrides: %s stands on line %d already", f.Date.V, first)
		}
		lineOf[o.Date] = f.Date.Line
		r.dated(f, o, cal)
		overrides = append(overrides, o)
	}
	return overrides
}

// dated checks that an override falls on a day it can change.
func (r *reader) dated(f overrideFile, o school.Override, cal school.Calendar) {
	sameDay := func(u school.Usual) bool { return u.Weekday == o.Date.Weekday() }
	switch {
	case !slices.ContainsFunc(cal.Terms, func(t school.Term) bool { return t.Holds(o.Date) }):
		r.fault(f.Date.Line, "overrides: %s lies in no term", f.Date.V)
	case slices.ContainsFunc(cal.Closed, func(s school.Span) bool { return s.Holds(o.Date) }):
		r.fault(f.Date.Line, "overrides: %s is closed", f.Date.V)
	case o.Template == "" && !slices.ContainsFunc(cal.Usual, sameDay):
		r.fault(f.Date.Line, "overrides: %s is a %s, which has no template", f.Date.V, o.Date.Weekday())
	}
}

// named checks that a template is described.
func (r *reader) named(key string, v text, near int, cal school.Calendar) {
	if _, ok := cal.Templates[v.V]; !ok {
		r.fault(cmp.Or(v.Line, near), "%s: there is no template %q", key, v.V)
	}
}

// lettered checks that a letter means something in this school.
func (r *reader) lettered(key string, v text, cal school.Calendar) {
	if v.V != "" && !slices.ContainsFunc(cal.Terms, func(t school.Term) bool { return t.Weeks.First != "" }) {
		r.fault(v.Line, "%s: week %s needs terms that say weeks: {first: A}", key, v.V)
	}
}

func weekday(name string) (time.Weekday, bool) {
	for day := time.Sunday; day <= time.Saturday; day++ {
		if strings.EqualFold(day.String(), name) {
			return day, true
		}
	}
	return 0, false
}
