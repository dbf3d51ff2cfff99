package sim

import (
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/locker"
)

// boardDoors is how many doors hang on one lock board.
const boardDoors = 16

// door is the truth about one door.
type door struct {
	number   int
	board    *board
	open     bool
	reaction time.Duration // of its latch, 50 to 900 ms

	jammed bool // the latch does not move
	sticky bool // the latch eats the next pulse

	sensor  sensor
	contact fault // of the door contact

	opener  *pupil         // for whom it was last opened; nil after a key
	purpose locker.Purpose // why
	changed bool           // the opener's phone went in or out since then
	opened  time.Duration  // when it last sprang open
	moved   time.Duration  // when it, or a phone behind it, last moved
	misled  bool           // it was shut in a way no record can know; see package comment

	watch time.Duration // polls until then say something new
	lie   bool          // its next report is false
	lied  bool          // its last report was
}

// sensor is a door's item sensor.
type sensor struct {
	fitted bool
	stuck  fault
}

// fault is how a sensor is stuck.
type fault int

const (
	sound fault = iota
	stuckOn
	stuckOff
)

// board is one lock board.
type board struct {
	doors   []*door
	silent  bool
	missed  int // polls without an answer, in a row
	polling bool
}

// faulty reports whether the record of this door cannot be held to the truth.
func (d *door) faulty() bool { return d.contact != sound || d.sensor.stuck != sound }

// reading is what the door's sensors say, noise aside.
func (s *sim) reading(d *door) hardware.Reading {
	open := d.open && d.contact == sound || d.contact == stuckOn
	r := hardware.Reading{Contact: hardware.Closed}
	if open {
		r.Contact = hardware.Open
	}
	if d.sensor.fitted {
		present := s.phonesBehind(d.number) > 0 && d.sensor.stuck == sound || d.sensor.stuck == stuckOn
		r.Item = hardware.Absent
		if present {
			r.Item = hardware.Present
		}
	}
	return r
}

func (s *sim) phonesBehind(door int) (n int) {
	for _, p := range s.pupils {
		if p.phone == door {
			n++
		}
	}
	return n
}

// pulse drives a latch.
func (s *sim) pulse(d *door, why locker.Purpose, who *pupil) {
	switch {
	case d.open: // nothing moves; it is theirs now
		d.purpose, d.opener, d.changed = why, who, false
		return
	case d.jammed:
		s.tell(who.name(), d.number, "The latch of door %d is driven and does not move.", d.number)
		return
	case d.sticky:
		d.sticky = false
		s.tell(who.name(), d.number, "The latch of door %d sticks.", d.number)
		return
	}
	s.after(d.reaction, func() {
		if !d.open {
			s.count.Openings++
			s.opens(d, why, who)
		}
	})
}

// opens is a door springing open, by its latch or by a key.
func (s *sim) opens(d *door, why locker.Purpose, who *pupil) {
	d.open, d.purpose, d.opener, d.changed = true, why, who, false
	d.opened, d.moved = s.now, s.now
	s.tell(who.name(), d.number, "Door %d springs open.", d.number)
	s.attend(d, 0)
	s.after(locker.OpenTooLong+s.between(time.Second, 9*time.Second), s.tick)
}

// shut is somebody pushing a door to. Without a good item sensor nobody can
// know that a deposit left nothing behind, or a collection everything; and a
// phone that lies there unknown stays so.
func (s *sim) shut(d *door) {
	if !d.open {
		return
	}
	d.open, d.moved = false, s.now
	own, others := 0, s.phonesBehind(d.number)
	if d.opener != nil && d.opener.phone == d.number {
		own, others = 1, others-1
	}
	d.misled = d.misled && others > 0
	if !d.sensor.fitted {
		switch d.purpose {
		case locker.Deposit:
			d.misled = d.misled || own == 0
		case locker.Collection, locker.StaffOpen, locker.Recheck:
			d.misled = d.misled || own > 0
		}
	}
	s.tell(d.opener.name(), d.number, "Door %d is shut with %d phones behind it.", d.number, own+others)
	s.attend(d, 0)
}

// passer shuts a door that stands open, some time.
func (s *sim) passer(d *door) {
	if s.chance(0.75) {
		s.after(s.between(20*time.Second, 20*time.Minute), func() { s.shut(d) })
	}
}
