package locker

import (
	"slices"

	"github.com/bellkeep/bellkeep/internal/school"
)

// Cause is who says that the building is to be left.
type Cause string

// The causes. Only the school ends its own; what began at the bank itself ends
// there, or by an order. An alarm that falls silent ends nothing.
const (
	BySchool Cause = "school"     // the plan's mode
	ByInput  Cause = "fire-input" // the fire alarm, wired to the bank
	ByStaff  Cause = "staff"      // By, at the kiosk
)

// Evacuation is whether the building is being left, and who says so. While it
// lasts no door opens, by whatever badge, order or wish.
type Evacuation struct {
	Causes []Cause // none: it is not being left
	Since  school.Instant
	Seq    uint64 // of the record it began with
	Sounds bool   // the fire input was last heard to speak
}

// On reports whether the building is being left.
func (e Evacuation) On() bool { return len(e.Causes) > 0 }

// By reports whether that is one of the causes.
func (e Evacuation) By(c Cause) bool { return slices.Contains(e.Causes, c) }

// Local reports whether the bank itself began it.
func (e Evacuation) Local() bool { return e.By(ByInput) || e.By(ByStaff) }

// Heed tells what the rules in force have begun or ended: an evacuation, and doors
// that are to be looked at.
func Heed(s *State, rules Rules, now school.Instant) (events []Event) {
	wanted := rules.Plan.Mode == school.Evacuation
	switch {
	case wanted && !s.Evacuation.By(BySchool):
		events = append(events, Event{Kind: EvacuationBegan, At: now, Body: Body{Cause: BySchool}})
	case !wanted && s.Evacuation.By(BySchool) && rules.Plan.Version > 0: // a plan that was lost says nothing
		events = append(events, Event{Kind: EvacuationEnded, At: now, Body: Body{Cause: BySchool}})
	}
	for _, a := range rules.Directory.Asked {
		if a.Bank == s.Bank && !slices.Contains(s.Asked, a.ID) {
			events = append(events, Event{Kind: ToLook, At: now, Body: Body{What: a.ID, Doors: a.Doors}})
		}
	}
	return events
}

// HearAlarm tells what a fire input that was heard to speak, or to fall silent,
// comes to; false for nothing new. An alarm that goes on after somebody has given
// the all-clear begins nothing again.
func HearAlarm(s *State, sounds bool, now school.Instant) (Event, bool) {
	switch {
	case sounds && !s.Evacuation.Sounds:
		return Event{Kind: EvacuationBegan, At: now, Body: Body{Cause: ByInput}}, true
	case !sounds && s.Evacuation.Sounds:
		return Event{Kind: AlarmSilent, At: now}, true
	}
	return Event{}, false
}

// opensNothing reports whether an order leaves every door as it is.
func (k OrderKind) opensNothing() bool {
	return k == OrderEndHold || k == OrderApprovers || k == OrderLook || k == OrderAllClear
}

// allClear ends what the bank itself began.
func (d decider) allClear() (Event, Answer) {
	if !d.Evacuation.Local() {
		return Event{}, NoChange
	}
	return Event{Kind: EvacuationEnded, Body: Body{Cause: ByStaff}}, ""
}

// evacuate begins an evacuation at the kiosk.
func (d decider) evacuate(w Wish) Decision {
	if d.Evacuation.By(ByStaff) {
		return d.refuseStaff(w, NoChange, Screen{Word: LeaveNow})
	}
	return Decision{Event{Kind: EvacuationBegan, At: d.now, Body: Body{Cause: ByStaff, By: d.person}}, Screen{Word: LeaveNow}}
}

// giveAllClear ends one at the kiosk: not the school's, and not while the alarm
// sounds.
func (d decider) giveAllClear(w Wish) Decision {
	switch {
	case d.Evacuation.By(BySchool):
		return d.refuseStaff(w, Evacuated, Screen{Word: LeaveNow})
	case d.Evacuation.Sounds:
		return d.refuseStaff(w, Disagrees, Screen{Word: AlarmSounds})
	}
	e, why := d.allClear()
	if why != "" {
		return d.refuseStaff(w, why, Screen{Word: Scan})
	}
	e.At, e.By = d.now, d.person
	return Decision{e, Screen{Word: Scan}}
}

func (s *State) applyEvacuation(seq uint64, e Event) {
	v := &s.Evacuation
	switch {
	case e.Kind == AlarmSilent:
		v.Sounds = false
	case e.Kind == EvacuationBegan:
		if !v.On() {
			v.Since, v.Seq = e.At, seq
		}
		v.Sounds = v.Sounds || e.Cause == ByInput
		v.Causes = append(slices.Clone(v.Causes), e.Cause)
	case e.Cause == BySchool:
		v.Causes = without(v.Causes, BySchool)
	default:
		v.Causes = without(v.Causes, ByInput, ByStaff)
		s.applyOrder(seq, e)
	}
}

func without(causes []Cause, gone ...Cause) []Cause {
	return slices.DeleteFunc(slices.Clone(causes), func(c Cause) bool { return slices.Contains(gone, c) })
}
