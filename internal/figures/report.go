package figures

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// Sources are the books that figures are counted from.
type Sources struct {
	Calendar   school.Calendar
	Days       func() []Day
	Cases      func() []desk.Case
	Exceptions func() []exception.Exception
	Person     func(id string) (register.Person, bool)
	// Incidents counts concerns opened between two moments, of those that a viewer
	// may know of; nil where none are kept.
	Incidents func(viewer string, from, until time.Time) Incidents
}

// Incidents are counts of concerns, by words for people.
type Incidents struct {
	Categories, Areas, Outcomes []Part
}

// Part is a named count.
type Part struct {
	Name string
	N    int
}

// Term is one of the calendar's, with a name.
type Term struct {
	Name        string
	From, Until school.Date // until is the day after the last
}

// Terms are those that have begun by a day, the newest first.
func Terms(c school.Calendar, today school.Date) (list []Term) {
	for _, t := range c.Terms {
		if !today.Before(t.From) {
			list = append(list, Term{termName(t), t.From, t.Until})
		}
	}
	slices.Reverse(list)
	return list
}

// termName is what a term is called, with its year.
func termName(t school.Term) string {
	season := "Autumn term"
	switch {
	case t.From.Month < time.April:
		season = "Spring term"
	case t.From.Month < time.August:
		season = "Summer term"
	}
	name := cmp.Or(t.Name, season)
	if strings.ContainsAny(name, "0123456789") {
		return name
	}
	return fmt.Sprintf("%s %d", name, t.From.Year)
}

// Rate is how many of those expected handed in.
type Rate struct {
	Name string
	Told string // in whole per cent, or why not
	of   Tally
	days int
}

// Table is a count and its parts.
type Table struct {
	Title, What string
	Short       string // in the comparison of terms; "" where another table has the same total
	Total       Cell
	Rows        []Line
}

// Line is one part of a table.
type Line struct {
	Name string
	Cell Cell
}

// Report is one term in figures.
type Report struct {
	Term      Term
	Until     school.Date // the first day that is not counted
	Days      int         // school days counted
	Rate      Rate
	Years     []Rate
	Late      Cell // hand-ins
	Missing   Cell // of pupils and days
	Exempt    Cell // of pupils and days
	Tables    []Table
	Departure Cell // lessons in which pupils used phones, against national guidance
}

// Of counts one term for a viewer, up to a day.
func (s Sources) Of(t Term, until school.Date, viewer string) Report {
	if t.Until.Before(until) {
		until = t.Until
	}
	r := Report{Term: t, Until: until}
	r.days(s.Days())
	from, to := t.From.At(school.Clock{}, s.Calendar.Zone), until.At(school.Clock{}, s.Calendar.Zone)
	r.confiscations(s, from, to)
	r.exceptions(s, from, to)
	if s.Incidents != nil {
		n := s.Incidents(viewer, from, to)
		r.table("Concerns", "Concerns and incidents, by category", "opened this term", n.Categories)
		r.table("", "Concerns and incidents, by area", "opened this term", n.Areas)
		r.table("", "Concerns and incidents, by outcome", "of those opened this term", n.Outcomes)
	}
	return r
}

// days adds up the days of the term, as a whole and by year group.
func (r *Report) days(all []Day) {
	years := map[string]*Rate{}
	for _, d := range all {
		if d.Date.Before(r.Term.From) || !d.Date.Before(r.Until) {
			continue
		}
		r.Days++
		for year, t := range d.Years {
			if years[year] == nil {
				years[year] = &Rate{Name: yearWords(year)}
			}
			years[year].of, years[year].days = years[year].of.plus(t), years[year].days+1
			r.Rate.of = r.Rate.of.plus(t)
		}
	}
	r.Rate.days = r.Days
	r.Rate.Told = r.Rate.words()
	r.Late, r.Missing, r.Exempt = One(r.Rate.of.Late), One(r.Rate.of.Expected-r.Rate.of.In), One(r.Rate.of.Exempt)
	for _, year := range years {
		year.Told = year.words()
		r.Years = append(r.Years, *year)
	}
	slices.SortFunc(r.Years, func(a, b Rate) int { return cmp.Or(cmp.Compare(len(a.Name), len(b.Name)), cmp.Compare(a.Name, b.Name)) })
	r.withholdYears()
}

// big is how many pupils a day a group must have for its rate to be told.
const big = 10

// notShown stands for a number that could give single pupils away.
const notShown = "not shown"

// words are the rate, if the group is big enough and neither side of it is few.
func (r Rate) words() string {
	in, out := r.of.In, r.of.Expected-r.of.In
	switch {
	case r.of.Expected == 0:
		return "no figures yet"
	case r.of.Expected < big*r.days:
		return notShown
	case One(out).Told == Few:
		return "more than 99%"
	case One(in).Told == Few:
		return "less than 1%"
	}
	return fmt.Sprintf("%d%%", int(math.Floor(100*float64(in)/float64(r.of.Expected))))
}

// withholdYears keeps the one year that is not shown from being worked out from the
// whole: the smallest beside it is not shown either.
func (r *Report) withholdYears() {
	least, few := -1, 0
	for i, y := range r.Years {
		switch {
		case y.Told == notShown:
			few++
		case least < 0 || y.of.Expected < r.Years[least].of.Expected:
			least = i
		}
	}
	if few == 1 && least >= 0 {
		r.Years[least].Told = notShown
	}
}

func yearWords(year string) string {
	switch year {
	case "":
		return "No year group"
	case "R":
		return "Reception"
	}
	return "Year " + year
}
