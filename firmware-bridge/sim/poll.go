package sim

import (
	"time"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/locker"
)

// Every board is polled every 100 ms, and one that has failed three times every
// 3 s. A poll that would say the same as the last tells the bank nothing, so
// only those that say something new are played.
const (
	pollEvery   = 100 * time.Millisecond
	pollSilent  = 3 * time.Second
	silentAfter = 3
	aftermath   = 3 * pollEvery // polls played after a lost or false one
)

// attend has a door polled for at least d, and then until the bank believes
// what its sensor says.
func (s *sim) attend(d *door, during time.Duration) {
	d.watch = max(d.watch, s.now+during)
	s.pollSoon(d.board)
}

func (s *sim) pollSoon(b *board) {
	if b.polling || !s.lit {
		return
	}
	b.polling = true
	every := pollEvery
	if b.missed >= silentAfter {
		every = pollSilent
	}
	s.at((s.now/every+1)*every, func() {
		b.polling = false
		s.poll(b)
	})
}

// poll is one status read of one board.
func (s *sim) poll(b *board) {
	if !s.lit {
		return
	}
	if b.silent || s.chance(s.weather.lostPolls) {
		var doors []int
		for _, d := range b.doors {
			doors = append(doors, d.number)
			d.watch = max(d.watch, s.now+aftermath)
		}
		b.missed++
		s.handle(nil, bridge.Missed{Doors: doors})
	} else {
		seen := map[int]hardware.Reading{}
		for _, d := range b.doors {
			if s.newsworthy(d) {
				seen[d.number] = s.report(d)
			}
		}
		b.missed = 0
		s.handle(nil, bridge.Looked{At: s.wall(), Doors: seen})
	}
	for _, d := range b.doors {
		if s.newsworthy(d) {
			s.pollSoon(b)
			return
		}
	}
}

// newsworthy reports whether the next poll of a door could tell the bank
// anything.
func (s *sim) newsworthy(d *door) bool {
	if !s.lit {
		return false
	}
	return !s.bank.State().Ready || d.board.missed > 0 || d.lie || d.watch > s.now || s.auditor.awaits[d.number] > 0 || s.believed(d) != s.shows(d)
}

func (s *sim) believed(d *door) locker.Contact { return s.bank.State().Doors[d.number].Contact }

// shows is what the bank should come to believe of a door.
func (s *sim) shows(d *door) locker.Contact {
	switch {
	case d.board.silent:
		return locker.Unknown
	case s.reading(d).Contact == hardware.Open:
		return locker.Open
	}
	return locker.Closed
}

// report is what arrives of a door's sensors. After a false report comes a true
// one; see the package comment.
func (s *sim) report(d *door) hardware.Reading {
	r := s.reading(d)
	lie := d.lie || !d.lied && s.chance(s.weather.falseReads)
	d.lie, d.lied = false, lie
	if !lie {
		return r
	}
	s.attend(d, aftermath)
	if r.Item != hardware.NoSensor && s.chance(0.3) {
		r.Item = hardware.Absent + hardware.Present - r.Item
	} else {
		r.Contact = hardware.Open + hardware.Closed - r.Contact
	}
	return r
}

// silence takes a board off the bus for a while.
func (s *sim) silence(b *board, d time.Duration) {
	if b.silent {
		return
	}
	b.silent = true
	s.count.Silences++
	s.tell("", 0, "The board of doors %d to %d falls silent for %s.", b.doors[0].number, b.doors[len(b.doors)-1].number, d)
	s.attendBoard(b)
	s.after(d, func() {
		b.silent = false
		s.attendBoard(b)
	})
}

func (s *sim) attendBoard(b *board) {
	for _, d := range b.doors {
		s.attend(d, aftermath)
	}
}
