package mdm

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
)

// Mode is the kind of a period, and so what a device is for during it.
type Mode string

// The modes every school has; a school may name others.
const (
	Lesson Mode = "lesson"
	Break  Mode = "break"
	Home   Mode = "home" // no period: evenings, weekends, holidays
)

// Period is one period of a day: From belongs to it, Until does not.
type Period struct {
	Kind        Mode
	Name        string // as on the timetable: P1
	From, Until time.Time
}

// Policy is what a group's devices must be. The zero policy manages nothing.
type Policy struct {
	Base    Set          `json:"base"`              // holds at all times
	Periods map[Mode]Set `json:"periods,omitempty"` // laid over Base, by kind of period
}

// For gives the complete set that holds on device d in a mode, with what an
// exception lays over the policy, and the settings the device kept against both.
func (p Policy) For(d Device, m Mode, excepted Set) (set Set, kept []Setting) {
	set = excepted.over(p.Periods[m].over(p.Base.over(Unmanaged())))
	if set[Bluetooth] == Block && d.NeedsBluetooth() {
		set[Bluetooth] = User
		kept = append(kept, Bluetooth)
	}
	return set, kept
}

// Validate names the first fault. A policy may only ask for what is known: a
// misspelt setting would never be in force anywhere. Errors: invalid.
func (p Policy) Validate() error {
	if len(p.Periods) > MaxSettings {
		return invalid("A policy names %d kinds of period; the limit is %d.", len(p.Periods), MaxSettings)
	}
	if err := checkSet(p.Base); err != nil {
		return err
	}
	for m, set := range p.Periods {
		if !school.ValidID(string(m)) {
			return invalid("A policy has the kind of period %.40q.", m)
		}
		if err := checkSet(set); err != nil {
			return err
		}
	}
	return nil
}

func checkSet(s Set) error {
	for name, v := range s {
		if !Known(name) {
			return invalid("A policy has the unknown setting %.40q.", name)
		}
		if err := CheckValue(name, v); err != nil {
			return err
		}
	}
	return nil
}
