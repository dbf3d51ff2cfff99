package sim

import (
	"time"

	"github.com/bellkeep/bellkeep/locker"
)

// checkCustody compares the record with the truth, person by person, wherever a
// door is at rest. It runs after every step.
func (s *sim) checkCustody() {
	if !s.lit || s.failure != nil || s.bank == nil || !s.bank.State().Ready {
		return
	}
	state := s.bank.State()
	behind, busy := map[int]string{}, map[int]bool{}
	for _, v := range state.UnderWay() {
		busy[v.Door] = true
	}
	settled := func(door int) bool { return !busy[door] && s.trueRecord(door) }
	for _, p := range s.pupils {
		h := state.Holdings[p.id]
		if h != nil {
			if other, taken := behind[h.Door]; taken {
				s.violated(ruleOneDoor, p, h.Door, "Door %d is on record for %s and %s.", h.Door, other, p.id)
			}
			behind[h.Door] = p.id
		}
		if !state.Visits[p.id].UnderWay() {
			s.checkPerson(p, h, settled)
		}
	}
}

// checkPerson holds to ruleInside, ruleSecured and ruleCertain.
func (s *sim) checkPerson(p *pupil, h *locker.Holding, settled func(door int) bool) {
	if p.phone != 0 && (h == nil || h.Door != p.phone) && settled(p.phone) {
		s.violated(ruleInside, p, p.phone, "The phone of %s lies behind door %d; on record: %+v.", p.id, p.phone, h)
	}
	if h == nil || h.Unsure || !settled(h.Door) {
		return
	}
	switch {
	case h.Secured && p.phone != h.Door && !s.byDoor[h.Door].open:
		s.violated(ruleSecured, p, h.Door, "Door %d is on record with the phone of %s, which is elsewhere (%d).", h.Door, p.id, p.phone)
	case !h.Secured:
		s.violated(ruleCertain, p, h.Door, "Door %d of %s, on record since %v, is neither.", h.Door, p.id, h.Since.Wall)
	}
}

// trueRecord reports whether the record of a door must be the truth: nothing
// moves there, nobody is at it, the bank has heard of everything, and nothing
// happened that no record can know.
func (s *sim) trueRecord(n int) bool {
	d := s.byDoor[n]
	return !d.misled && !d.faulty() && s.now-d.moved > time.Second && !s.newsworthy(d) && s.believed(d) != locker.Unknown
}

// checkConserved holds the model itself to ruleConserved.
func (s *sim) checkConserved() {
	behind := 0
	for _, d := range s.doors {
		behind += s.phonesBehind(d.number)
	}
	if s.count.PutIn != s.count.TakenOut+behind {
		s.violated(ruleConserved, nil, 0, "%d were put in, %d taken out, %d are behind doors.", s.count.PutIn, s.count.TakenOut, behind)
	}
}

// checkIn holds to ruleIn, checkOut to ruleOut.
func (s *sim) checkIn() {
	for _, p := range s.pupils {
		if s.weather.calm && p.wants == handIn && p.excuse == "" && p.phone == 0 {
			s.violated(ruleIn, p, 0, "%s has not.", p.id)
		}
	}
}

func (s *sim) checkOut() {
	for _, p := range s.pupils {
		if !s.weather.calm || p.excuse != "" || p.absent {
			continue
		}
		h := s.held(p)
		leftOpen := h != nil && s.byDoor[h.Door].open // the record waits for the door to shut
		if p.phone != 0 || h != nil && !leftOpen {
			s.violated(ruleOut, p, p.phone, "%s has not; on record: %+v.", p.id, h)
		}
	}
}

func (s *sim) held(p *pupil) *locker.Holding { return s.bank.State().Holdings[p.id] }
