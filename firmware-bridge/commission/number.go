package commission

import (
	"slices"
	"time"
)

// together is how far apart two contacts must close for anybody to tell which was
// first.
const together = 300 * time.Millisecond

// closing is a contact that closed at some time after from, and no later than to.
type closing struct {
	outlet   int
	from, to time.Time
}

func (c closing) near(d closing) bool {
	return !d.from.After(c.to.Add(together)) && !c.from.After(d.to.Add(together))
}

// number gives the door that is due to the first contact that has closed, once
// every other has been looked at for long enough to be sure that it was alone.
func (m *Machine) number() {
	if m.fault != nil || len(m.closings) == 0 {
		return
	}
	slices.SortStableFunc(m.closings, func(a, b closing) int { return a.to.Compare(b.to) })
	first := m.closings[0]
	sure := first.to.Add(together)
	for i, c := range m.contacts {
		if !c.loose && (!c.last.After(sure) || c.stirs() && m.sought(i) && !c.from.After(sure)) {
			return
		}
	}
	if len(m.closings) > 1 && first.near(m.closings[1]) {
		m.note, m.closings = Together, nil // shut and without a number: they open again
		return
	}
	m.closings = m.closings[1:]
	m.give(first.outlet)
}

// give numbers an outlet, if it is on the bus of the door that is due.
func (m *Machine) give(i int) {
	due, any := m.due()
	switch {
	case !any || !m.sought(i) || !m.shut(i):
		return // it opened again
	case due.Bus != m.plan.Outlets[i].Bus:
		m.note = Stray
		if m.strays++; m.strays >= maxStray {
			m.fault = elsewhere(due, m.plan.Outlets[i])
		}
		return // shut and without a number: it opens again
	}
	m.assign(i, due.Number)
}

func (m *Machine) assign(i, number int) {
	pass := m.pass
	m.facts.Outlets[i].Numbers[pass], m.facts.Outlets[i].Tries = number, 0
	m.last, m.strays, m.note = i, 0, ""
	if m.recount(); m.pass != pass {
		m.here, m.last = false, none
	}
}

// disagree are the outlets with different numbers in the two passes.
func (m *Machine) disagree() (list []int) {
	for i, f := range m.facts.Outlets {
		if f.Numbers[1] != 0 && f.Numbers[0] != f.Numbers[1] {
			list = append(list, i)
		}
	}
	return list
}

// compare ends the second pass. Doors that did not get the same number twice have
// none: they are done again.
func (m *Machine) compare() {
	if _, due := m.due(); due || m.fault != nil || m.pass == 0 {
		return
	}
	wrong := m.disagree()
	if len(wrong) == 0 {
		return
	}
	if m.facts.Redone++; m.facts.Redone > maxRedone {
		m.fault = disagreed(m.facts, wrong)
		return
	}
	for _, i := range wrong {
		f := &m.facts.Outlets[i]
		f.Numbers, f.Typed, f.Tries, f.Nothing = [2]int{}, false, 0, false
	}
	m.recount()
	m.note, m.here, m.last = Differ, false, none
}
