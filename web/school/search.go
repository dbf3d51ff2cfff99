package school

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/bellkeep/bellkeep/locker/view"
	"golang.org/x/text/unicode/norm"
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
	Doors  []doorLine
	More   int // people left out
}

// search looks for q among names, forms and door numbers. A number finds the
// door of that number and whoever belongs to it.
func (s *snapshot) search(q string) *found {
	q = strings.TrimSpace(q)
	if q == "" {
		return nil
	}
	f := &found{Query: q}
	want := plain(q[:min(len(q), maxQuery)])
	number, err := strconv.Atoi(q)
	if err == nil {
		if d, ok := s.door(number); ok {
			f.Doors = append(f.Doors, s.doorLine(d))
		}
	}
	people := s.roll(func(p view.Person) bool {
		name, form, known := s.names.Name(p.ID)
		switch {
		case known && plain(form) == want:
			return true
		case err == nil:
			return p.Door == number
		}
		return known && strings.Contains(plain(name), want)
	})
	f.People = people[:min(len(people), maxFound)]
	f.More = len(people) - len(f.People)
	return f
}

// plain is text as people type it in a hurry: small letters, no accents.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(text))
}
