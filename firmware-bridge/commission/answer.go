package commission

import (
	"slices"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Answer is what the person says.
type Answer struct {
	Kind   AnswerKind
	Number int // with Number
}

// AnswerKind is the kind of an answer.
type AnswerKind string

// The answers.
const (
	Go      AnswerKind = "go"      // every door is shut and empty; doors may open
	Again   AnswerKind = "again"   // try once more
	Type    AnswerKind = "type"    // doors do open there: I type their numbers
	Number  AnswerKind = "number"  // this is the door that opened
	Nothing AnswerKind = "nothing" // no door opened
	Undo    AnswerKind = "undo"    // the last door I shut was the wrong one
)

// Answer takes what the person says. Errors: not_now for what answers no question
// that stands.
func (m *Machine) Answer(a Answer) error {
	if m.fault != nil || !m.answer(a) {
		return errs.New(errs.NotNow, "That is no answer to what is asked.", "Read the question once more.")
	}
	return nil
}

func (m *Machine) answer(a Answer) bool {
	switch a.Kind {
	case Go:
		return m.begin()
	case Again:
		return m.again()
	case Type:
		return m.beginTyping()
	case Number:
		return m.typed(a.Number)
	case Nothing:
		return m.movedNothing()
	case Undo:
		return m.undo()
	}
	return false
}

func (m *Machine) begin() bool {
	if m.here {
		return false
	}
	m.here, m.note = true, ""
	for i := range m.contacts {
		m.contacts[i].doubt() // a door may have been pushed shut this very moment
	}
	return true
}

func (m *Machine) again() bool {
	if m.which != none { // one more pulse for the same lock
		m.which = none
		return true
	}
	switch {
	case m.listening():
		m.forget()
		return true
	case !m.waiting() || !m.lacking():
		return false
	}
	for i := range m.facts.Outlets {
		m.facts.Outlets[i].Tries, m.facts.Outlets[i].Nothing = 0, false
		m.contacts[i].loose = false
	}
	m.facts.Typing = false
	return true
}

// forget is for a door that is shut already when it is to be shut: another was
// shut before in its place, or its contact was misread. The first pass numbers its
// doors anew then, the second those that it has found otherwise than the first.
func (m *Machine) forget() {
	wrong := m.disagree()
	due, _ := m.due()
	for i := range m.facts.Outlets {
		switch f := &m.facts.Outlets[i]; {
		case m.pass == 0 && f.Numbers[1] != 0:
		case m.sought(i) && (m.pass == 0 || f.Numbers[0] == due.Number && len(wrong) == 0):
			*f = Fact{}
		case m.pass == 0:
			f.Numbers[0], f.Typed, f.Tries = 0, false, 0
		case slices.Contains(wrong, i):
			f.Numbers[1] = 0
		}
	}
	m.closings, m.here, m.last, m.note = nil, false, none, ""
	m.recount()
}

func (m *Machine) beginTyping() bool {
	if !m.waiting() || !m.lacking() || m.pass != 0 {
		return false
	}
	m.facts.Typing = true
	return true
}

func (m *Machine) typed(number int) bool {
	if m.which == none {
		return false
	}
	i, pass := m.which, m.pass
	d, known := m.plan.door(number)
	if !known || d.Bus != m.plan.Outlets[i].Bus || m.facts.numbered(pass, number) != none {
		m.note = Taken
		return true
	}
	m.which, m.facts.Outlets[i].Typed = none, true
	m.assign(i, number)
	m.compare()
	return true
}

func (m *Machine) movedNothing() bool {
	if m.which == none {
		return false
	}
	f := &m.facts.Outlets[m.which]
	if f.Typed { // it did in the first pass
		f.Tries++
	} else {
		f.Nothing = true
	}
	m.which = none
	return true
}

// undo takes the last number back; its door, which is shut, opens again.
func (m *Machine) undo() bool {
	if !m.waiting() || m.last == none || len(m.closings) > 0 {
		return false
	}
	f := &m.facts.Outlets[m.last]
	f.Numbers[m.pass] = 0
	f.Typed = f.Typed && m.pass == 1
	m.last, m.note = none, Undone
	return true
}

// waiting reports whether no door is about to be opened.
func (m *Machine) waiting() bool { return m.here && m.window == nil && m.which == none && !m.done() }
