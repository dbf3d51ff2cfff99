package board

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// moment is what the sections of every live page may need.
type moment struct {
	Now  time.Time // school time
	Demo *kit.Demo

	sight
}

// sight is what the reader of a page may not see beside the school as it is now:
// nobody is led to a page that refuses them.
type sight struct {
	Narrow    bool // nor the pages about pupils
	NoDevices bool
}

func (r reader) sight() sight {
	return sight{Narrow: !r.may(roles.SeePerson, ""), NoDevices: !r.may(roles.SeeDevices, "")}
}

// name tells what is drawn for one sight from what is drawn for another.
func (s sight) name() string { return fmt.Sprintf("%v %v", s.Narrow, s.NoDevices) }

// Leads reports whether a link is for the reader.
func (s sight) Leads(href string) bool {
	switch {
	case strings.HasPrefix(href, "#"), strings.HasPrefix(href, "/bank/"), strings.HasPrefix(href, "/door/"):
		return true
	case strings.HasPrefix(href, "/device"):
		return !s.NoDevices
	}
	return !s.Narrow
}

func (s *scene) moment() moment { return moment{Now: s.now, Demo: s.demo} }

// Behind tells whether the page is older than the clock of the demonstration.
func (m moment) Behind() bool {
	return m.Demo != nil && m.Demo.Now.Sub(m.Now).Abs() > time.Second
}

// dayData is what the sections of the start page get.
type dayData struct {
	moment
	Query    string
	Found    *found
	Problems []advice
	Banks    []bankNow
	Years    []yearLines
	Devices  []deviceTab // nil when there are none
	Stops    int
	Holds    int
	All      view.Counts
	Figures  []figure
	Bells    []bell
}

// formLine is one form at a glance.
type formLine struct {
	Name                    string
	In, NotYet, Out, Exempt int
	Unsure                  int // of In: not certain
}

// yearLines are the forms of one year.
type yearLines struct {
	Name  string
	Forms []formLine
}

// byYear cuts sorted forms into years.
func byYear(forms []formLine) []yearLines {
	var out []yearLines
	for _, f := range forms {
		name := "Others"
		if year, rest := yearOf(f.Name); rest != f.Name {
			name = "Year " + number(year)
		}
		if len(out) == 0 || out[len(out)-1].Name != name {
			out = append(out, yearLines{Name: name})
		}
		last := &out[len(out)-1]
		last.Forms = append(last.Forms, f)
	}
	return out
}

// dayPage is the start page; q searches.
func dayPage(get func(string) string, who reader, s *scene) (livePage, error) {
	q, sight := get("q"), who.sight()
	query := url.Values{}
	if q != "" {
		query.Set("q", q)
	}
	return livePage{name: "day", title: "Today", query: query, reader: s.audience(who) + " " + sight.name(), draw: func(s *scene) (any, []part) {
		d := s.dayData(q, who)
		d.sight = sight
		return d, parts(d, "found", "day-figures", "asof", "problems", "banks", "standing", "devices-brief", "forms")
	}}, nil
}

func (s *scene) dayData(q string, who reader) dayData {
	d := dayData{moment: s.moment(), Query: q, Found: s.search(q), Problems: s.problems(who), Banks: s.banks, Bells: s.bells(),
		Years: byYear(formLines(s.roll)), Devices: s.deviceTabs(deviceQuery{})}
	for _, b := range s.banks {
		d.All.In += b.Board.Counts.In
		d.All.NotYet += b.Board.Counts.NotYet
		d.All.Out += b.Board.Counts.Out
		d.All.Exempt += b.Board.Counts.Exempt
	}
	for _, bar := range s.bars {
		if bar.Kind == desk.Hold {
			d.Holds++
		} else {
			d.Stops++
		}
	}
	d.Figures = s.figures(d)
	return d
}

// formLines counts every form of a sorted roll.
func formLines(roll []line) []formLine {
	var out []formLine
	for _, l := range roll {
		if len(out) == 0 || out[len(out)-1].Name != l.Form {
			out = append(out, formLine{Name: l.Form})
		}
		f := &out[len(out)-1]
		switch l.State {
		case view.NotYet:
			f.NotYet++
		case view.Out:
			f.Out++
		case view.Exempt:
			f.Exempt++
		case view.Unsure:
			f.Unsure++
			f.In++
		default:
			f.In++
		}
	}
	return out
}

// choose marks the current one of tabs and counts the lines of each.
func choose(roll []line, key string) (list []tab, current tab) {
	list = tabs()
	for i := range list {
		for _, l := range roll {
			if list[i].keep(l) {
				list[i].Count++
			}
		}
	}
	i := max(0, slices.IndexFunc(list, func(t tab) bool { return t.Key == key }))
	list[i].Current = true
	return list, list[i]
}
