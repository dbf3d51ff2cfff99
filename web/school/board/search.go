package board

import (
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/locker/view"
)

// The limits of a search.
const (
	maxQuery = 64 // bytes looked at
	maxFound = 40 // people shown: a whole form
)

// found is what a search turned up.
type found struct {
	Query  string
	People []line
	Doors  []place
	More   int // people left out
}

// search looks for q among names, forms and door numbers. A number finds the
// door of that number and whoever belongs to it.
func (s *scene) search(q string) *found {
	q = strings.ToValidUTF8(strings.TrimSpace(q), "")
	if q == "" {
		return nil
	}
	if len(q) > maxQuery {
		q = strings.ToValidUTF8(q[:maxQuery], "")
	}
	f := &found{Query: q}
	people := s.numbered(f)
	for _, p := range s.people.Search(q) {
		l, known := s.byID[p.ID]
		if !known {
			l = s.line("", view.Person{ID: p.ID})
		}
		people = append(people, l)
	}
	f.People = people[:min(len(people), maxFound)]
	f.More = len(people) - len(f.People)
	return f
}

// numbered finds by a door's number.
func (s *scene) numbered(f *found) []line {
	n, err := strconv.Atoi(f.Query)
	if err != nil {
		return nil
	}
	b, d, ok := s.door(n)
	if !ok {
		return nil
	}
	f.Doors = append(f.Doors, place{Bank: b, Door: d})
	return s.linesOf(func(l line) bool { return l.Door == n && l.Bank == b.ID })
}

// Words says what the door is doing.
func (p place) Words() string { return doorWords(p.Door.State) }
