package xor8a

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/halfduplex"
	"github.com/bellkeep/bellkeep/internal/errs"
)

const (
	maxBoards  = 31 // by the makers' pages; the switches would allow 200
	maxLocks   = 32
	smallBoard = 24 // locks that fit three status bytes
)

// How long a board may keep the bus after an unlock frame. The makers say about
// a second.
const (
	DefaultBlock = 1200 * time.Millisecond
	maxBlock     = 10 * time.Second
)

// ByteOrder says which status byte comes first.
type ByteOrder string

// The byte orders.
const (
	LowFirst  ByteOrder = "low-first"  // locks 1 to 8 come first
	HighFirst ByteOrder = "high-first" // locks 1 to 8 come last
)

// Config describes one bus. Its boards are all of one size.
type Config struct {
	Boards    int               // boards on the bus, 1 to 31, switched to 1 and up
	Locks     int               // of each board, 1 to 32
	Polarity  hardware.Polarity // of the lock bits
	ByteOrder ByteOrder         // of the status bytes

	Block time.Duration // how long an unlock keeps the bus at most; 0 is DefaultBlock
	Reply time.Duration // how long to wait for a status reply; 0 is halfduplex.DefaultReply
}

// Validate gives every fault of c, joined, or nil.
func (c Config) Validate() error {
	var faults []error
	fault := func(hint, format string, args ...any) {
		faults = append(faults, errs.New(errs.Invalid, fmt.Sprintf(format, args...), hint))
	}
	if c.Boards < 1 || c.Boards > maxBoards {
		fault("Count the boards on the cable.", "An 8A bus has 1 to %d boards, not %d.", maxBoards, c.Boards)
	}
	if c.Locks < 1 || c.Locks > maxLocks {
		fault("Count the sockets for locks on one board: 8, 12, 16, 18, 24 and 32 are sold.",
			"An 8A board has 1 to %d locks, not %d.", maxLocks, c.Locks)
	}
	if err := c.Polarity.Validate(); err != nil {
		faults = append(faults, err)
	}
	if c.ByteOrder != LowFirst && c.ByteOrder != HighFirst {
		fault(fmt.Sprintf("Choose %q or %q: read the status with lock 1 open.", LowFirst, HighFirst),
			"The status bytes of an 8A bus cannot have the order %q.", c.ByteOrder)
	}
	if c.Block < 0 || c.Block > maxBlock {
		fault(fmt.Sprintf("Leave it out for %v.", DefaultBlock),
			"An unlock keeps the bus between 0 and %v, not %v.", maxBlock, c.Block)
	}
	if err := halfduplex.CheckReply(c.Reply); err != nil {
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// Size gives the channels that can be unlocked.
func (c Config) Size() hardware.Size { return hardware.Size{Boards: c.Boards, Channels: c.Locks} }

// Open is New as a method, for who chooses among drivers.
func (c Config) Open(line hardware.Line) (hardware.LockBus, error) { return New(line, c) }

// statusBytes is how many a reply has.
func (c Config) statusBytes() int {
	if c.Locks > smallBoard {
		return 4
	}
	return 3
}

func (c Config) block() time.Duration { return cmp.Or(c.Block, DefaultBlock) }
