package bridge

import (
	"time"

	"github.com/bellkeep/bellkeep/locker"
)

// invite keeps the kiosks from asking for badges while no door can be asked.
func (t *turn) invite() {
	if !t.state.Ready {
		return
	}
	for _, d := range t.state.Doors {
		if d.Contact != locker.Unknown {
			t.setInviting(true)
			return
		}
	}
	t.setInviting(false)
}

func (t *turn) setInviting(inviting bool) {
	if t.inviting == inviting {
		return
	}
	t.inviting = inviting
	word := locker.Starting
	if inviting {
		word = locker.Scan
	}
	for _, kiosk := range t.Kiosks {
		t.show(kiosk, locker.Screen{Word: word})
	}
}

func (t *turn) looked(in Looked) {
	for _, n := range sortedKeys(in.Doors) {
		s, r := t.senses[n], in.Doors[n]
		if s == nil {
			continue
		}
		changed := s.read(r, in.At)
		if p := t.pending[n]; p != nil {
			p.look(r.Contact, in.At) // its verdict says what the door did
		} else if changed && t.state.Ready {
			t.observe(n, s)
		}
	}
	t.survey()
}

func (t *turn) missed(in Missed) {
	for _, n := range in.Doors {
		if s := t.senses[n]; s != nil && s.miss() && t.state.Ready && t.pending[n] == nil {
			t.observe(n, s)
		}
	}
	t.survey()
}

func (t *turn) observe(door int, s *sensing) {
	e, ok := locker.Observe(t.state, door, s.settled, s.item, t.now.School)
	if !ok {
		return
	}
	t.note(e)
	if e.Kind == locker.NothingIn {
		t.tell(door, locker.Screen{Word: locker.Empty, Door: door})
	}
}

// surveyWithin is how long the bank waits for doors it cannot make out.
const surveyWithin = 8 * time.Second

// survey ends the start: once every door has been read, or its board has not
// answered often enough, what was under way at the last stop is reconciled.
func (t *turn) survey() {
	if t.state.Ready {
		return
	}
	var e locker.Event
	for n := range t.state.Setup.All() {
		s := t.senses[n]
		if s.settled == "" && t.now.Machine.Sub(t.began) < surveyWithin {
			return
		}
		switch s.settled {
		case "": // it flickers: one bad sensor must not keep the others waiting
			s.settled = locker.Unknown
			e.Unasked = append(e.Unasked, n)
		case locker.Open:
			e.OpenDoors = append(e.OpenDoors, n)
		case locker.Unknown:
			e.Unasked = append(e.Unasked, n)
		}
	}
	e.Kind, e.At = locker.Surveyed, t.now.School
	e.Odd = locker.Odd(t.state, func(door int) locker.Sensed { return t.senses[door].item })
	t.note(e)
	for _, e := range locker.Reconcile(t.state, t.now.School) {
		t.note(e)
	}
}
