package bridge

import (
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// Moment is one point in both times: school time for rules and records,
// machine time for latches and orders.
type Moment struct {
	School  school.Instant
	Machine time.Time
}

// recorded is the moment as the ledger can tell it: school time to the
// millisecond, so that what the bank believes is what a later fold will say.
func (m Moment) recorded() Moment {
	m.School.Wall = m.School.Wall.UTC().Truncate(time.Millisecond)
	m.School.Mono = m.School.Mono.Truncate(time.Millisecond)
	return m
}

// Input is something that happened to a bank.
type Input interface{ isInput() }

// Scanned is a line from the scanner of a kiosk.
type Scanned struct {
	Kiosk, Line string
	At          time.Time // machine time; zero for now
}

// Looked is one answer of a lock board: what its doors showed at At.
type Looked struct {
	At    time.Time // machine time at which the answer was complete
	Doors map[int]hardware.Reading
}

// Missed is a poll that brought no answer for these doors.
type Missed struct{ Doors []int }

// Sent says what became of an order: nil, a denied error when the gate refused
// it, any other error when nobody knows whether the frame got through.
type Sent struct {
	Order Order
	At    time.Time // machine time
	Err   error
}

// Ruled brings a new directory and plan into force.
type Ruled struct{ Rules locker.Rules }

// HelpAsked is somebody pressing Help at a kiosk.
type HelpAsked struct{ Kiosk string }

// Tick lets time pass.
type Tick struct{}

func (Scanned) isInput()   {}
func (Looked) isInput()    {}
func (Missed) isInput()    {}
func (Sent) isInput()      {}
func (Ruled) isInput()     {}
func (HelpAsked) isInput() {}
func (Tick) isInput()      {}
