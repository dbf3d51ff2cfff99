package board

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker/view"
)

// figure is one number at the head of the day, and the list behind it.
type figure struct {
	ID, Title string
	Count     int
	Href      string
	Note      string // "" for none
}

// figures are the three numbers of the office's day, and who is missing once the
// register has been taken.
func (s *scene) figures(d dayData) []figure {
	in := figure{"in", "In", d.All.In, "#banks-title", ""}
	problems := figure{"problems", "Problems", len(d.Problems), "#problems-title", ""}
	if len(d.Problems) == 0 {
		problems.Href = ""
	}
	if s.kept == nil {
		return []figure{in, problems}
	}
	now := s.kept.Now(s.standingOf)
	if in.Count += now.Desk + now.Trays; now.Desk > 0 {
		in.Note = number(now.Desk) + " at the desk"
	}
	if now.Trays > 0 {
		in.Note = strings.TrimPrefix(in.Note+", "+number(now.Trays)+" in class trays", ", ")
	}
	missing := figure{"missing", "Present, not handed in", now.Missing, "/missing", ""}
	if now.Marked == 0 {
		missing.Note = "No attendance marked yet"
	}
	waiting := figure{"waiting", "Waiting for a parent", now.Waiting, "/cases", ""}
	if now.Later > 0 {
		waiting.Note = number(now.Later) + " confiscated, not to go yet"
	}
	return []figure{in, waiting, problems, missing}
}

// standingOf tells how somebody stands at the banks.
func (s *scene) standingOf(person string) view.Standing {
	if l, ok := s.byID[person]; ok && l.Bank != "" {
		return l.State
	}
	return ""
}

// bell is one moment of today's hand-in and collection.
type bell struct {
	At, What string
	Now      bool // it holds at this moment
}

// bells are today's windows: until when pupils hand in, and when which wave
// collects.
func (s *scene) bells() []bell {
	var list []bell
	windows := slices.Clone(s.rules.Plan.Windows)
	slices.SortStableFunc(windows, func(a, b school.Window) int {
		return cmp.Or(a.From.Compare(b.From), cmp.Compare(len(b.Wave), len(a.Wave)))
	})
	for _, w := range windows {
		if school.DateOf(w.From.In(s.now.Location())) != school.DateOf(s.now) {
			continue
		}
		b := bell{At: s.span(w.From, w.Until), Now: w.Holds(s.now)}
		switch {
		case w.Use == school.Deposit:
			b.What = "Hand in"
		case w.Wave == "":
			b.What = "Everybody may collect"
		default:
			b.What = "Collection: " + waveWords(w.Wave)
		}
		list = append(list, b)
	}
	return list
}

func (s *scene) span(from, until time.Time) string {
	zone := s.now.Location()
	return from.In(zone).Format("15:04") + " to " + until.In(zone).Format("15:04")
}

// lain says how long something has lain here in school days, "" for since today.
func (s *scene) lain(since time.Time) string {
	if s.kept == nil || since.IsZero() {
		return ""
	}
	switch n := s.kept.SchoolDays(since, s.now); n {
	case 0:
		if school.DateOf(since.In(s.now.Location())) == school.DateOf(s.now) {
			return ""
		}
		return "since " + since.In(s.now.Location()).Format("Monday 2 January")
	case 1:
		return "since the last school day"
	default:
		return "for " + number(n) + " school days"
	}
}
