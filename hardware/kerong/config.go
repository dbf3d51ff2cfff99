package kerong

import (
	"errors"
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
)

const (
	locksPerBoard = 16
	maxBoards     = 16
)

// Polarity says what a set lock bit means. It depends on the switch inside
// the lock, so it has no default: open one door by hand and look.
type Polarity string

// The polarities.
const (
	SetIsClosed Polarity = "set-is-closed"
	SetIsOpen   Polarity = "set-is-open"
)

// ByteOrder says which status byte of a pair comes first.
type ByteOrder string

// The byte orders.
const (
	LowFirst  ByteOrder = "low-first"  // locks 1 to 8, then 9 to 16
	HighFirst ByteOrder = "high-first" // locks 9 to 16, then 1 to 8
)

// Config describes one bus.
type Config struct {
	Boards    int       // boards on the bus, 1 to 16, addressed from 0
	Polarity  Polarity  // of the lock bits
	ByteOrder ByteOrder // of the lock and item bytes
	IndexBase int       // what the bus calls the first lock of a board, 0 or 1
	Items     bool      // item sensors are fitted; a set bit is an item

	// Reply is how long to wait for a status reply; 0 is DefaultReply. On a
	// silent line it is rounded up to a multiple of hardware.ReadTimeout.
	Reply time.Duration
}

// How long to wait for a status reply. The reply itself takes 5 ms at 19200
// baud.
const (
	DefaultReply = hardware.ReadTimeout
	maxReply     = 2 * time.Second
)

// Validate gives every fault of c, joined, or nil.
func (c Config) Validate() error {
	var faults []error
	fault := func(hint, format string, args ...any) {
		faults = append(faults, errs.New(errs.Invalid, fmt.Sprintf(format, args...), hint))
	}
	if c.Boards < 1 || c.Boards > maxBoards {
		fault("Count the boards on the cable.",
			"A Kerong bus has 1 to %d boards, not %d.", maxBoards, c.Boards)
	}
	if c.Polarity != SetIsClosed && c.Polarity != SetIsOpen {
		fault(fmt.Sprintf("Choose %q or %q: read the status with one door open.", SetIsClosed, SetIsOpen),
			"The lock bits of a Kerong bus cannot have the polarity %q.", c.Polarity)
	}
	if c.ByteOrder != LowFirst && c.ByteOrder != HighFirst {
		fault(fmt.Sprintf("Choose %q or %q: read the status with lock 1 open.", LowFirst, HighFirst),
			"The status bytes of a Kerong bus cannot have the order %q.", c.ByteOrder)
	}
	if c.IndexBase != 0 && c.IndexBase != 1 {
		fault("Choose 0 or 1: unlock one lock and see which opens.",
			"A Kerong bus counts locks from 0 or 1, not from %d.", c.IndexBase)
	}
	if c.Reply < 0 || c.Reply > maxReply {
		fault(fmt.Sprintf("Leave it out for %v.", DefaultReply),
			"The wait for a reply must be between 0 and %v, not %v.", maxReply, c.Reply)
	}
	return errors.Join(faults...)
}

// Check says whether ch can be unlocked on this bus. An address has 4 bits for
// the lock, so where locks count from 1 the last one cannot be named: its
// number would run over into the next board's first.
func (c Config) Check(ch hardware.Channel) error {
	if err := c.checkBoard(ch.Board); err != nil {
		return err
	}
	if last := c.channels() - 1; ch.Index < 0 || ch.Index > last {
		return errs.New(errs.Invalid,
			fmt.Sprintf("Channel %v does not exist: a board of this bus has channels 0 to %d.", ch, last),
			"Correct the map of doors.")
	}
	return nil
}

// channels gives how many locks of a board can be addressed.
func (c Config) channels() int { return locksPerBoard - c.IndexBase }

func (c Config) checkBoard(board int) error {
	if board < 0 || board >= c.Boards {
		return errs.New(errs.Invalid,
			fmt.Sprintf("Board %d does not exist: this bus has boards 0 to %d.", board, c.Boards-1),
			"Correct the map of doors, or the number of boards.")
	}
	return nil
}
