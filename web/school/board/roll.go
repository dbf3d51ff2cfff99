package board

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// line is one person as the office reads them.
type line struct {
	ID, Name, Form string
	Bank           string // whose board they are on: their own bank; "" for none
	State          view.Standing
	Door           int
	At             time.Time // of what State says; zero when nothing happened today
	Since          string    // At in words; empty for none
	Late           bool
}

// Standing says in words how the person stands.
func (l line) Standing() string {
	if l.Bank == "" {
		return "No locker"
	}
	return standingWords(l.State)
}

// BankName is the short name of their bank.
func (l line) BankName() string { return kit.BankName(l.Bank) }

// Place says where their door is.
func (l line) Place() string {
	switch {
	case l.Bank == "":
		return ""
	case l.Door == 0:
		return kit.BankName(l.Bank)
	}
	return kit.BankName(l.Bank) + ", door " + strconv.Itoa(l.Door)
}

// form is the lines of one form.
type form struct {
	Name  string
	Lines []line
}

// noForm is the form of those who have none.
const noForm = "No form"

// drawRoll joins a name to everybody on a board.
func (s *scene) drawRoll() {
	for _, b := range s.banks {
		for _, p := range b.Board.People {
			l := s.line(b.ID, p)
			s.roll = append(s.roll, l)
			s.byID[l.ID] = l
		}
	}
	sortRoll(s.roll)
}

func sortRoll(roll []line) {
	slices.SortFunc(roll, func(a, b line) int {
		return cmp.Or(compareForms(a.Form, b.Form), strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
}

// line joins the name to a person of a board. Somebody without one is still
// listed: their phone is real.
func (s *scene) line(bank string, p view.Person) line {
	l := line{ID: p.ID, Bank: bank, State: p.State, Door: p.Door, At: p.Since, Since: s.clock(p.Since), Late: p.Late}
	var known bool
	if l.Name, l.Form, known = s.people.Name(p.ID); !known {
		l.Name = "Name not known (" + p.ID + ")"
	}
	l.Form = cmp.Or(l.Form, noForm)
	return l
}

// person finds anybody: on a board, or only on the register.
func (s *scene) person(id string) (line, bool) {
	if l, ok := s.byID[id]; ok {
		return l, true
	}
	_, ok := s.people.Person(id)
	return s.line("", view.Person{ID: id}), ok
}

// who names a person as the office says it: Ada Byron (7A).
func (s *scene) who(id string) string {
	if id == "" {
		return "a pupil"
	}
	l, _ := s.person(id)
	return l.Name + " (" + l.Form + ")"
}

// linesOf gives everybody that keep wants, by form and name.
func (s *scene) linesOf(keep func(line) bool) []line {
	var out []line
	for _, l := range s.roll {
		if keep(l) {
			out = append(out, l)
		}
	}
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

// compareForms puts 7A before 10B, as a school does, and those without a form
// last.
func compareForms(a, b string) int {
	if a == noForm || b == noForm {
		return cmp.Compare(strings.Count(a, noForm), strings.Count(b, noForm))
	}
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

// tab is one of the lists that everybody on the roll is on exactly one of.
type tab struct {
	Key, Title string
	Count      int
	Current    bool
	states     []view.Standing
}

func tabs() []tab {
	return []tab{
		{Key: "not-yet", Title: "Who has not", states: []view.Standing{view.NotYet}},
		{Key: "in", Title: "In", states: []view.Standing{view.In, view.AtDoor, view.Unsure, view.StillIn}},
		{Key: "out", Title: "Out", states: []view.Standing{view.Out}},
		{Key: "exempt", Title: "May keep it", states: []view.Standing{view.Exempt}},
	}
}

func (t tab) keep(l line) bool { return slices.Contains(t.states, l.State) }
