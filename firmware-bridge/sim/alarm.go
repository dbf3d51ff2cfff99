package sim

import (
	"fmt"
	"time"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// The rules on an evacuation.
const (
	ruleLeaving = "while the building is being left no opening begins and no latch is driven"
	ruleTold    = "a bank that runs tells people to leave as soon as the school or the alarm says so"
)

// alarms plans a day's evacuation, if there is one: in a rush too, unless the day is
// to go well.
func (s *sim) alarms(day school.Date) {
	if !s.chance(0.6) {
		return
	}
	from, until := 8*time.Hour+20*time.Minute, 16*time.Hour
	if s.weather.calm {
		from, until = 10*time.Hour+20*time.Minute, 14*time.Hour+50*time.Minute
	}
	at, lasts := s.oclock(day, 0, 0)+s.between(from, until), s.between(time.Minute, 15*time.Minute)
	if s.chance(0.5) {
		s.at(at, func() { s.leave(school.Evacuation) })
		s.at(at+lasts, func() { s.leave(school.Normal) })
		return
	}
	s.at(at, func() { s.sound(true) })
	s.at(at+lasts, func() { s.sound(false) })
	s.at(at+lasts+s.between(-lasts/2, 2*time.Minute), s.clears)
}

// leave is the school beginning or ending an evacuation.
func (s *sim) leave(mode school.Mode) {
	s.tell("", 0, "The school’s plan says %q.", mode)
	s.office.plan.Mode = mode
	s.office.plan.Version++
	s.office.compile(s)
	if mode == school.Evacuation {
		s.count.Evacuations++
		s.checkTold()
	}
}

// sound is the fire alarm beginning to sound or falling silent.
func (s *sim) sound(on bool) {
	s.tell("", 0, "The fire alarm sounds: %t.", on)
	s.sounding = on
	s.handle(nil, bridge.FireHeard{Sounds: on})
	if on {
		s.count.Evacuations++
		s.checkTold()
	}
}

// clears is the head saying all clear to the bank, again until it has taken it.
func (s *sim) clears() {
	if s.lit && !s.bank.State().Evacuation.Local() {
		return
	}
	nonce := ""
	s.handle(nil, bridge.NonceAsked{Reply: func(n string) { nonce = n }})
	s.cleared++
	o := locker.Order{ID: fmt.Sprintf("clear-%d", s.cleared), Nonce: nonce, Kind: locker.OrderAllClear, By: "head"}
	s.handle(nil, bridge.Ordered{Order: o, Reply: func(bridge.OrderResult) {}})
	s.after(time.Minute, s.clears)
}

// checkTold holds to ruleTold.
func (s *sim) checkTold() {
	if s.lit && !s.bank.State().Evacuation.On() {
		s.violated(ruleTold, nil, 0, "The bank goes on as usual.")
	}
	for _, k := range s.kiosks {
		if s.lit && k.screen.Word != locker.LeaveNow {
			s.violated(ruleTold, nil, 0, "The kiosk %s shows %v.", k.name, k.screen)
		}
	}
}

// followEvacuation reads a record of an evacuation.
func (a *auditor) followEvacuation(e locker.Event) {
	a.tell("", 0, "Recorded: %s, %s.", e.Kind, e.Cause)
	switch {
	case e.Kind == locker.EvacuationBegan:
		a.leaving[e.Cause] = true
	case e.Cause == locker.BySchool:
		delete(a.leaving, locker.BySchool)
	default:
		delete(a.leaving, locker.ByInput)
	}
}

// checkLeaving holds to ruleLeaving.
func (a *auditor) checkLeaving(door int, what string) {
	if len(a.leaving) > 0 {
		a.violated(ruleLeaving, nil, door, "Door %d %s.", door, what)
	}
}
