package sim

import (
	"time"

	"github.com/bellkeep/bellkeep/locker"
)

const maxTries = 10

// reads is a pupil looking at the kiosk after a scan, and doing as it says.
func (s *sim) reads(p *pupil, k *kiosk) {
	s.tell(p.id, k.screen.Door, "%s reads %q %d.", p.id, k.screen.Word, k.screen.Door)
	walk := s.between(500*time.Millisecond, 3*time.Second)
	switch k.screen.Word {
	case locker.PutIn, locker.TakeOut, locker.Again, locker.Release:
		p.told = k.screen.Door
		s.later(p, walk, func() { s.waitsAt(p, p.told, s.between(3*time.Second, 8*time.Second)) })
	case locker.ShutDoor:
		door := s.byDoor[k.screen.Door]
		s.later(p, walk, func() { s.tidies(p, door) })
	case "", locker.Starting, locker.Scan, locker.Unreadable, locker.Stuck, locker.Empty:
		s.triesAgain(p, s.between(2*time.Second, 30*time.Second))
	case locker.AlreadyIn:
		s.hearsAlreadyIn(p)
	case locker.Keep, locker.OtherBank:
		p.excuses("nothing to hand in here")
		p.done()
	case locker.Full:
		p.excuses("no door is free")
		s.givesUp(p, "no door is free")
	case locker.Office, locker.LeaveNow:
		s.triesAgain(p, s.between(2*time.Minute, 10*time.Minute))
	}
}

// triesAgain has a pupil come back to the kiosk, but not for ever.
func (s *sim) triesAgain(p *pupil, d time.Duration) {
	if p.tries++; p.tries > maxTries {
		s.givesUp(p, "nothing works")
		return
	}
	s.later(p, d, func() { s.queueUp(p) })
}

func (s *sim) hearsAlreadyIn(p *pupil) {
	switch {
	case p.wants == takeOut:
		s.triesAgain(p, s.between(3*time.Minute, 10*time.Minute))
	case p.phone == 0 && p.wants == handIn:
		s.givesUp(p, "the bank thinks it has their phone")
	default:
		p.done()
	}
}

// waitsAt is a pupil in front of the door they were told, for as long as their
// patience lasts.
func (s *sim) waitsAt(p *pupil, n int, patience time.Duration) {
	d := s.byDoor[n]
	switch {
	case d.open:
		s.later(p, s.between(400*time.Millisecond, 2*time.Second), func() { s.uses(p, d) })
	case patience <= 0:
		s.triesAgain(p, 0)
	default:
		s.later(p, 500*time.Millisecond, func() { s.waitsAt(p, n, patience-500*time.Millisecond) })
	}
}

// uses is a pupil at an open door.
func (s *sim) uses(p *pupil, d *door) {
	if !d.open {
		s.triesAgain(p, time.Second) // somebody else has shut it
		return
	}
	if d.faulty() {
		p.excuses("a sensor of their door is stuck")
	}
	if d.purpose == locker.Deposit && p.wants != handIn {
		s.mayBeMisled(p, d) // they scanned too late for a second look
	}
	switch {
	case p.wants == handIn && p.phone == 0:
		s.putsIn(p, d)
	case p.wants == takeOut && p.phone == d.number:
		s.takesOut(p, d)
	case p.wants == takeOut && p.phone != 0:
		p.excuses("their phone is behind a door that no record knows of")
		s.leaves(p, d)
	default:
		s.leaves(p, d)
	}
}

// putsIn is a pupil handing in, as pupils do.
func (s *sim) putsIn(p *pupil, d *door) {
	switch x := s.rand.Float64(); {
	case x < 0.01:
		s.tell(p.id, d.number, "%s is called away and leaves door %d open and empty.", p.id, d.number)
		s.passer(d)
		s.mayBeMisled(p, d)
		s.triesAgain(p, s.between(time.Minute, 20*time.Minute))
	case x < 0.03:
		s.tell(p.id, d.number, "%s shuts door %d and still holds the phone.", p.id, d.number)
		s.mayBeMisled(p, d)
		s.shut(d)
		s.triesAgain(p, s.between(time.Second, 2*time.Minute))
	default:
		s.tell(p.id, d.number, "%s puts the phone behind door %d.", p.id, d.number)
		p.phone, d.changed, d.moved = d.number, true, s.now
		s.count.PutIn++
		s.leaves(p, d)
	}
}

// takesOut is a pupil collecting, as pupils do.
func (s *sim) takesOut(p *pupil, d *door) {
	if s.chance(0.02) {
		s.tell(p.id, d.number, "%s shuts door %d with the phone still in it.", p.id, d.number)
		s.mayBeMisled(p, d)
		s.shut(d)
		s.triesAgain(p, s.between(time.Second, time.Minute))
		return
	}
	s.tell(p.id, d.number, "%s takes the phone from door %d.", p.id, d.number)
	s.takes(p, d)
	s.leaves(p, d)
	if s.chance(0.05) {
		p.errand++ // something left behind?
		s.later(p, s.between(4*time.Second, 33*time.Second), func() { s.queueUp(p) })
	}
}

// takes is a phone going back to its owner.
func (s *sim) takes(p *pupil, d *door) {
	p.phone, d.changed, d.moved = 0, true, s.now
	s.count.TakenOut++
}

// leaves is a pupil going away, as a rule after shutting the door.
func (s *sim) leaves(p *pupil, d *door) {
	p.done()
	if s.chance(0.02) {
		s.tell(p.id, d.number, "%s leaves door %d open.", p.id, d.number)
		s.passer(d)
		return
	}
	s.after(s.between(300*time.Millisecond, 2*time.Second), func() { s.shut(d) })
}

// tidies is a pupil told to shut a door: who was given it for their phone uses
// it first.
func (s *sim) tidies(p *pupil, d *door) {
	switch {
	case d.open && (p.told == d.number || p.phone == d.number && p.wants == takeOut):
		s.uses(p, d)
	case d.open:
		s.tell(p.id, d.number, "%s shuts door %d.", p.id, d.number)
		s.shut(d)
		fallthrough
	default:
		s.triesAgain(p, s.between(time.Second, 5*time.Second))
	}
}

// mayBeMisled excuses a pupil whose slip this door's sensors cannot see.
func (s *sim) mayBeMisled(p *pupil, d *door) {
	if !d.sensor.fitted {
		p.excuses("a slip at a door without an item sensor")
	}
}
