package kerong

import (
	"errors"
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/halfduplex"
	"github.com/bellkeep/bellkeep/internal/errs"
)

const (
	locksPerBoard = 16
	maxBoards     = 16
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
	Boards    int               // boards on the bus, 1 to 16, addressed from 0
	Polarity  hardware.Polarity // of the lock bits
	ByteOrder ByteOrder         // of the lock and item bytes
	IndexBase int               // what the bus calls the first lock of a board, 0 or 1
	Items     bool              // item sensors are fitted; a set bit is an item

	Reply time.Duration // how long to wait for a status reply; 0 is halfduplex.DefaultReply
}

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
	if err := c.Polarity.Validate(); err != nil {
		faults = append(faults, err)
	}
	if c.ByteOrder != LowFirst && c.ByteOrder != HighFirst {
		fault(fmt.Sprintf("Choose %q or %q: read the status with lock 1 open.", LowFirst, HighFirst),
			"The status bytes of a Kerong bus cannot have the order %q.", c.ByteOrder)
	}
	if c.IndexBase != 0 && c.IndexBase != 1 {
		fault("Choose 0 or 1: unlock one lock and see which opens.",
			"A Kerong bus counts locks from 0 or 1, not from %d.", c.IndexBase)
	}
	if err := halfduplex.CheckReply(c.Reply); err != nil {
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// Size gives the channels that can be unlocked. An address has 4 bits for the
// lock, so where locks count from 1 the last one cannot be named: its number
// would run over into the next board's first.
func (c Config) Size() hardware.Size {
	return hardware.Size{Boards: c.Boards, Channels: locksPerBoard - c.IndexBase}
}

// Open is New as a method, for who chooses among drivers.
func (c Config) Open(line hardware.Line) (hardware.LockBus, error) { return New(line, c) }
