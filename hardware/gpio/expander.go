package gpio

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/sys/unix"
	"periph.io/x/conn/v3/i2c"
	"periph.io/x/host/v3/sysfs"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// The first register of each pair.
const (
	regDirection = 0x00
	regPullUp    = 0x0C
	regLevels    = 0x12
	regOutputs   = 0x14
)

const (
	firstAddress = 0x20
	lastAddress  = 0x27

	expanderPins = 16
	sampleEvery  = 5 * time.Millisecond // in place of edges, for which it needs another wire
)

// expander is an MCP23017.
type expander struct {
	dev   i2c.Dev
	bus   io.Closer
	name  string
	ready bool // it has been set up since it last had power

	relays, contacts []int  // pins, 0 is A0 and 8 is B0
	off              uint16 // levels of the outputs that are off
	inputs           uint16 // 1 for every pin but the relays'
	pulls            uint16
}

func openExpander(p Pins, cfg Config) (Board, error) {
	bus, err := sysfs.NewI2C(p.I2C)
	if err != nil {
		return Board{}, errs.Wrap(err, errs.Unavailable, fmt.Sprintf("I²C bus %d cannot be used.", p.I2C),
			"Turn I²C on with raspi-config and add the user to the group i2c.")
	}
	e := newExpander(bus, p, cfg)
	// One that does not answer now is set up, all off, when it is first spoken to.
	_ = e.setUp()
	return Board{Relays: e, Contacts: idle{e}}, nil
}

func newExpander(bus i2c.BusCloser, p Pins, cfg Config) *expander {
	e := &expander{dev: i2c.Dev{Bus: bus, Addr: uint16(p.Address)}, bus: bus, name: p.Name(), inputs: 0xFFFF}
	for i, name := range p.Relays {
		relay, _ := expanderPin(name)
		contact, _ := expanderPin(p.Contacts[i])
		e.relays, e.contacts = append(e.relays, relay), append(e.contacts, contact)
		e.inputs &^= 1 << relay
		if cfg.Pull == PullUp {
			e.pulls |= 1 << contact
		}
	}
	if cfg.Trigger == ActiveLow {
		e.off = ^e.inputs
	}
	return e
}

// expanderPin gives the bit of a pin in a pair of registers.
func expanderPin(name string) (bit int, ok bool) {
	if len(name) != 2 || name[1] < '0' || name[1] > '7' {
		return 0, false
	}
	half := strings.IndexByte("AB", name[0])
	return 8*half + int(name[1]-'0'), half >= 0
}

// setUp makes every relay off, then an output.
func (e *expander) setUp() error {
	if e.ready {
		return nil
	}
	for _, step := range []struct {
		reg   byte
		value uint16
	}{{regOutputs, e.off}, {regPullUp, e.pulls}, {regDirection, e.inputs}} {
		if err := e.write(step.reg, step.value); err != nil {
			return err
		}
	}
	e.ready = true
	return nil
}

// Switch writes all outputs at once, whatever they were before.
func (e *expander) Switch(on uint64) error {
	if err := e.setUp(); err != nil {
		return err
	}
	levels := e.off
	for i, pin := range e.relays {
		if on>>i&1 == 1 {
			levels ^= 1 << pin
		}
	}
	return e.write(regOutputs, levels)
}

// Levels reads the contacts, unless the expander has forgotten what it was
// told: then its pull-ups are gone and its pins say nothing.
func (e *expander) Levels() (levels uint64, err error) {
	if err := e.setUp(); err != nil {
		return 0, err
	}
	directions, err := e.read(regDirection)
	if err != nil {
		return 0, err
	}
	if directions != e.inputs {
		e.ready = false
		return 0, errs.Wrap(hardware.ErrTimeout, errs.Unavailable,
			fmt.Sprintf("The %s has lost its power for a moment.", e.name),
			"Give it a supply apart from the coils', and look at the plug.")
	}
	pins, err := e.read(regLevels)
	if err != nil {
		return 0, err
	}
	for i, pin := range e.contacts {
		levels |= uint64(pins>>pin&1) << i
	}
	return levels, nil
}

// Edges looks often in place of waiting for an interrupt.
func (e *expander) Edges(wait time.Duration) (moved uint64, err error) {
	before, err := e.Levels()
	for end := time.Now().Add(wait); err == nil && time.Now().Before(end); {
		time.Sleep(min(sampleEvery, time.Until(end)))
		var now uint64
		if now, err = e.Levels(); err == nil {
			moved, before = moved|(before^now), now
		}
	}
	return moved, err
}

// Close switches all off and closes the I²C bus.
func (e *expander) Close() error { return errors.Join(e.Switch(0), e.bus.Close()) }

// write fills a pair of registers.
func (e *expander) write(reg byte, value uint16) error {
	return e.answered(e.dev.Tx([]byte{reg, byte(value), byte(value >> 8)}, nil))
}

// read gives a pair of registers.
func (e *expander) read(reg byte) (uint16, error) {
	var p [2]byte
	err := e.answered(e.dev.Tx([]byte{reg}, p[:]))
	return uint16(p[0]) | uint16(p[1])<<8, err
}

// answered makes of a failed transfer an expander that does not answer: the
// others on the wires may, unless the adapter itself was pulled. It may have
// lost its power, so it is set up again.
func (e *expander) answered(err error) error {
	if err == nil {
		return nil
	}
	e.ready = false
	what := hardware.ErrTimeout
	if strings.HasSuffix(err.Error(), unix.ENODEV.Error()) { // periph hands on the text alone
		what = hardware.ErrGone
	}
	return errs.Wrap(fmt.Errorf("%w: %v", what, err), errs.Unavailable,
		fmt.Sprintf("The %s does not answer.", e.name),
		"Look at its power, its two wires and its address jumpers.")
}

// idle are the contacts of an expander, which its relays close.
type idle struct{ *expander }

// Close does nothing.
func (idle) Close() error { return nil }
