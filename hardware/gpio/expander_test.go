package gpio

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/i2c/i2ctest"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/hwtest"
	"github.com/bellkeep/bellkeep/internal/errs"
)

func pinNames(half string) (list []string) {
	for i := range 8 {
		list = append(list, fmt.Sprintf("%s%d", half, i))
	}
	return list
}

// Two expanders, wired crosswise.
func expanders(trigger Trigger) Config {
	return Config{
		Boards: []Pins{
			{I2C: 1, Address: 0x20, Relays: pinNames("A"), Contacts: pinNames("B")},
			{I2C: 1, Address: 0x27, Relays: pinNames("B"), Contacts: pinNames("A")},
		},
		Trigger: trigger, Polarity: hardware.SetIsOpen, Pull: PullUp, Pulse: DefaultPulse,
	}
}

// expanderBench is a bus of simulated expanders.
type expanderBench struct {
	t   *testing.T
	cfg Config
	*wires
}

var halves = []struct {
	addr     uint16
	coils    uint16
	contacts int // first of them
}{{0x20, 0x00FF, 8}, {0x27, 0xFF00, 0}}

func newExpanderBench(t *testing.T, cfg Config) (*Bus, *expanderBench) {
	t.Helper()
	b := &expanderBench{t: t, cfg: cfg, wires: &wires{chips: map[uint16]*chip{}}}
	for _, h := range halves {
		b.chips[h.addr] = newChip(h.coils, cfg.Trigger == ActiveLow)
	}
	bus := b.open()
	t.Cleanup(func() {
		for _, h := range halves {
			wantCurrent(t, b.wires, h.addr, 0)
		}
	})
	return bus, b
}

func (b *expanderBench) open() *Bus {
	var boards []Board
	for _, p := range b.cfg.Boards {
		e := newExpander(b.wires, p, b.cfg)
		_ = e.setUp()
		boards = append(boards, Board{Relays: e, Contacts: idle{e}})
	}
	bus, err := New(b.cfg, boards...)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = bus.Close() })
	return bus
}

func (b *expanderBench) Size() (boards, channels int) { return 2, 8 }

func (b *expanderBench) SetContact(ch hardware.Channel, c hardware.Contact) {
	h := halves[ch.Board]
	b.at(h.addr, func(chip *chip) {
		chip.contacts &^= 1 << (h.contacts + ch.Index)
		if c == hardware.Open {
			chip.contacts |= 1 << (h.contacts + ch.Index)
		}
	})
}

func (b *expanderBench) Unlocks() map[hardware.Channel]int {
	seen := map[hardware.Channel]int{}
	for board, h := range halves {
		b.at(h.addr, func(c *chip) {
			for pin, n := range c.pulses {
				seen[hardware.Channel{Board: board, Index: pin % 8}] = n
			}
		})
	}
	return seen
}

// SetFault gives a silent expander one whose answers do not come through: what
// is written arrives.
func (b *expanderBench) SetFault(board int, f hwtest.Fault) {
	b.at(halves[board].addr, func(c *chip) {
		c.unheard, c.fuddled, c.swapped = nil, nil, f.Swapped
		switch {
		case f.Silent || f.Corrupt:
			c.unheard = func(_, r []byte) bool { return len(r) > 0 }
		case f.Delay > 0 || f.Bytewise || f.Foreign || len(f.Garbage) > 0:
			c.fuddled = []uint16{0xFFFF, 0, 0xA55A, 0}
		}
	})
}

func (b *expanderBench) Speak(int) {}

func (b *expanderBench) Unplug() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pulled = true
}

func (b *expanderBench) Replug() hardware.LockBus {
	b.mu.Lock()
	b.pulled = false
	b.mu.Unlock()
	return b.open()
}

func TestExpandersPassTheSuite(t *testing.T) {
	for _, trigger := range []Trigger{ActiveHigh, ActiveLow} {
		t.Run(string(trigger), func(t *testing.T) {
			hwtest.LockBus(t, func(t *testing.T) (hardware.LockBus, hwtest.Bench) { return newExpanderBench(t, expanders(trigger)) })
		})
	}
}

func TestExpanderTrafficByHand(t *testing.T) {
	bus := &i2ctest.Playback{Ops: []i2ctest.IO{
		{Addr: 0x21, W: []byte{0x14, 0x03, 0x00}},            // outputs A0 and A1 high: off
		{Addr: 0x21, W: []byte{0x0C, 0x00, 0x81}},            // pull-ups of B0 and B7
		{Addr: 0x21, W: []byte{0x00, 0xFC, 0xFF}},            // A0 and A1 are outputs
		{Addr: 0x21, W: []byte{0x14, 0x01, 0x00}},            // relay 2 on
		{Addr: 0x21, W: []byte{0x14, 0x03, 0x00}},            // off
		{Addr: 0x21, W: []byte{0x00}, R: []byte{0xFC, 0xFF}}, // still set up
		{Addr: 0x21, W: []byte{0x12}, R: []byte{0x03, 0x80}}, // B7 is high
		{Addr: 0x21, W: []byte{0x00}, R: []byte{0xFF, 0xFF}}, // power was lost
		{Addr: 0x21, W: []byte{0x14, 0x03, 0x00}},            // set up again,
		{Addr: 0x21, W: []byte{0x0C, 0x00, 0x81}},
		{Addr: 0x21, W: []byte{0x00, 0xFC, 0xFF}},
		{Addr: 0x21, W: []byte{0x14, 0x03, 0x00}}, // and off at the end
	}}
	e := newExpander(bus, Pins{I2C: 1, Address: 0x21, Relays: []string{"A0", "A1"}, Contacts: []string{"B0", "B7"}},
		Config{Trigger: ActiveLow, Pull: PullUp})
	if err := errors.Join(e.setUp(), e.Switch(0b10), e.Switch(0)); err != nil {
		t.Fatal(err)
	}
	if levels, err := e.Levels(); err != nil || levels != 0b10 {
		t.Errorf("Levels = %b, %v", levels, err)
	}
	if _, err := e.Levels(); !errors.Is(err, hardware.ErrTimeout) || errs.HintOf(err) == "" {
		t.Errorf("Levels after a loss of power = %v", err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// From its first moment as an output no coil may have current.
func TestExpanderStartsOff(t *testing.T) {
	for _, trigger := range []Trigger{ActiveHigh, ActiveLow} {
		synctest.Test(t, func(t *testing.T) {
			_, b := newExpanderBench(t, expanders(trigger))
			if got := b.Unlocks(); len(got) != 0 {
				t.Errorf("%s: setting up gave the coils %v current", trigger, got)
			}
		})
	}
}

// A program that was killed in a pulse left the coil on.
func TestOpeningEndsAnOldPulse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, b := newExpanderBench(t, expanders(ActiveLow))
		b.at(0x27, func(c *chip) { c.reg[0x15] = 0x7F })
		wantCurrent(t, b.wires, 0x27, 0x8000)
		b.open()
		wantCurrent(t, b.wires, 0x27, 0)
	})
}

// An order to switch on that failed may have been heard all the same.
func TestUnheardAnswerIsFollowedByOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus, b := newExpanderBench(t, expanders(ActiveHigh))
		b.at(0x20, func(c *chip) {
			c.unheard = func([]byte, []byte) bool { return c.current() != 0 }
		})
		if err := bus.Unlock(t.Context(), hardware.Channel{Index: 5}); !errors.Is(err, hardware.ErrTimeout) {
			t.Errorf("Unlock = %v, want hardware.ErrTimeout", err)
		}
		wantCurrent(t, b.wires, 0x20, 0)
		if got := b.Unlocks(); len(got) != 1 {
			t.Errorf("the coils %v had current, want one", got)
		}
	})
}

func TestExpanderComesAndGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus, b := newExpanderBench(t, expanders(ActiveLow))
		wantRead := func(want error) {
			t.Helper()
			if _, err := bus.Read(t.Context(), 0); !errors.Is(err, want) {
				t.Errorf("Read = %v, want %v", err, want)
			}
			if _, err := bus.Read(t.Context(), 1); err != nil {
				t.Errorf("the other board: %v", err)
			}
		}
		wantRead(nil)
		b.at(0x20, func(c *chip) { c.silent = true })
		wantRead(hardware.ErrTimeout)
		b.at(0x20, func(c *chip) { c.silent = false; c.powerOn() })
		wantRead(nil)
		b.at(0x20, func(c *chip) { c.powerOn() }) // too short for anybody to notice
		wantRead(hardware.ErrTimeout)
		wantRead(nil)
		if got := b.Unlocks(); len(got) != 0 {
			t.Errorf("the coils %v had current", got)
		}
		if err := bus.Unlock(t.Context(), hardware.Channel{Index: 1}); err != nil || b.Unlocks()[hardware.Channel{Index: 1}] != 1 {
			t.Errorf("Unlock = %v, pulses %v", err, b.Unlocks())
		}
	})
}

func TestExpanderSeesEdges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, b := newExpanderBench(t, expanders(ActiveHigh))
		e := newExpander(b.wires, b.cfg.Boards[0], b.cfg)
		go func() {
			time.Sleep(12 * time.Millisecond)
			b.SetContact(hardware.Channel{Index: 3}, hardware.Open)
		}()
		began := time.Now()
		if moved, err := e.Edges(30 * time.Millisecond); err != nil || moved != 1<<3 || time.Since(began) != 30*time.Millisecond {
			t.Errorf("Edges = %b, %v after %v", moved, err, time.Since(began))
		}
	})
}

func TestExpanderPins(t *testing.T) {
	var bits []int
	for _, name := range slices.Concat(pinNames("A"), pinNames("B")) {
		bit, ok := expanderPin(name)
		if !ok {
			t.Errorf("%s is no pin", name)
		}
		bits = append(bits, bit)
	}
	for i, bit := range bits {
		if i != bit {
			t.Errorf("pin %d is bit %d", i, bit)
		}
	}
	for _, name := range []string{"", "A", "A8", "C0", "a0", "A10", "GPIO17", "B/", "0A"} {
		if _, ok := expanderPin(name); ok {
			t.Errorf("%q is taken for a pin", name)
		}
	}
}
