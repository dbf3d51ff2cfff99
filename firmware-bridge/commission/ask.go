package commission

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Ask is what the person beside the cabinet is to know or to do.
type Ask struct {
	Kind   Kind
	Pass   int      // 1 or 2
	Door   int      // with Shut: its number
	Done   int      // with Opening and Shut: how many
	Of     int      // of how many
	Outlet Outlet   // with Which: the lock whose door has just opened; with Opening: the one under way
	Locks  []Outlet // with Lacking: those that moved nothing
	Boards []string // with Silent: those that do not answer
	Note   Note
	Err    error // with Failed
}

// Kind is the kind of a question.
type Kind string

// The kinds, with the answers that each takes beside Stop.
const (
	Probing Kind = "probing" // every board is asked for the first time; none
	Silent  Kind = "silent"  // boards do not answer; none
	Ready   Kind = "ready"   // shut every door, nothing lies in them; Go
	Opening Kind = "opening" // doors spring open by themselves; none
	Lacking Kind = "lacking" // fewer doors opened than there are; Again, and Type in the first pass
	Which   Kind = "which"   // what is the number of the door that has just opened?; Number, Nothing, Again
	Shut    Kind = "shut"    // shut door Door, and no other; Undo, and Again if it is shut
	Done    Kind = "done"    // the map is found
	Failed  Kind = "failed"  // Err says why, and which door to look at
)

// Note is what has just gone otherwise than asked for.
type Note string

// The notes.
const (
	Together  Note = "together"  // two doors shut at the same time; both open again
	Stray     Note = "stray"     // the door that shut is on another bus than the one asked for; it opens again
	Disturbed Note = "disturbed" // another door moved with the pulse; all doors are to be shut
	Differ    Note = "differ"    // the passes disagree about some doors; these are done again
	Taken     Note = "taken"     // that number is another door's, or of no door of this bus
	Undone    Note = "undone"    // the last door opens again
)

// silentFor is how long nothing is heard of a board before that is said.
const silentFor = 3 * time.Second

// Ask says what the person is to do now.
func (m *Machine) Ask(now time.Time) Ask {
	pass := m.pass
	a := Ask{Pass: pass + 1, Note: m.note}
	switch silent := m.silent(now); {
	case m.fault != nil:
		a.Kind, a.Err = Failed, m.fault
	case m.done():
		a.Kind = Done
	case len(silent) > 0:
		a.Kind, a.Boards = Silent, silent
	case slices.ContainsFunc(m.contacts, func(c contact) bool { return !c.seen }):
		a.Kind = Probing
	case !m.here:
		a.Kind = Ready
	case m.which != none:
		a.Kind, a.Outlet = Which, m.plan.Outlets[m.which]
	case m.window != nil || m.next() != none || m.unsure():
		a.Kind = Opening
		a.Done, a.Of = m.progress()
		if m.window != nil {
			a.Outlet = m.plan.Outlets[m.window.outlet]
		}
	case m.lacking():
		a.Kind, a.Locks = Lacking, m.lacks()
	default:
		due, _ := m.due()
		a.Kind, a.Door = Shut, due.Number
		a.Of = len(m.plan.Doors)
		for _, f := range m.facts.Outlets {
			if f.Numbers[pass] != 0 {
				a.Done++
			}
		}
	}
	return a
}

// progress counts the outlets of this pass that have had their pulse.
func (m *Machine) progress() (done, of int) {
	pass := m.pass
	for i, f := range m.facts.Outlets {
		if pass == 1 && f.Numbers[0] == 0 {
			continue
		}
		of++
		if f.Numbers[pass] != 0 || m.open(i) || f.Tries >= maxTries {
			done++
		}
	}
	return done, of
}

// lacks are the locks that moved nothing, on the buses where that matters.
func (m *Machine) lacks() []Outlet {
	var list []Outlet
	stuck := m.stuck()
	for i, f := range m.facts.Outlets {
		silent := m.pass == 0 && f.Numbers[0] == 0 && (f.Open == "" || m.contacts[i].loose) && m.missing(m.plan.Outlets[i].Bus) > 0
		if silent || slices.Contains(stuck, i) {
			list = append(list, m.plan.Outlets[i])
		}
	}
	return list
}

func (m *Machine) silent(now time.Time) (boards []string) {
	if m.began.IsZero() {
		m.began = now
	}
	for i, c := range m.contacts {
		heard := c.last
		if !c.seen {
			heard = m.began
		}
		name := fmt.Sprintf("board %d on bus %s", m.plan.Outlets[i].Board, m.plan.Outlets[i].Bus)
		if now.Sub(heard) > silentFor && !slices.Contains(boards, name) {
			boards = append(boards, name)
		}
	}
	return boards
}

func crossed(pulsed, moved Outlet) error {
	return errs.New(errs.Conflict, fmt.Sprintf("The pulse of %v moved the contact of %v.", pulsed, moved),
		"Plug the contact in where its lock is. If it is so with every door, correct byte_order, index_base or address_order of the bus.")
}

func unlike(one, other Outlet) error {
	return errs.New(errs.Conflict, fmt.Sprintf("The contacts of %v and %v say the opposite of each other when their doors open.", one, other),
		"Give all doors of one bus the same kind of contact, or the others a bus of their own.")
}

func tooMany(bus string, want int) error {
	return errs.New(errs.Conflict, fmt.Sprintf("More doors open on bus %s than the %d that the bank's file has there.", bus, want),
		"Correct doors in the bank's file, then begin again.")
}

func elsewhere(d Door, o Outlet) error {
	return errs.New(errs.Conflict, fmt.Sprintf("Door %d is on bus %s by the bank's file, and moved the contact of %v.", d.Number, d.Bus, o),
		"Correct the door's bus, or the ports of the two buses, in the bank's file.")
}

func disagreed(f Facts, outlets []int) error {
	var doors []int
	for _, i := range outlets {
		for _, n := range f.Outlets[i].Numbers {
			if !slices.Contains(doors, n) {
				doors = append(doors, n)
			}
		}
	}
	slices.Sort(doors)
	names := make([]string, len(doors))
	for i, n := range doors {
		names[i] = strconv.Itoa(n)
	}
	return errs.New(errs.Conflict, "Time and again the two passes did not agree about the doors "+strings.Join(names, ", ")+".",
		"Look at the contacts of these doors: is one loose? Then begin again.")
}
