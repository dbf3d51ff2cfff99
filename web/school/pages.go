package school

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/labstack/echo/v4"
)

// shared is what the sections of every live page may need.
type shared struct {
	Bank     string
	AsOf     time.Time
	Demo     *Demo
	Problems []advice
}

// Behind tells whether the board is older than the clock of the demonstration.
func (s shared) Behind() bool {
	return s.Demo != nil && s.Demo.Now.Sub(s.AsOf).Abs() > time.Second
}

// shared makes one problem of every press of Help: they are one errand.
func (s *snapshot) shared(about func(view.Problem) bool) shared {
	out := shared{Bank: strings.ToUpper(s.board.Bank), AsOf: s.board.AsOf, Demo: s.demo}
	helped := false
	for _, p := range s.board.Problems {
		if !about(p) || p.Code == view.HelpAsked && helped {
			continue
		}
		helped = helped || p.Code == view.HelpAsked
		out.Problems = append(out.Problems, s.advise(p))
	}
	return out
}

func everything(view.Problem) bool { return true }

// of gives the problems of one door (person "") or one person (door 0), without
// the link to the page one is on.
func (s *snapshot) of(door int, person string) shared {
	out := s.shared(func(p view.Problem) bool {
		return door != 0 && p.Door == door || person != "" && p.Person == person
	})
	for i := range out.Problems {
		if door != 0 {
			out.Problems[i].Door = 0
		} else {
			out.Problems[i].Person = ""
		}
	}
	return out
}

// tab is one of the lists under the figures.
type tab struct {
	Key, Title string
	Count      int
	Current    bool
	keep       func(view.Person) bool
}

// tabs are the lists the office reads out or looks through. Everybody on the
// roll is on exactly one.
func tabs() []tab {
	return []tab{
		{Key: "not-yet", Title: "Who has not", keep: is(view.NotYet)},
		{Key: "in", Title: "In", keep: is(view.In, view.AtDoor, view.Unsure, view.StillIn)},
		{Key: "out", Title: "Out", keep: is(view.Out)},
		{Key: "exempt", Title: "May keep it", keep: is(view.Exempt)},
	}
}

func is(states ...view.Standing) func(view.Person) bool {
	return func(p view.Person) bool { return slices.Contains(states, p.State) }
}

// boardData is what the sections of the board get.
type boardData struct {
	shared
	Counts view.Counts
	Show   tab
	Tabs   []tab
	Forms  []form // of the list shown
	Query  string
	Found  *found
	Plan   []doorLine
	Key    []view.DoorState
}

// boardPage is the start page: show picks the list, q searches.
func boardPage(get func(string) string, _ *snapshot) (livePage, error) {
	show, q := get("show"), get("q")
	return livePage{
		name: "board", title: "Phones today",
		sections: []string{"asof", "found", "problems", "figures", "tabs", "list", "plan"},
		query:    url.Values{"page": {"board"}, "show": {show}, "q": {q}},
		data:     func(s *snapshot) any { return s.boardData(show, q) },
	}, nil
}

func (s *snapshot) boardData(show, q string) boardData {
	d := boardData{shared: s.shared(everything), Counts: s.board.Counts, Query: q, Found: s.search(q), Tabs: tabs()}
	current := max(0, slices.IndexFunc(d.Tabs, func(t tab) bool { return t.Key == show }))
	d.Tabs[current].Current = true
	for _, p := range s.board.People {
		for i := range d.Tabs {
			if d.Tabs[i].keep(p) {
				d.Tabs[i].Count++
			}
		}
	}
	d.Show = d.Tabs[current]
	d.Forms = byForm(s.roll(d.Show.keep))
	for _, door := range s.board.Doors {
		d.Plan = append(d.Plan, s.doorLine(door))
	}
	d.Key = []view.DoorState{view.DoorFree, view.DoorKeeping, view.DoorOpen,
		view.DoorTrouble, view.DoorOut, view.DoorUnasked}
	return d
}

// personData is what the section of a person's page gets.
type personData struct {
	shared
	line
}

func personPage(get func(string) string, s *snapshot) (livePage, error) {
	id := get("id")
	if _, ok := s.person(id); !ok {
		return livePage{}, errs.New(errs.NotFound, "Nobody of that number is on this board.", "Look for the name on the board.")
	}
	return livePage{
		name: "person", title: "A pupil", sections: []string{"asof", "problems", "person"},
		query: url.Values{"page": {"person"}, "id": {id}},
		data: func(s *snapshot) any {
			p, _ := s.person(id)
			p.ID = id // even when the roll has just lost them
			return personData{s.of(0, id), s.line(p)}
		},
	}, nil
}

// doorLine is one door as the office reads it.
type doorLine struct {
	view.Door
	Owner *line // whose phone is in it, or who is at it
}

// Words says what the door is doing.
func (d doorLine) Words() string { return doorWords(d.State) }

// Sensor says what the door's contact says.
func (d doorLine) Sensor() string { return contactWords(d.Contact) }

func (s *snapshot) doorLine(d view.Door) doorLine {
	out := doorLine{Door: d}
	if d.Person != "" {
		p, ok := s.person(d.Person)
		if !ok {
			p.ID = d.Person
		}
		owner := s.line(p)
		out.Owner = &owner
	}
	return out
}

// doorData is what the section of a door's page gets.
type doorData struct {
	shared
	doorLine
}

func doorPage(get func(string) string, s *snapshot) (livePage, error) {
	n, err := strconv.Atoi(get("n"))
	if _, ok := s.door(n); err != nil || !ok {
		return livePage{}, errs.New(errs.NotFound, "This bank has no door of that number.", "Look at the plan on the board.")
	}
	return livePage{
		name: "door", title: "Door " + strconv.Itoa(n), sections: []string{"asof", "problems", "door"},
		query: url.Values{"page": {"door"}, "n": {strconv.Itoa(n)}},
		data: func(s *snapshot) any {
			d, _ := s.door(n)
			return doorData{s.of(n, ""), s.doorLine(d)}
		},
	}, nil
}

// printData is the list on paper, for when everything else is down.
type printData struct {
	shared
	Forms []form
}

func (o *office) print(c echo.Context) error {
	s := o.snapshot()
	all := s.roll(func(view.Person) bool { return true })
	return o.page(c, http.StatusOK, "print", "List by form", printData{s.shared(everything), byForm(all)})
}
