package kerongcu48

import (
	"errors"
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/halfduplex"
	"github.com/bellkeep/bellkeep/internal/errs"
)

const (
	locksPerBoard = 8 * statusBytes
	maxBoards     = 16
)

// AddressOrder says which of the two address bytes is the board. The wrong one
// opens another door; see the package comment.
type AddressOrder string

// The address orders.
const (
	BoardFirst AddressOrder = "board-first"
	LockFirst  AddressOrder = "lock-first"
)

// Config describes one bus.
type Config struct {
	Boards       int               // boards on the bus, 1 to 16, addressed from 0
	Polarity     hardware.Polarity // of the lock bits
	AddressOrder AddressOrder      // of requests and replies
	Items        bool              // item sensors are fitted; a set bit is an item

	Reply time.Duration // how long to wait for a status reply; 0 is halfduplex.DefaultReply
}

// Validate gives every fault of c, joined, or nil.
func (c Config) Validate() error {
	var faults []error
	fault := func(hint, format string, args ...any) {
		faults = append(faults, errs.New(errs.Invalid, fmt.Sprintf(format, args...), hint))
	}
	if c.Boards < 1 || c.Boards > maxBoards {
		fault("Count the boards on the cable.", "A bus of CU48 boards has 1 to %d of them, not %d.", maxBoards, c.Boards)
	}
	if err := c.Polarity.Validate(); err != nil {
		faults = append(faults, err)
	}
	if c.AddressOrder != BoardFirst && c.AddressOrder != LockFirst {
		fault(fmt.Sprintf("Choose %q or %q: unlock lock 2 of the first board, all doors empty, and see which opens.", BoardFirst, LockFirst),
			"The address bytes of a CU48 bus cannot have the order %q.", c.AddressOrder)
	}
	if err := halfduplex.CheckReply(c.Reply); err != nil {
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// Size gives the channels that can be unlocked.
func (c Config) Size() hardware.Size {
	return hardware.Size{Boards: c.Boards, Channels: locksPerBoard}
}

// Open is New as a method, for who chooses among drivers.
func (c Config) Open(line hardware.Line) (hardware.LockBus, error) { return New(line, c) }

// address gives the address bytes of a channel in the order of the wire.
func (c Config) address(ch hardware.Channel) (a1, a2 byte) {
	if c.AddressOrder == LockFirst {
		return byte(ch.Index), byte(ch.Board)
	}
	return byte(ch.Board), byte(ch.Index)
}
