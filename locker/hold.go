package locker

import "github.com/bellkeep/bellkeep/internal/school"

// keptShut reports whether a door stays shut whoever asks: by a bar of the
// school's, or by a hold of this bank's own.
func (s *State) keptShut(dir *Directory, door int, now school.Instant) bool {
	_, held := s.Holds[door]
	return held || dir.Barred(Subject{Bank: s.Bank, Door: door}, now)
}

// placeHold shuts a door for everybody. It takes any door, whatever is believed
// to be behind it: a hold too many harms less than one too few. A door that was
// told to open just before may still do so.
func (d decider) placeHold(w Wish) Decision {
	_, held := d.Holds[w.Door]
	switch {
	case d.Doors[w.Door] == nil:
		return d.refuseStaff(w, NoSuchDoor, Screen{Word: NothingThere})
	case held:
		return d.refuseStaff(w, NoChange, Screen{Word: DoorHeld, Door: w.Door})
	case d.heldByStaff() >= StaffDoors:
		return d.refuseStaff(w, TooMany, Screen{Word: Wait})
	}
	return Decision{Event{Kind: HoldPlaced, At: d.now, Door: w.Door, Body: Body{By: d.person}}, Screen{Word: DoorHeld, Door: w.Door}}
}

// heldByStaff counts the holds this staff member has lately placed. They have a
// limit of their own: who has opened many doors may still have to shut one.
func (d decider) heldByStaff() (n int) {
	for _, h := range d.Holds {
		if h.By == d.person && recently(StaffSpan, h.Since, d.now) {
			n++
		}
	}
	return n
}

// endHold lets a door open again.
func (d decider) endHold(o Order) (Event, Answer) {
	if _, held := d.Holds[o.Door]; !held {
		return Event{}, NotHeld
	}
	people, why := d.agreed(o)
	if why != "" {
		return Event{}, why
	}
	return Event{Kind: HoldEnded, Door: o.Door, Body: o.agreement(people)}, ""
}

func (s *State) applyHold(seq uint64, e Event) {
	if e.Kind == HoldPlaced {
		since := e.At
		if !e.Since.IsZero() {
			since = school.Instant{Wall: e.Since}
		}
		s.Holds[e.Door] = Hold{By: e.By, Since: since}
		return
	}
	delete(s.Holds, e.Door)
	s.applyOrder(seq, e)
}
