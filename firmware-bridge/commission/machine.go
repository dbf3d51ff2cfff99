package commission

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
)

const (
	maxTries  = 2 // pulses for a lock that moves nothing, until a person says again
	maxRedone = 3 // times that doors are done again because the passes disagree
	maxStray  = 2 // times in a row that a door of another bus shuts instead
	none      = -1
)

// Machine is one commissioning. It is not safe for concurrent use.
type Machine struct {
	plan     Plan
	facts    Facts
	contacts []contact

	pass     int       // 0 or 1
	began    time.Time // when it was first asked for anything
	here     bool      // the person has said, in this run and pass, that doors may open
	window   *window   // the pulse under way
	which    int       // the outlet whose door the person is asked for
	closings []closing // that wait for the looks that make them sure
	last     int       // the outlet numbered last in this pass
	strays   int
	upset    map[int]bool // locks with whose last pulse another contact changed
	note     Note
	fault    error
}

// New starts a commissioning, or goes on with one that a power cut ended. Facts
// that are not about this plan are passed over.
func New(plan Plan, facts Facts) *Machine {
	m := &Machine{plan: plan, facts: facts.clone(), contacts: make([]contact, len(plan.Outlets)), which: none, last: none, upset: map[int]bool{}}
	if !facts.fits(plan) {
		m.facts = Facts{Outlets: make([]Fact, len(plan.Outlets))}
	}
	m.recount()
	return m
}

// Facts are to be kept before the pulse that follows.
func (m *Machine) Facts() Facts { return m.facts.clone() }

// Look takes what one board said at a time: the bits of its contacts, by outlet.
func (m *Machine) Look(at time.Time, bits map[int]bool) {
	listening := m.listening()
	for i := range m.contacts {
		bit, told := bits[i]
		if !told || !m.contacts[i].look(bit, at) {
			continue
		}
		if m.window != nil {
			m.window.changed = append(m.window.changed, i)
		}
		if listening && m.sought(i) && m.shut(i) {
			m.closings = append(m.closings, closing{outlet: i, from: m.contacts[i].from, to: m.contacts[i].since})
		}
	}
	m.judge()
	m.number()
	m.compare()
}

// Pulse gives the next outlet that is to get one pulse, and none while it waits
// for a contact or a person. Sent must follow.
func (m *Machine) Pulse(now time.Time) (outlet int, ok bool) {
	next := m.next()
	if next == none || len(m.closings) > 0 || !m.atRest() || len(m.silent(now)) > 0 {
		return 0, false
	}
	m.window = &window{outlet: next}
	if f := &m.facts.Outlets[next]; f.Closed == "" {
		f.Closed = levelOf(m.contacts[next].rest)
	}
	return next, true
}

// next is the outlet whose turn it is, none if no door is to be opened now.
func (m *Machine) next() int {
	if m.fault != nil || !m.here || m.window != nil || m.which != none || m.done() {
		return none
	}
	if m.pass == 1 {
		return m.nextAgain()
	}
	for i, f := range m.facts.Outlets {
		switch {
		case f.Numbers[0] != 0 || m.contacts[i].loose || m.justShut(i):
		case f.Open != "" && m.shut(i) && f.Tries < maxTries:
			return i
		case f.Open == "" && f.Tries < maxTries:
			return i
		}
	}
	if !m.facts.Typing {
		return none
	}
	for i, f := range m.facts.Outlets {
		if f.Open == "" && f.Numbers[0] == 0 && !f.Nothing && m.missing(m.plan.Outlets[i].Bus) > 0 {
			return i
		}
	}
	return none
}

// nextAgain is next in the second pass: by number.
func (m *Machine) nextAgain() int {
	for _, d := range m.plan.Doors {
		i := m.facts.numbered(0, d.Number)
		if f := m.facts.Outlets[i]; f.Numbers[1] == 0 && f.Tries < maxTries && !m.justShut(i) && (f.Typed || m.shut(i)) {
			return i
		}
	}
	return none
}

// recount finds the pass: 0 until every door has a number from the first, then 1.
func (m *Machine) recount() {
	n := 0
	for _, f := range m.facts.Outlets {
		if f.Numbers[0] != 0 {
			n++
		}
	}
	m.pass = 0
	if n == len(m.plan.Doors) {
		m.pass = 1
	}
}

// due is the first door without a number in this pass; false when all have one.
func (m *Machine) due() (Door, bool) {
	for _, d := range m.plan.Doors {
		if m.facts.numbered(m.pass, d.Number) == none {
			return d, true
		}
	}
	return Door{}, false
}

// done reports whether both passes agree about every door.
func (m *Machine) done() bool {
	_, due := m.due()
	return !due && m.pass == 1 && len(m.disagree()) == 0
}

// sought reports whether the closing of an outlet's contact gives it a number.
func (m *Machine) sought(i int) bool {
	f := m.facts.Outlets[i]
	if m.pass == 1 && (f.Numbers[0] == 0 || f.Typed) {
		return false
	}
	return f.Open != "" && f.Numbers[m.pass] == 0 && !m.contacts[i].loose
}

// justShut reports whether the person has shut a door that waits for its number.
func (m *Machine) justShut(i int) bool {
	return slices.ContainsFunc(m.closings, func(c closing) bool { return c.outlet == i })
}

// shut and open say what a contact of a known level rests on.
func (m *Machine) shut(i int) bool { return m.rests(i, false) }
func (m *Machine) open(i int) bool { return m.rests(i, true) }

func (m *Machine) rests(i int, open bool) bool {
	c, level := m.contacts[i], m.facts.Outlets[i].Open
	return level != "" && c.sure && c.rest == ((level == SetIsOpen) == open)
}

// atRest reports whether every contact has been read and is at rest, so that what
// changes next is the doing of what comes next.
func (m *Machine) atRest() bool {
	return !slices.ContainsFunc(m.contacts, func(c contact) bool { return !c.loose && c.stirs() })
}

// unsure reports whether a contact has yet to settle for the first time since the
// person said go.
func (m *Machine) unsure() bool {
	return slices.ContainsFunc(m.contacts, func(c contact) bool { return !c.loose && !c.sure })
}

// missing is how many doors of a bus were not seen to open and have no number
// either; below 0, how many more opened than the file has.
func (m *Machine) missing(bus string) int {
	n := m.plan.on(bus)
	for i, f := range m.facts.Outlets {
		if m.plan.Outlets[i].Bus == bus && (f.Open != "" && !m.contacts[i].loose || f.Numbers[0] != 0) {
			n--
		}
	}
	return n
}

// listening reports whether the person is to shut doors now.
func (m *Machine) listening() bool {
	return m.fault == nil && m.here && m.window == nil && m.which == none && !m.done() && !m.unsure() && m.next() == none && !m.lacking()
}

// lacking reports whether doors that should stand open do not, and pulses have
// not helped.
func (m *Machine) lacking() bool {
	if m.pass == 0 {
		for _, bus := range m.plan.buses() {
			if m.missing(bus) > 0 {
				return true
			}
		}
	}
	return len(m.stuck()) > 0
}

// stuck are the outlets known to have a door that stays shut.
func (m *Machine) stuck() (list []int) {
	for i, f := range m.facts.Outlets {
		again := m.pass == 1 && f.Typed && f.Numbers[1] == 0
		if f.Tries >= maxTries && (again || m.sought(i) && m.shut(i)) && !m.justShut(i) {
			list = append(list, i)
		}
	}
	return list
}

// Found is the map, once Ask says that it is done.
func (m *Machine) Found() Found {
	found := Found{Polarity: map[string]hardware.Polarity{}, Doors: map[int]Place{}}
	for i, f := range m.facts.Outlets {
		if f.Numbers[1] != 0 {
			found.Doors[f.Numbers[1]] = Place{m.plan.Outlets[i], f.Typed}
		}
	}
	for _, bus := range m.plan.buses() {
		found.Polarity[bus] = m.polarity(bus)
	}
	return found
}

// polarity is what the contacts of a bus have shown. Where none has moved, it is
// the one by which the doors were shut when the person said that they were.
func (m *Machine) polarity(bus string) hardware.Polarity {
	set := 0
	for i, o := range m.plan.Outlets {
		switch f := m.facts.Outlets[i]; {
		case o.Bus != bus:
		case f.Open == SetIsOpen:
			return hardware.SetIsOpen
		case f.Open == ClearIsOpen:
			return hardware.SetIsClosed
		case f.Numbers[1] != 0 && f.Closed == SetIsOpen:
			set++
		case f.Numbers[1] != 0:
			set--
		}
	}
	if set > 0 {
		return hardware.SetIsClosed
	}
	return hardware.SetIsOpen
}
