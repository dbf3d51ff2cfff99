package registers

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
)

// Standing is how a register stands today.
type Standing struct {
	Kind    Kind
	Entries int
	Last    school.Date // of the newest entry; zero: there is none

	Open, Late int // entries without an outcome, and those of them past their day
	Unseen     int // entries that nobody who must has seen

	Next    school.Date // when the next entry is due; zero: never by the calendar
	Overdue bool        // that day has passed

	Done, Of int  // entries of this school year, and how many there must be
	Unset    bool // the rules are to say how many, and do not

	Lacking []string // of whom or what there is no entry that counts: ids, classes, names of policies
	Needed  int      // how many there must be one of

	Warnings []policy.Warning
}

// Needs reports whether somebody should do something about the register.
func (s Standing) Needs() bool {
	return s.Late > 0 || s.Unseen > 0 || s.Overdue || s.Unset || len(s.Lacking) > 0 || len(s.Warnings) > 0
}

// Standing is how a register stands, by the entries that the viewer may know of.
func (b *Book) Standing(k Kind, viewer string) Standing {
	today := b.today()
	s := Standing{Kind: k}
	entries := b.Entries(k, viewer)
	for _, e := range entries {
		s.Entries++
		if s.Last.Before(e.On) {
			s.Last = e.On
		}
		if e.Open(k) {
			s.Open++
		}
		if e.Late(k, today) {
			s.Late++
		}
		if e.Unseen(k) {
			s.Unseen++
		}
	}
	b.rhythm(&s, entries, today)
	b.lacking(&s, entries, today)
	for _, w := range policy.Warnings(b.Rules(), today) {
		if slices.Contains(k.WarnBy, w.Key) {
			s.Warnings = append(s.Warnings, w)
		}
	}
	return s
}

// rhythm says when the next entry is due. Of so many in a school year, each is due by
// the end of its share of the year.
func (b *Book) rhythm(s *Standing, entries []Entry, today school.Date) {
	k := s.Kind
	if k.Months > 0 && k.Each == "" {
		s.Next = addMonths(s.Last, k.Months)
		if s.Last == (school.Date{}) {
			s.Next = today // there never was one: it is due, and not late yet
		}
	}
	s.Of = k.PerYear
	if rule, ok := policy.Find(k.PerYearBy); ok {
		s.Of, _ = strconv.Atoi(rule.Value(b.Rules()))
		s.Unset = s.Of == 0
	}
	if s.Of > 0 {
		start := yearOf(today)
		for _, e := range entries {
			if !e.On.Before(start) && !today.Before(e.On) {
				s.Done++
			}
		}
		if s.Done < s.Of {
			s.Next = addMonths(start, 12*(s.Done+1)/s.Of).Add(-1)
		}
	}
	s.Overdue = s.Next != (school.Date{}) && s.Next.Before(today)
}

// lacking says of whom or what there is no entry that counts: none at all, none in the
// months it lasts, none whose next day is still to come.
func (b *Book) lacking(s *Standing, entries []Entry, today school.Date) {
	k := s.Kind
	subjects := b.subjects(k)
	s.Needed = len(subjects)
	current := map[string]bool{}
	for _, e := range entries {
		until := e.Due
		if k.Months > 0 {
			until = addMonths(e.On, k.Months)
		}
		if until == (school.Date{}) || !until.Before(today) {
			current[fold(e.Values[k.EachField])] = true
		}
	}
	for _, subject := range subjects {
		if !current[fold(subject)] {
			s.Lacking = append(s.Lacking, subject)
		}
	}
}

// subjects are all of whom or what a register must have an entry.
func (b *Book) subjects(k Kind) (list []string) {
	if rule, ok := policy.Find(k.Each); ok {
		for line := range strings.Lines(rule.Value(b.Rules())) {
			list = append(list, strings.TrimSpace(line))
		}
		return list
	}
	for _, p := range b.People.People() {
		switch {
		case k.Each == EachStaff && p.Kind == register.Staff:
			list = append(list, p.ID)
		case k.Each == EachForm && p.Kind == register.Pupil && p.Form != "" && !slices.Contains(list, p.Form):
			list = append(list, p.Form)
		}
	}
	if k.Each == EachForm {
		slices.Sort(list)
	}
	return list
}

// fold is a name without what people write differently.
func fold(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// yearOf is the first day of the school year that a day is in.
func yearOf(d school.Date) school.Date {
	if d.Month < time.September {
		d.Year--
	}
	return school.Date{Year: d.Year, Month: time.September, Day: 1}
}

// addMonths is the same day so many months later, or the last day of that month.
func addMonths(d school.Date, n int) school.Date {
	first := time.Date(d.Year, d.Month, 1, 0, 0, 0, 0, time.UTC).AddDate(0, n, 0)
	last := first.AddDate(0, 1, -1).Day()
	return school.Date{Year: first.Year(), Month: first.Month(), Day: min(d.Day, last)}
}
