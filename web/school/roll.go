package school

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/bellkeep/bellkeep/locker/view"
)

// line is one person as the office reads them.
type line struct {
	ID, Name, Form string
	State          view.Standing
	Door           int
	Since          string // empty when nothing happened today
	Late           bool
}

// Standing says in words how the person stands.
func (l line) Standing() string { return standingWords(l.State) }

// form is the lines of one form.
type form struct {
	Name  string
	Lines []line
}

// line joins the name to a person. Somebody without one is still listed: their
// phone is real.
func (s *snapshot) line(p view.Person) line {
	l := line{ID: p.ID, State: p.State, Door: p.Door, Since: s.clock(p.Since), Late: p.Late}
	var ok bool
	if l.Name, l.Form, ok = s.names.Name(p.ID); !ok {
		l.Name, l.Form = "Name not known ("+p.ID+")", "No form"
	}
	return l
}

// roll gives everybody that keep wants, by form and name.
func (s *snapshot) roll(keep func(view.Person) bool) []line {
	var out []line
	for _, p := range s.board.People {
		if keep(p) {
			out = append(out, s.line(p))
		}
	}
	slices.SortFunc(out, func(a, b line) int {
		return cmp.Or(compareForms(a.Form, b.Form), strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	return out
}

// byForm cuts a sorted roll into forms.
func byForm(roll []line) []form {
	var out []form
	for _, l := range roll {
		if len(out) == 0 || out[len(out)-1].Name != l.Form {
			out = append(out, form{Name: l.Form})
		}
		last := &out[len(out)-1]
		last.Lines = append(last.Lines, l)
	}
	return out
}

// compareForms puts 7A before 10B, as a school does.
func compareForms(a, b string) int {
	na, ra := yearOf(a)
	nb, rb := yearOf(b)
	return cmp.Or(cmp.Compare(na, nb), strings.Compare(ra, rb))
}

// yearOf splits a form into its leading number and the rest. Forms without a
// number come first, as Reception does.
func yearOf(form string) (int, string) {
	digits := len(form) - len(strings.TrimLeftFunc(form, unicode.IsDigit))
	n, err := strconv.Atoi(form[:digits])
	if err != nil {
		return 0, form
	}
	return n, form[digits:]
}

// person finds one person of the board.
func (s *snapshot) person(id string) (view.Person, bool) {
	for _, p := range s.board.People {
		if p.ID == id {
			return p, true
		}
	}
	return view.Person{}, false
}

// door finds one door of the board.
func (s *snapshot) door(n int) (view.Door, bool) {
	for _, d := range s.board.Doors {
		if d.Number == n {
			return d, true
		}
	}
	return view.Door{}, false
}
