package commission

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// latchWithin is how long after its pulse a lock may take to move: 900 ms for the
// slowest latch, and some for a contact that bounces.
const latchWithin = 1500 * time.Millisecond

// window is a pulse under way, and what changed since.
type window struct {
	outlet  int
	sent    time.Time // zero until the frame has left
	changed []int     // outlets whose contact settled anew, once for each time
}

// Sent says what became of the pulse asked for. An error that says that nothing
// was sent takes the pulse back; any other may have moved the lock.
func (m *Machine) Sent(outlet int, at time.Time, err error) {
	if m.window == nil || m.window.outlet != outlet {
		return
	}
	if errs.CodeOf(err) == errs.Denied {
		m.window = nil
		return
	}
	m.window.sent = at
}

// judge ends the pulse under way once it can be told what it moved.
func (m *Machine) judge() {
	w := m.window
	if w == nil || w.sent.IsZero() || m.fault != nil || !m.atRest() {
		return
	}
	own := slices.Contains(w.changed, w.outlet)
	for i, c := range m.contacts {
		switch {
		case own && c.last.Before(m.contacts[w.outlet].since), !own && !c.last.After(w.sent):
			return // not looked at since
		case i == w.outlet && !own && c.last.Sub(w.sent) < latchWithin:
			return
		}
	}
	m.window = nil
	f := &m.facts.Outlets[w.outlet]
	switch other := m.opened(w); {
	case other != none:
		m.disturbed(w.outlet, other)
	case own && !f.Typed:
		m.moved(w)
	case m.pass == 1 && f.Typed, m.pass == 0 && f.Open == "" && f.Tries >= maxTries:
		m.which = w.outlet // whatever its contact says, the person says what opened
	default:
		f.Tries++
	}
}

// opened is a contact that changed with the pulse of another lock, none for none.
// A door that was pushed shut meanwhile is no pulse's doing: it opens again when
// its turn comes.
func (m *Machine) opened(w *window) int {
	for _, i := range w.changed {
		if i != w.outlet && !m.contacts[i].loose && !m.shut(i) {
			return i
		}
	}
	return none
}

// moved is a lock whose pulse moved its own contact, and no other.
func (m *Machine) moved(w *window) {
	i := w.outlet
	f, level := &m.facts.Outlets[i], levelOf(m.contacts[i].rest)
	times := 0
	for _, j := range w.changed {
		if i == j {
			times++
		}
	}
	if times > 1 || f.Open != "" && f.Open != level {
		f.Tries++ // somebody pushed it shut; the next pulse tells
		return
	}
	f.Open, f.Tries, f.Nothing = level, 0, false
	delete(m.upset, i)
	m.alike(i)
	if bus := m.plan.Outlets[i].Bus; m.missing(bus) < 0 {
		m.fault = tooMany(bus, m.plan.on(bus))
	}
}

// alike refuses contacts on one bus whose bits mean different things. Which of
// them errs is not known, so what they taught is forgotten.
func (m *Machine) alike(i int) {
	bus, level := m.plan.Outlets[i].Bus, m.facts.Outlets[i].Open
	for j, f := range m.facts.Outlets {
		if m.plan.Outlets[j].Bus == bus && f.Open != "" && f.Open != level {
			m.fault = unlike(m.plan.Outlets[j], m.plan.Outlets[i])
		}
	}
	for j := range m.facts.Outlets {
		if f := &m.facts.Outlets[j]; m.fault != nil && m.plan.Outlets[j].Bus == bus {
			*f = Fact{}
		}
	}
	m.recount()
}

// disturbed is a pulse with which another contact changed. Once it may have been
// a person; twice at the same lock it is the wiring.
func (m *Machine) disturbed(pulsed, moved int) {
	if m.upset[pulsed] {
		m.fault = crossed(m.plan.Outlets[pulsed], m.plan.Outlets[moved])
		return
	}
	m.upset[pulsed], m.note, m.here = true, Disturbed, false
}
