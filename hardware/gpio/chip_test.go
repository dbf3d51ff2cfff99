package gpio

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
	"periph.io/x/conn/v3/physic"
)

var errNoAck = errors.New("no acknowledge")

// wires are an I²C bus with simulated MCP23017s, written from the data sheet.
type wires struct {
	mu     sync.Mutex
	chips  map[uint16]*chip
	pulled bool // the adapter
}

// chip is an MCP23017 with coils on some of its pins.
type chip struct {
	reg       [0x16]byte
	contacts  uint16 // levels that come from outside
	coils     uint16 // pins with a relay
	activeLow bool
	silent    bool                   // does not answer, nor hear
	unheard   func(w, r []byte) bool // it does as it is told, but its answer is lost
	swapped   bool                   // gives the halves the wrong way round
	fuddled   []uint16               // turned over in the next looks
	pulses    map[int]int
	before    uint16 // coils with current
}

func newChip(coils uint16, activeLow bool) *chip {
	c := &chip{coils: coils, activeLow: activeLow, pulses: map[int]int{}}
	c.powerOn()
	return c
}

// powerOn gives the registers their values after a reset: inputs, all else 0.
func (c *chip) powerOn() {
	c.reg = [0x16]byte{0: 0xFF, 1: 0xFF}
	c.account()
}

// current gives the coils that have current. A pin that is an input moves no
// relay: the relay board pulls it to where it is off.
func (c *chip) current() uint16 {
	driven := ^(uint16(c.reg[0]) | uint16(c.reg[1])<<8)
	levels := uint16(c.reg[0x14]) | uint16(c.reg[0x15])<<8
	if c.activeLow {
		levels = ^levels
	}
	return driven & levels & c.coils
}

func (c *chip) account() {
	now := c.current()
	for i := range 16 {
		if now&^c.before>>i&1 == 1 {
			c.pulses[i]++
		}
	}
	c.before = now
}

func (c *chip) tx(w, r []byte) error {
	if c.silent || len(w) == 0 || int(w[0]) >= len(c.reg) {
		return errNoAck
	}
	for i, v := range w[1:] {
		c.reg[int(w[0])+i] = v
		c.account() // after every byte, as the chip does
	}
	if c.unheard != nil && c.unheard(w, r) {
		return errNoAck
	}
	for i := range r {
		r[i] = c.get(int(w[0]) + i)
	}
	if c.swapped {
		slices.Reverse(r)
	}
	if w[0] == 0x12 && len(c.fuddled) > 0 {
		c.fuddled = c.fuddled[1:]
	}
	return nil
}

func (c *chip) get(reg int) byte {
	if reg != 0x12 && reg != 0x13 {
		return c.reg[reg]
	}
	levels := c.contacts
	if len(c.fuddled) > 0 {
		levels ^= c.fuddled[0]
	}
	return byte(levels >> (8 * (reg - 0x12)))
}

func (w *wires) String() string { return "simulated wires" }

func (w *wires) Tx(addr uint16, out, in []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.pulled {
		return fmt.Errorf("sysfs-i2c: %v", unix.ENODEV)
	}
	if c := w.chips[addr]; c != nil {
		return c.tx(out, in)
	}
	return errNoAck
}

func (w *wires) SetSpeed(physic.Frequency) error { return nil }

func (w *wires) Close() error { return nil }

// at does something to a chip while nobody talks to it.
func (w *wires) at(addr uint16, do func(*chip)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	do(w.chips[addr])
}

func wantCurrent(t *testing.T, w *wires, addr, want uint16) {
	t.Helper()
	w.at(addr, func(c *chip) {
		if got := c.current(); got != want {
			t.Errorf("coils %016b have current, want %016b", got, want)
		}
	})
}
