package gpio_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/hardware/gpio"
	"github.com/bellkeep/bellkeep/hardware/gpio/gpiotest"
	"github.com/bellkeep/bellkeep/hardware/hwtest"
	"github.com/bellkeep/bellkeep/internal/errs"
)

func names(prefix string, n int) (list []string) {
	for i := range n {
		list = append(list, prefix+string(rune('a'+i)))
	}
	return list
}

func plain() gpio.Config {
	return gpio.Config{
		Boards: []gpio.Pins{
			{Chip: "pinctrl-rp1", Relays: names("r", 5), Contacts: names("c", 5)},
			{Chip: "pinctrl-rp2", Relays: names("r", 5), Contacts: names("c", 5)},
		},
		Trigger: gpio.ActiveLow, Polarity: hardware.SetIsOpen, Pull: gpio.PullUp, Pulse: gpio.DefaultPulse,
	}
}

// bench is a bus of boards in memory.
type bench struct {
	t      *testing.T
	cfg    gpio.Config
	boards []*gpiotest.Board
}

func newBench(t *testing.T, cfg gpio.Config) (*gpio.Bus, *bench) {
	t.Helper()
	b := &bench{t: t, cfg: cfg}
	for range cfg.Boards {
		b.boards = append(b.boards, gpiotest.New())
	}
	t.Cleanup(func() {
		for i, board := range b.boards {
			if board.On() != 0 || board.Together() > 1 || board.Longest() > gpio.MaxPulse {
				t.Errorf("board %d: relays %b are on at the end, %d were at once, one for %v", i, board.On(), board.Together(), board.Longest())
			}
		}
	})
	return b.open(), b
}

func (b *bench) open() *gpio.Bus {
	var ports []gpio.Board
	for _, board := range b.boards {
		ports = append(ports, board.Port())
	}
	bus, err := gpio.New(b.cfg, ports...)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = bus.Close() })
	return bus
}

func (b *bench) Size() (boards, channels int) {
	return len(b.boards), len(b.cfg.Boards[0].Relays)
}

func (b *bench) SetContact(ch hardware.Channel, c hardware.Contact) {
	b.boards[ch.Board].SetLevel(ch.Index, (c == hardware.Open) == (b.cfg.Polarity == hardware.SetIsOpen))
}

func (b *bench) Unlocks() map[hardware.Channel]int {
	seen := map[hardware.Channel]int{}
	for i, board := range b.boards {
		for relay, n := range board.Pulses() {
			seen[hardware.Channel{Board: i, Index: relay}] = n
		}
	}
	return seen
}

// SetFault makes of what may befall a line what may befall pins: contacts that
// cannot be read, and contacts that bounce.
func (b *bench) SetFault(board int, f hwtest.Fault) {
	at := b.boards[board]
	at.FailContacts(nil)
	at.Bounce()
	switch {
	case f.Silent || f.Corrupt || f.Swapped:
		at.FailContacts(errs.Wrap(hardware.ErrTimeout, errs.Unavailable, "The board does not answer.", "Look at its power."))
	case f.Delay > 0 || f.Bytewise || f.Foreign || len(f.Garbage) > 0:
		at.Bounce(0b11111, 0b00010, 0b11101)
	}
}

func (b *bench) Speak(int) {}

func (b *bench) Unplug() {
	for _, board := range b.boards {
		board.FailContacts(hardware.ErrGone)
		board.FailRelays(func(uint64) error { return hardware.ErrGone })
	}
}

func (b *bench) Replug() hardware.LockBus {
	for _, board := range b.boards {
		board.FailContacts(nil)
		board.FailRelays(nil)
	}
	return b.open()
}

func TestLockBus(t *testing.T) {
	high := plain()
	high.Trigger, high.Polarity, high.Pull = gpio.ActiveHigh, hardware.SetIsClosed, gpio.PullDown
	high.Pulse, high.Debounce = gpio.MaxPulse, 50*time.Millisecond
	for name, cfg := range map[string]gpio.Config{"usual": plain(), "longest times": high} {
		t.Run(name, func(t *testing.T) {
			hwtest.LockBus(t, func(t *testing.T) (hardware.LockBus, hwtest.Bench) { return newBench(t, cfg) })
		})
	}
}

// on runs test in a bubble with a bus.
func on(t *testing.T, test func(t *testing.T, bus *gpio.Bus, b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		bus, b := newBench(t, plain())
		test(t, bus, b)
	})
}

func TestPulseLastsAsLongAsItShould(t *testing.T) {
	on(t, func(t *testing.T, bus *gpio.Bus, b *bench) {
		began := time.Now()
		if err := bus.Unlock(t.Context(), hardware.Channel{Index: 3}); err != nil {
			t.Fatal(err)
		}
		if took, longest := time.Since(began), b.boards[0].Longest(); took != gpio.DefaultPulse || longest != gpio.DefaultPulse {
			t.Errorf("Unlock took %v with the relay on for %v, want %v", took, longest, gpio.DefaultPulse)
		}
	})
}

func TestEndOfTheProgramEndsThePulse(t *testing.T) {
	on(t, func(t *testing.T, bus *gpio.Bus, b *bench) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, cancel)
		err := bus.Unlock(ctx, hardware.Channel{Index: 3})
		if !errors.Is(err, context.Canceled) || errs.CodeOf(err) != errs.Unavailable || errs.HintOf(err) == "" {
			t.Errorf("Unlock = %v (%s), want context.Canceled, and that nobody knows", err, errs.CodeOf(err))
		}
		if longest := b.boards[0].Longest(); longest != 20*time.Millisecond || b.boards[0].On() != 0 {
			t.Errorf("the relay was on for %v, want 20ms, and is %b", longest, b.boards[0].On())
		}
	})
}

// An order that was given in its last moment gets a whole pulse.
func TestEndOfTheOrderDoesNotCutThePulse(t *testing.T) {
	on(t, func(t *testing.T, bus *gpio.Bus, b *bench) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if err := bus.Unlock(ctx, hardware.Channel{Index: 3}); err != nil || b.boards[0].Longest() != gpio.DefaultPulse {
			t.Errorf("Unlock = %v after a pulse of %v, want %v", err, b.boards[0].Longest(), gpio.DefaultPulse)
		}
	})
}

func TestPanicEndsThePulse(t *testing.T) {
	on(t, func(t *testing.T, bus *gpio.Bus, b *bench) {
		defer func() {
			if recover() == nil {
				t.Error("nothing panicked")
			}
			if b.boards[0].On() != 0 {
				t.Error("the relay is still on")
			}
		}()
		ctx := panicky{t.Context()}
		_ = bus.Unlock(ctx, hardware.Channel{Index: 3})
	})
}

// panicky is a context that panics when it is waited for.
type panicky struct{ context.Context }

func (panicky) Done() <-chan struct{} { panic("a bug") }

func TestOrderThatFailedIsFollowedByOff(t *testing.T) {
	on(t, func(t *testing.T, bus *gpio.Bus, b *bench) {
		var orders []uint64
		b.boards[0].FailRelays(func(on uint64) error {
			if orders = append(orders, on); on != 0 {
				return hardware.ErrTimeout
			}
			return nil
		})
		err := bus.Unlock(t.Context(), hardware.Channel{Index: 3})
		if !errors.Is(err, hardware.ErrTimeout) || !slices.Equal(orders, []uint64{0, 1 << 3, 0}) {
			t.Errorf("Unlock = %v after the orders %b", err, orders)
		}
	})
}

func TestBoardThatDoesNotHearOffIsNotSwitchedOn(t *testing.T) {
	on(t, func(t *testing.T, bus *gpio.Bus, b *bench) {
		b.boards[0].FailRelays(func(on uint64) error {
			if on == 0 {
				return hardware.ErrTimeout
			}
			return nil
		})
		if err := bus.Unlock(t.Context(), hardware.Channel{}); !errors.Is(err, hardware.ErrTimeout) || len(b.boards[0].Pulses()) != 0 {
			t.Errorf("Unlock = %v, pulses %v", err, b.boards[0].Pulses())
		}
		if err := bus.Unlock(t.Context(), hardware.Channel{Board: 1}); err != nil {
			t.Errorf("the other board: %v", err)
		}
		b.boards[0].FailRelays(nil)
	})
}

func TestOffIsTriedAgainAndThenTheBusIsGivenUp(t *testing.T) {
	on(t, func(t *testing.T, bus *gpio.Bus, b *bench) {
		fail, isOn := 2, false // so many orders to switch off, once a relay is on
		b.boards[0].FailRelays(func(on uint64) error {
			if on == 0 && isOn && fail > 0 {
				fail--
				return hardware.ErrTimeout
			}
			isOn = on != 0
			return nil
		})
		if err := bus.Unlock(t.Context(), hardware.Channel{Index: 3}); err != nil || fail != 0 {
			t.Errorf("Unlock = %v, want that off got through", err)
		}
		fail = 1 << 20
		err := bus.Unlock(t.Context(), hardware.Channel{Index: 3})
		if !errors.Is(err, hardware.ErrGone) || errors.Is(err, hardware.ErrTimeout) || !strings.Contains(errs.HintOf(err), "Cut the power") {
			t.Errorf("Unlock = %v (hint %q), want hardware.ErrGone alone and a warning", err, errs.HintOf(err))
		}
		before := b.boards[1].Pulses()
		if err := bus.Unlock(t.Context(), hardware.Channel{Board: 1}); !errors.Is(err, hardware.ErrGone) || len(b.boards[1].Pulses()) != len(before) {
			t.Errorf("Unlock on the other board = %v", err)
		}
		if _, err := bus.Read(t.Context(), 1); !errors.Is(err, hardware.ErrGone) {
			t.Errorf("Read = %v, want hardware.ErrGone", err)
		}
		b.boards[0].FailRelays(nil)
		if err := bus.Close(); err != nil || b.boards[0].On() != 0 {
			t.Errorf("Close = %v with the relays %b on", err, b.boards[0].On())
		}
	})
}

func TestCloseSwitchesOff(t *testing.T) {
	on(t, func(t *testing.T, bus *gpio.Bus, b *bench) {
		if err := b.boards[1].Port().Switch(0b10000); err != nil {
			t.Fatal(err)
		}
		if err := bus.Close(); err != nil || b.boards[1].On() != 0 {
			t.Errorf("Close = %v with the relays %b on", err, b.boards[1].On())
		}
	})
}

func TestCloseSaysThatItCouldNotSwitchOff(t *testing.T) {
	on(t, func(t *testing.T, bus *gpio.Bus, b *bench) {
		b.boards[0].FailRelays(func(uint64) error { return hardware.ErrTimeout })
		if err := bus.Close(); !errors.Is(err, hardware.ErrTimeout) {
			t.Errorf("Close = %v, want hardware.ErrTimeout", err)
		}
	})
}

func TestContactThatBouncesIsWaitedFor(t *testing.T) {
	on(t, func(t *testing.T, bus *gpio.Bus, b *bench) {
		read := func() []hardware.Reading {
			t.Helper()
			r, err := bus.Read(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		if r := read(); r[0].Contact != hardware.Closed {
			t.Fatalf("%v", r)
		}
		b.SetContact(hardware.Channel{Index: 2}, hardware.Open)
		b.boards[0].Bounce(0, 1<<2, 0)
		began := time.Now()
		if r := read(); r[2].Contact != hardware.Open || time.Since(began) < 2*gpio.DefaultDebounce {
			t.Errorf("%v after %v", r, time.Since(began))
		}
		began = time.Now()
		if read(); time.Since(began) != 0 {
			t.Errorf("a look at what has not changed took %v", time.Since(began))
		}
	})
}

// One loose contact must not hide a door that is forced.
func TestRestlessContactIsUnknownAndItsNeighboursAreSeen(t *testing.T) {
	on(t, func(t *testing.T, bus *gpio.Bus, b *bench) {
		if _, err := bus.Read(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		b.SetContact(hardware.Channel{Index: 4}, hardware.Open)
		b.boards[0].Bounce(1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1)
		r, err := bus.Read(t.Context(), 0)
		if err != nil || r[4].Contact != hardware.Open || r[1].Contact != hardware.Closed {
			t.Errorf("%v, %v", r, err)
		}
		b.boards[0].Bounce(1, 0, 1, 0, 1)
		if r, _ := bus.Read(t.Context(), 0); r[0].Contact == hardware.Open {
			t.Errorf("the restless contact is %v", r[0].Contact)
		}
	})
}

func TestFirstLookBelievesNothingRestless(t *testing.T) {
	on(t, func(t *testing.T, bus *gpio.Bus, b *bench) {
		b.boards[0].Bounce(1, 0, 1, 0, 1, 0)
		r, err := bus.Read(t.Context(), 0)
		if err != nil || r[0].Contact != hardware.Unknown || r[1].Contact != hardware.Closed {
			t.Errorf("%v, %v", r, err)
		}
	})
}
