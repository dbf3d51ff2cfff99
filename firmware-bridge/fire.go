package bridge

import (
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/locker"
)

// FireInput is a contact of a lock board on which no door hangs: the fire alarm's
// relay. While it reads On the alarm sounds. A board that does not answer says
// nothing either way, and is told of as what it is.
type FireInput struct {
	Channel hardware.Channel
	On      hardware.Contact
}

// FireHeard is the fire alarm having begun to sound, or having fallen silent.
type FireHeard struct{ Sounds bool }

func (FireHeard) isInput() {}

// How sure the bank must be of an alarm: a spike on a long cable is none.
const (
	alarmFor   = 500 * time.Millisecond
	alarmReads = 3
)

// alarm turns looks at a fire input into what may be believed.
type alarm struct {
	told   bool // once anything was
	sounds bool // what was told last
	likely bool // what the newest looks say
	since  time.Time
	reads  int // of them in a row
}

// look takes one reading and reports whether there is news to tell.
func (a *alarm) look(sounds bool, at time.Time) (news bool) {
	if a.reads == 0 || sounds != a.likely {
		a.likely, a.since, a.reads = sounds, at, 0
	}
	a.reads++
	if a.told && a.sounds == a.likely || a.reads < alarmReads || at.Sub(a.since) < alarmFor {
		return false
	}
	a.told, a.sounds = true, a.likely
	return true
}

func (t *turn) fireHeard(in FireHeard) {
	if e, news := locker.HearAlarm(t.state, in.Sounds, t.now.School); news {
		t.note(e)
	}
}

// proclaim changes the kiosks with the beginning and the end of an evacuation, and
// halts the locks meanwhile: what waits for a bus must not open either.
func (t *turn) proclaim() {
	leaving := t.state.Evacuation.On()
	if leaving == t.leaving {
		return
	}
	t.leaving = leaving
	for kiosk := range t.sessions {
		delete(t.sessions, kiosk)
	}
	word := locker.Starting
	switch {
	case leaving:
		word = locker.LeaveNow
	case t.inviting:
		word = locker.Scan
	}
	for _, kiosk := range t.Kiosks {
		t.show(kiosk, locker.Screen{Word: word})
	}
}

func (t *turn) halt(still bool) {
	if t.Halt != nil {
		t.Halt(still)
	}
}

// duringEvacuation is what a kiosk shows instead of s while the building is being
// left: staff may still give badge and PIN, everybody else is told to go.
func duringEvacuation(s locker.Screen) locker.Screen {
	switch s.Word {
	case locker.AskPIN, locker.PINWrong, locker.PINWait, locker.StaffMenu, locker.DoorHeld, locker.AlarmSounds:
		return s
	}
	return locker.Screen{Word: locker.LeaveNow}
}
