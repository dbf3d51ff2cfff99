package bridge

import (
	"time"

	"github.com/bellkeep/bellkeep/locker"
)

// PINs checks a PIN against what the directory knows of it. It runs on the
// bank's loop: a good one takes a fraction of a second, and five tries in a
// quarter of an hour are all anybody gets.
type PINs interface {
	Verify(verifier, pin string) bool
}

// PINGiven is a PIN typed at a kiosk after a staff badge.
type PINGiven struct{ Kiosk, PIN string }

// Wished is a staff member's choice from the menu of a kiosk.
type Wished struct {
	Kiosk string
	Wish  locker.Wish
}

// StaffLeft is a staff member leaving the kiosk without a wish.
type StaffLeft struct{ Kiosk string }

func (PINGiven) isInput()  {}
func (Wished) isInput()    {}
func (StaffLeft) isInput() {}

// session is a staff member at a kiosk: for one PIN and one wish.
type session struct {
	person string
	in     bool // the PIN was right
	until  time.Time
}

// welcome begins a session. Any badge at a kiosk ends the one before.
func (t *turn) welcome(kiosk string, d locker.Decision) {
	delete(t.sessions, kiosk)
	if d.Event.Answer == locker.PINAsked {
		t.sessions[kiosk] = &session{person: d.Event.Person, until: t.now.Machine.Add(locker.PINWithin)}
	}
}

func (t *turn) pinGiven(in PINGiven) {
	s := t.session(in.Kiosk, false)
	if s == nil {
		return
	}
	right := func(verifier string) bool { return t.PINs != nil && t.PINs.Verify(verifier, in.PIN) }
	d := locker.DecidePIN(t.state, t.Rules, s.person, right, t.now.School)
	switch {
	case d.Event.Kind == locker.PINAccepted:
		s.in, s.until = true, t.now.Machine.Add(locker.MenuWithin)
		t.note(d.Event)
	case d.Event.Answer == locker.WrongPIN:
		s.until = t.now.Machine.Add(locker.PINWithin)
		t.note(d.Event) // these are few: the pause sees to that
	default:
		t.noteBounded(&t.refusals, d.Event)
	}
	if d.Screen.Word == locker.PINWait || d.Screen.Word == locker.Office {
		delete(t.sessions, in.Kiosk)
	}
	t.show(in.Kiosk, d.Screen)
}

func (t *turn) wished(in Wished) {
	s := t.session(in.Kiosk, true)
	if s == nil {
		return
	}
	delete(t.sessions, in.Kiosk)
	d := locker.DecideStaff(t.state, t.Rules, s.person, in.Wish, t.now.School)
	if d.Event.Kind == locker.Intent {
		t.intend(d.Event, t.now.Machine)
	} else {
		t.note(d.Event) // one for each PIN
	}
	t.show(in.Kiosk, d.Screen)
}

func (t *turn) staffLeft(in StaffLeft) {
	if t.sessions[in.Kiosk] != nil {
		t.endSession(in.Kiosk)
	}
}

// session finds the session of a kiosk that is at that point.
func (t *turn) session(kiosk string, in bool) *session {
	s := t.sessions[kiosk]
	if s == nil || s.in != in {
		return nil
	}
	if t.now.Machine.After(s.until) {
		t.endSession(kiosk)
		return nil
	}
	return s
}

// forgetStaff ends the sessions of those who have gone.
func (t *turn) forgetStaff() {
	for _, kiosk := range sortedKeys(t.sessions) {
		if t.now.Machine.After(t.sessions[kiosk].until) {
			t.endSession(kiosk)
		}
	}
}

func (t *turn) endSession(kiosk string) {
	delete(t.sessions, kiosk)
	t.show(kiosk, locker.Screen{Word: locker.Scan})
}
