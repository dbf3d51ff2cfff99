package bridge

import (
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/locker"
)

// How sure the bank must be before it believes a sensor.
const (
	agreeingReads = 2                      // an 8-bit sum lets one bad frame in 256 through
	shutFor       = 500 * time.Millisecond // a door that bounces is not shut
	missedPolls   = 3                      // a board that fails this often in a row is unknown

	// A loose contact must not fill the ledger: a door that changes this often
	// in a minute is believed again only after it has stayed as it is for long.
	unsteadyAfter = 12
	unsteadyIn    = time.Minute
	steadyFor     = 10 * time.Second
)

// sensing turns raw reads of one door into a contact that may be believed.
type sensing struct {
	settled   locker.Contact // what is believed; "" before the first time
	item      locker.Sensed  // what is believed
	likely    locker.Sensed  // what the newest looks say, items of them in a row
	items     int
	candidate locker.Contact
	since     time.Time // first read of the candidate
	reads     int       // of the candidate, in a row
	missed    int       // polls without an answer, in a row

	minute  time.Time // start of the minute in which changes are counted
	changes int
}

// read takes one look and reports whether the settled contact changed.
func (s *sensing) read(r hardware.Reading, at time.Time) bool {
	s.missed = 0
	c, item := contactOf(r.Contact), itemOf(r.Item)
	if c != s.candidate {
		s.candidate, s.since, s.reads = c, at, 0
	}
	if item != s.likely {
		s.likely, s.items = item, 0
	}
	if s.items++; s.items >= agreeingReads {
		s.item = item
	}
	s.reads++
	if c == s.settled || s.reads < agreeingReads || at.Sub(s.since) < s.patience(c, at) {
		return false
	}
	s.settled = c
	s.changes++
	return true
}

// patience is how long a contact must have stayed as it is to be believed.
func (s *sensing) patience(c locker.Contact, at time.Time) time.Duration {
	if at.Sub(s.minute) > unsteadyIn {
		s.minute, s.changes = at, 0
	}
	switch {
	case s.changes >= unsteadyAfter:
		return steadyFor
	case c == locker.Closed:
		return shutFor
	}
	return 0
}

// miss takes one failed poll and reports whether the door became unknown.
func (s *sensing) miss() bool {
	s.missed++
	s.candidate, s.reads = "", 0
	if s.missed < missedPolls || s.settled == locker.Unknown {
		return false
	}
	s.settled = locker.Unknown
	return true
}

func contactOf(c hardware.Contact) locker.Contact {
	switch c {
	case hardware.Open:
		return locker.Open
	case hardware.Closed:
		return locker.Closed
	}
	return locker.Unknown
}

func itemOf(i hardware.Item) locker.Sensed {
	switch i {
	case hardware.Absent:
		return locker.Absent
	case hardware.Present:
		return locker.Present
	}
	return locker.NoSensor
}
