package modbusrelay

import (
	"errors"
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/halfduplex"
	"github.com/bellkeep/bellkeep/internal/errs"
)

const (
	maxSlave  = 247
	maxBoards = 32 // of one load each on a bus without a repeater
	maxRelays = 32
)

// How long a relay stays on. The coils of locker latches are made for moments:
// MaxPulse is what they all bear.
const (
	DefaultPulse = 400 * time.Millisecond
	MaxPulse     = time.Second
	pulseUnit    = 100 * time.Millisecond
)

// Config describes one bus. Its boards are all of one size, and their slave ids
// follow one another.
type Config struct {
	Boards     int               // boards on the bus, 1 to 32
	Relays     int               // of each board, and inputs, 1 to 32
	FirstSlave int               // slave id of the first board
	Polarity   hardware.Polarity // of the inputs
	Pulse      time.Duration     // 100 ms to 1 s, in steps of 100 ms
	Baud       int               // of the line, for the silence between frames

	Reply time.Duration // how long to wait for a reply; 0 is halfduplex.DefaultReply
}

// Validate gives every fault of c, joined, or nil.
func (c Config) Validate() error {
	var faults []error
	fault := func(hint, format string, args ...any) {
		faults = append(faults, errs.New(errs.Invalid, fmt.Sprintf(format, args...), hint))
	}
	if c.Boards < 1 || c.Boards > maxBoards {
		fault("Count the boards on the cable.", "A Modbus bus has 1 to %d relay boards, not %d.", maxBoards, c.Boards)
	}
	if c.Relays < 1 || c.Relays > maxRelays {
		fault("Count the relays of one board; it needs as many inputs.", "A relay board has 1 to %d relays, not %d.", maxRelays, c.Relays)
	}
	if last := c.FirstSlave + c.Boards - 1; c.FirstSlave < 1 || last > maxSlave {
		fault("Give the slave id of the first board; the others follow it, one by one.",
			"Slave ids go from 1 to %d, not from %d to %d.", maxSlave, c.FirstSlave, last)
	}
	if err := c.Polarity.Validate(); err != nil {
		faults = append(faults, err)
	}
	if c.Pulse < pulseUnit || c.Pulse > MaxPulse || c.Pulse%pulseUnit != 0 {
		fault(fmt.Sprintf("Choose the shortest that opens every door; %v is usual.", DefaultPulse),
			"A pulse takes %v to %v in steps of %v, not %v.", pulseUnit, MaxPulse, pulseUnit, c.Pulse)
	}
	if c.Baud < 1 {
		fault("Give the speed the boards are set to; they are delivered at 9600.", "A line cannot run at %d baud.", c.Baud)
	}
	if err := halfduplex.CheckReply(c.Reply); err != nil {
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// Size gives the channels that can be unlocked.
func (c Config) Size() hardware.Size { return hardware.Size{Boards: c.Boards, Channels: c.Relays} }

// Open is New as a method, for who chooses among drivers.
func (c Config) Open(line hardware.Line) (hardware.LockBus, error) { return New(line, c) }

func (c Config) slave(board int) byte { return byte(c.FirstSlave + board) }

// inputBytes is how many a reply has.
func (c Config) inputBytes() byte { return byte((c.Relays + 7) / 8) }

// silence is 3.5 characters of 11 bits, and above 19200 baud 1.75 ms, as the
// standard for Modbus over serial lines has it.
func silence(baud int) time.Duration {
	const least = 1750 * time.Microsecond
	return max(least, 77*time.Second/2/time.Duration(baud))
}
