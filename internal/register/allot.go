package register

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/locker"
)

// Allot gives every pupil on the roll who has no home bank one, and at a bank
// of fixed doors a door; it returns the placements to Assign and the ids of
// pupils for whom there was no room. A form stays together at one bank where
// one has room for it; who has a place keeps it.
//
// People are all of the book, leavers too: their doors stay theirs until held
// says that nothing is kept there. Without held, nobody's door is given up.
func Allot(people []Person, banks []locker.Setup, held func(person string, at locker.Place) bool) (placements []Placement, without []string) {
	a := newAllotter(banks)
	var forms [][]Person
	byForm := map[string]int{}
	people = slices.Clone(people)
	slices.SortFunc(people, byOrder)
	for _, p := range people {
		switch {
		case !p.OnRoll() && p.Bank != "" && held != nil && !held(p.ID, p.Place):
			placements = append(placements, Placement{Person: p.ID})
		case p.Bank != "":
			a.keep(p)
		case p.OnRoll() && p.Kind == Pupil:
			i, known := byForm[p.Form]
			if !known {
				i = len(forms)
				byForm[p.Form], forms = i, append(forms, nil)
			}
			forms[i] = append(forms[i], p)
		}
	}
	for _, form := range forms {
		placed, left := a.place(form)
		placements, without = append(placements, placed...), append(without, left...)
	}
	return placements, without
}

// byOrder sorts by year, form and name, so that a year's forms lie side by side.
func byOrder(a, b Person) int {
	return cmp.Or(cmp.Compare(yearNumber(a.Year), yearNumber(b.Year)), strings.Compare(a.Form, b.Form),
		strings.Compare(sortKey(a.Details), sortKey(b.Details)), strings.Compare(a.ID, b.ID))
}

// yearNumber orders years; N1, R and what is no number come first.
func yearNumber(year string) int {
	n, err := strconv.Atoi(year)
	if err != nil {
		return 0
	}
	return n
}

type allotter struct {
	banks []*room
	mates map[string]map[string]int // by form, then bank: how many have their place there
}

// room is what is left of a bank.
type room struct {
	bank  string
	doors []int // free, ascending; of a bank without fixed doors, only their number counts
	fixed bool
}

func newAllotter(banks []locker.Setup) *allotter {
	a := &allotter{mates: map[string]map[string]int{}}
	for _, b := range banks {
		doors := slices.Clone(b.Doors)
		slices.Sort(doors)
		a.banks = append(a.banks, &room{b.Bank, doors, b.Allotment != locker.Dynamic})
	}
	return a
}

// keep takes p's place out of what is left.
func (a *allotter) keep(p Person) {
	for _, r := range a.banks {
		if r.bank == p.Bank {
			r.take(p.Door)
		}
	}
	if p.OnRoll() && p.Kind == Pupil {
		if a.mates[p.Form] == nil {
			a.mates[p.Form] = map[string]int{}
		}
		a.mates[p.Form][p.Bank]++
	}
}

func (r *room) take(door int) {
	if !r.fixed && len(r.doors) > 0 {
		r.doors = r.doors[1:]
		return
	}
	r.doors = slices.DeleteFunc(r.doors, func(d int) bool { return d == door })
}

// place gives a form's newcomers their places, at as few banks as may be.
func (a *allotter) place(form []Person) (placed []Placement, without []string) {
	for len(form) > 0 {
		r := a.choose(form)
		if r == nil {
			for _, p := range form {
				without = append(without, p.ID)
			}
			return placed, without
		}
		n := min(len(form), len(r.doors))
		for _, p := range form[:n] {
			at := locker.Place{Bank: r.bank}
			if r.fixed {
				at.Door = r.doors[0]
			}
			r.doors = r.doors[1:]
			placed = append(placed, Placement{p.ID, at})
		}
		form = form[n:]
	}
	return placed, without
}

// choose finds the bank for a form: one with room for all of it, or else as
// many as may be; of several the one where most of the form is, or the first.
// It is nil when all are full.
func (a *allotter) choose(form []Person) *room {
	var open []*room
	for _, r := range a.banks {
		if len(r.doors) > 0 {
			open = append(open, r)
		}
	}
	if len(open) == 0 {
		return nil
	}
	mates := a.mates[form[0].Form]
	return slices.MaxFunc(open, func(x, y *room) int {
		return cmp.Or(cmp.Compare(min(len(x.doors), len(form)), min(len(y.doors), len(form))), cmp.Compare(mates[x.bank], mates[y.bank]))
	})
}
