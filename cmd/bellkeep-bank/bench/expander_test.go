//go:build bench

package bench

import (
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bellkeep/bellkeep/locker"
)

// expander is a port expander as its data sheet has it: registers in pairs for
// the halves A and B, which count on in turn within a pair. Relays switched by
// low hang on A0 to A3, contacts to ground on B0 to B3.
type expander struct {
	mu      sync.Mutex
	reg     [22]byte
	open    byte // doors
	jammed  bool // and none of them opens
	pulses  map[int][]pulse
	started time.Time
	silent  bool
}

const expanderAt = 0x20

func newExpander() *expander {
	e := &expander{pulses: map[int][]pulse{}, started: time.Now()}
	e.power()
	return e
}

// power is off for a moment: all pins are inputs again.
func (e *expander) power() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.reg = [22]byte{0xFF, 0xFF}
	e.watch()
}

// on gives the coils with current: outputs that are low.
func (e *expander) on() byte { return ^e.reg[0x00] & ^e.reg[0x14] & 0x0F }

func (e *expander) transfer(address uint16, write, read []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if address != expanderAt || e.silent || len(write) == 0 || int(write[0]) >= len(e.reg) {
		return unix.EREMOTEIO
	}
	at := write[0]
	for _, v := range write[1:] {
		e.reg[at] = v
		e.watch()
		at ^= 1
	}
	for i := range read {
		read[i] = e.reg[at]
		if at == 0x13 {
			read[i] = e.reg[0x0D] & (e.open | 0xF0) // pulled up, unless a door shuts its contact
		}
		at ^= 1
	}
	return nil
}

// watch notes what the coils get; a door springs open.
func (e *expander) watch() {
	now := time.Since(e.started)
	for i := range 4 {
		list := e.pulses[i]
		live := len(list) > 0 && list[len(list)-1].to == 0
		switch on := e.on()>>i&1 == 1; {
		case on && !live:
			e.pulses[i] = append(list, pulse{from: now})
			if !e.jammed {
				time.AfterFunc(springs, func() { e.move(i, true) })
			}
		case !on && live:
			list[len(list)-1].to = now
		}
	}
}

func (e *expander) move(i int, open bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.open &^= 1 << i
	if open {
		e.open |= 1 << i
	}
}

func (e *expander) isOpen(i int) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.open>>i&1 == 1
}

// set changes something about it while nobody talks to it.
func (e *expander) set(change func(*expander)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change(e)
}

// current says whether a coil has any now.
func (e *expander) current(i int) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.on()>>i&1 == 1
}

// inspect fails the test if the coils had another number of pulses, or one
// that is no pulse of the usual length.
func (e *expander) inspect(t *testing.T, want map[int]int) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	for i := range 4 {
		if len(e.pulses[i]) != want[i] {
			t.Errorf("coil A%d had %d pulses, want %d", i, len(e.pulses[i]), want[i])
		}
		for _, p := range e.pulses[i] {
			if p.long() < usualPulse || p.long() > usualPulse+50*time.Millisecond {
				t.Errorf("coil A%d: a pulse of %v", i, p.long())
			}
		}
	}
}

const expanderFile = `bank: a
kiosk: {name: front, listen: "` + page + `"}
scanners:
  - {kiosk: front, port: scanner, baud: 9600}
buses:
  - name: expanders
    driver: gpio
    trigger: active-low
    polarity: set-is-open
    pull: up
    chips: [{i2c: 1, address: 0x20, relays: [A0, A1, A2, A3], contacts: [B0, B1, B2, B3]}]
doors:
  - {numbers: 1-4, bus: expanders, board: 0, lock: 1}
`

// Doors on a port expander: nothing moves at the start, a phone goes in, the
// expander is pulled off its wires, comes back without what it was told, and
// gives no pulse; a phone goes in.
func TestDoorsOnAnExpander(t *testing.T) {
	e, g := newExpander(), newGadget(t)
	newAdapter(t, 1, e)
	b := newBank(t, expanderFile)
	b.start()
	e.inspect(t, nil)
	handIn := func(n int) {
		g.scan(badge(n))
		b.shows(locker.PutIn, n)
		await(t, 5*time.Second, "an open door", func() bool { return e.isOpen(n - 1) })
		time.Sleep(handling)
		e.move(n-1, false)
		time.Sleep(settling)
	}
	handIn(2)
	e.set(func(e *expander) { e.silent = true })
	time.Sleep(3 * settling)
	g.scan(badge(1))
	b.shows(locker.Full, 0)
	e.power()
	e.set(func(e *expander) { e.silent = false })
	time.Sleep(10 * settling) // silent boards are asked less often
	e.inspect(t, map[int]int{1: 1})
	handIn(4)
	b.stop()
	e.inspect(t, map[int]int{1: 1, 3: 1})
	b.tells(2, locker.Intent, locker.Outcome, locker.Deposited, locker.Moved, locker.Moved)
	b.tells(4, locker.Moved, locker.Moved, locker.Intent, locker.Outcome, locker.Deposited)
}

// An expander keeps a relay on when the program that switched it on is killed.
func TestTheGuardSwitchesAnExpanderOff(t *testing.T) {
	e, g := newExpander(), newGadget(t)
	newAdapter(t, 1, e)
	b := newBank(t, expanderFile)
	b.start()
	e.set(func(e *expander) { e.jammed = true })
	g.scan(badge(3))
	await(t, 5*time.Second, "current in a coil", func() bool { return e.current(2) })
	time.Sleep(usualPulse / 3)
	b.kill()
	if list := e.pulses[2]; len(list) != 1 || list[0].to == 0 || list[0].long() > usualPulse {
		t.Errorf("pulses of coil A2: %v", list)
	}
}

// An adapter that only holds registers, and cannot do plain transfers, as the
// kernel's own pretended one: its doors cannot be asked, the others work on.
func TestAnAdapterThatCannotDoWhatIsAsked(t *testing.T) {
	module, err := os.Open("/i2c-stub.ko")
	if err != nil {
		t.Fatal(err)
	}
	defer module.Close()
	if err := unix.FinitModule(int(module.Fd()), "chip_addr=0x20", 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.DeleteModule("i2c_stub", 0); err != nil {
			t.Error(err)
		}
	})
	w, g := newWall(t), newGadget(t)
	b := newBank(t, strings.Replace(bankFile, "doors:", `  - name: expanders
    driver: gpio
    trigger: active-low
    polarity: set-is-open
    pull: up
    chips: [{i2c: 0, address: 0x20, relays: [A0, A1], contacts: [B0, B1]}]
doors:
  - {numbers: 9-10, bus: expanders, board: 0, lock: 1}`, 1))
	b.start()
	g.scan(badge(9))
	b.shows(locker.Full, 0)
	g.scan(badge(5))
	b.shows(locker.PutIn, 5)
	w.shut(5)
	if err := b.end(); err == nil || !b.said.says("a coil may have current") {
		t.Errorf("the bank ended with %v, and did not say what it could not switch off", err)
	}
	w.inspect(5)
	b.tells(5, locker.Intent, locker.Outcome, locker.Deposited)
}
