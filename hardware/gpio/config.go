package gpio

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// Trigger says which level switches a relay on. It is printed on the board or
// set by a jumper, and has no default: the wrong one opens every door.
type Trigger string

// The triggers.
const (
	ActiveHigh Trigger = "active-high"
	ActiveLow  Trigger = "active-low"
)

// Pull says which resistor inside the chip holds a contact whose switch is
// open. A contact between pin and ground needs PullUp; PullNone is for boards
// with resistors of their own.
type Pull string

// The pulls. An expander cannot pull down.
const (
	PullUp   Pull = "up"
	PullDown Pull = "down"
	PullNone Pull = "none"
)

// The limits of a bus.
const (
	DefaultPulse    = 300 * time.Millisecond
	minPulse        = 50 * time.Millisecond
	MaxPulse        = time.Second // what any lock's coil stands
	DefaultDebounce = 30 * time.Millisecond
	minDebounce     = 20 * time.Millisecond
	maxDebounce     = 50 * time.Millisecond
	maxBoards       = 16
	maxChannels     = 64 // lines of one request
)

// Config describes one bus: boards that share a power supply for the coils.
type Config struct {
	Boards   []Pins
	Trigger  Trigger           // of the relays
	Polarity hardware.Polarity // of the contacts; a set bit is a high level
	Pull     Pull              // of the contacts
	Pulse    time.Duration     // of a coil, 50 ms to MaxPulse
	Debounce time.Duration     // of a contact; 0 is DefaultDebounce
}

// Pins are those of one board: lines of a GPIO chip, or pins of an expander.
// Relay n and contact n are of one door.
type Pins struct {
	Chip     string // label of a GPIO chip; "" for an expander
	I2C      int    // number of the I²C bus an expander is on
	Address  int    // of an expander, 0x20 to 0x27
	Relays   []string
	Contacts []string
}

// Name says which board it is, for sentences.
func (p Pins) Name() string {
	if p.Chip != "" {
		return p.Chip
	}
	return fmt.Sprintf("expander %#x on I²C bus %d", p.Address, p.I2C)
}

// Size gives the channels of the bus. Every board has as many as the first.
func (c Config) Size() hardware.Size {
	if len(c.Boards) == 0 {
		return hardware.Size{}
	}
	return hardware.Size{Boards: len(c.Boards), Channels: len(c.Boards[0].Relays)}
}

// Validate gives every fault of c, joined, or nil.
func (c Config) Validate() error {
	var f faults
	if len(c.Boards) < 1 || len(c.Boards) > maxBoards {
		f.add("Name each chip with its relays and contacts.", "A GPIO bus has 1 to %d chips, not %d.", maxBoards, len(c.Boards))
	}
	if c.Trigger != ActiveHigh && c.Trigger != ActiveLow {
		f.add(fmt.Sprintf("Choose %q or %q: the relay board says which, or a jumper on it.", ActiveHigh, ActiveLow),
			"Relays cannot have the trigger %q.", c.Trigger)
	}
	if err := c.Polarity.Validate(); err != nil {
		f = append(f, err)
	}
	if !slices.Contains([]Pull{PullUp, PullDown, PullNone}, c.Pull) {
		f.add(fmt.Sprintf("Choose %q for contacts to ground, else %q or %q.", PullUp, PullDown, PullNone),
			"Contacts cannot have the pull %q.", c.Pull)
	}
	if c.Pulse < minPulse || c.Pulse > MaxPulse {
		f.add(fmt.Sprintf("%v is usual.", DefaultPulse),
			"A coil gets current for %v to %v, not for %v.", minPulse, MaxPulse, c.Pulse)
	}
	if c.Debounce != 0 && (c.Debounce < minDebounce || c.Debounce > maxDebounce) {
		f.add(fmt.Sprintf("Leave it out for %v.", DefaultDebounce),
			"A contact is waited for from %v to %v, not %v.", minDebounce, maxDebounce, c.Debounce)
	}
	seen := map[string]bool{}
	for _, p := range c.Boards {
		c.checkPins(p, seen, &f)
	}
	return errors.Join(f...)
}

// checkPins gathers the faults of one board; seen are the pins used before it.
func (c Config) checkPins(p Pins, seen map[string]bool, f *faults) {
	size, name := c.Size().Channels, p.Name()
	switch {
	case len(p.Relays) < 1 || len(p.Relays) > maxChannels:
		f.add("Name a relay for each door.", "The %s has %d relays; 1 to %d can be.", name, len(p.Relays), maxChannels)
	case len(p.Contacts) != len(p.Relays):
		f.add("Name a contact for each relay, in the same order.", "The %s has %d relays and %d contacts.", name, len(p.Relays), len(p.Contacts))
	case len(p.Relays) != size:
		f.add("Put chips with another number of doors on a bus of their own.", "The %s has %d doors, the first chip of its bus %d.", name, len(p.Relays), size)
	}
	if p.Chip == "" {
		c.checkExpander(p, seen, f)
	}
	for _, pin := range slices.Concat(p.Relays, p.Contacts) {
		if at := name + " " + pin; seen[at] {
			f.add("Name every pin once.", "The pin %q of the %s is used twice.", pin, name)
		} else {
			seen[at] = true
		}
	}
}

func (c Config) checkExpander(p Pins, seen map[string]bool, f *faults) {
	if seen[p.Name()] {
		f.add("Name all its pins in one place.", "The %s is named twice.", p.Name())
	}
	seen[p.Name()] = true
	if p.Address < firstAddress || p.Address > lastAddress {
		f.add("Read the address off the jumpers A0 to A2 of the expander.",
			"An expander is at %#x to %#x, not at %#x.", firstAddress, lastAddress, p.Address)
	}
	if p.I2C < 0 {
		f.add("Number 1 is the one on the pins of a Raspberry Pi.", "There is no I²C bus %d.", p.I2C)
	}
	if c.Pull == PullDown {
		f.add(fmt.Sprintf("Wire the contacts to ground and choose %q.", PullUp), "The %s cannot pull contacts down.", p.Name())
	}
	for _, pin := range slices.Concat(p.Relays, p.Contacts) {
		if _, ok := expanderPin(pin); !ok {
			f.add("Use A0 to A7 and B0 to B7.", "The %s has no pin %q.", p.Name(), pin)
		}
	}
}

type faults []error

func (f *faults) add(hint, format string, args ...any) {
	*f = append(*f, errs.New(errs.Invalid, fmt.Sprintf(format, args...), hint))
}

// usual fills in what may be left out.
func (c Config) usual() Config {
	if c.Debounce == 0 {
		c.Debounce = DefaultDebounce
	}
	return c
}
