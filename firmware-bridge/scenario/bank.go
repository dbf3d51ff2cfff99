package scenario

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/view"
)

// How the modelled cabinet and the line to the school behave. Nothing of it ever
// fails; the simulator is for that.
const (
	latchOpens = 200 * time.Millisecond // after the frame
	pollEvery  = 100 * time.Millisecond
	lineTakes  = 50 * time.Millisecond // one way
)

// bank is the firmware of one bank over a cabinet that works, and its line to
// the school.
type bank struct {
	*world
	id, kiosk string
	setup     locker.Setup
	core      *bridge.Bank
	gate      *bridge.Gate
	log       *memlog.Log
	epoch     uint64 // of the log
	restless  bool   // a poll is planned

	open   map[int]bool // the truth
	screen locker.Screen
	reader *person // whose badge was scanned last

	dark  bool         // it has no power
	cut   bool         // nothing goes over its line
	sent  uint64       // records that are on the school's side
	asked bool         // a delivery is planned
	board *view.Fold   // the school's view, from those
	rules locker.Rules // given to it last
}

func (w *world) newBank(c cabinet.Cabinet) (*bank, error) {
	b := &bank{world: w, id: c.Setup.Bank, kiosk: c.Kiosk.Name, setup: c.Setup, epoch: 1, open: map[int]bool{}, board: view.NewFold(c.Setup)}
	var err error
	if b.log, err = memlog.New(b.id, w.time); err != nil {
		return nil, err
	}
	return b, b.start()
}

// start lets the bank's program begin, by what its ledger says.
func (b *bank) start() (err error) {
	b.gate = bridge.NewGate(b.id, b.log)
	b.core, err = bridge.NewBank(context.Background(), bridge.Parts{
		Setup: b.setup, Rules: b.rulesNow(), Kiosks: []string{b.kiosk}, Version: "scenario",
		Log: journal{b.log, b}, Sender: b, Display: b, Halt: b.gate.Halt, Told: b.told(), Random: rand.NewChaCha8([32]byte{'n', b.id[0]}),
	}, b.moment(b.id))
	if err == nil {
		b.poll()
	}
	return err
}

func (b *bank) rulesNow() locker.Rules {
	if b.rules.Directory == nil {
		b.rules = b.given.Current()
	}
	return b.rules
}

// handle gives the bank inputs. An error of its ledger cannot be, in memory.
func (b *bank) handle(inputs ...bridge.Input) {
	if b.dark {
		return
	}
	if err := b.core.Handle(context.Background(), b.moment(b.id), inputs...); err != nil {
		b.broken("bank %s stops: %v", b.id, err)
	}
}

// Send is the bank handing an order to its bus: through the gate to the latch.
func (b *bank) Send(order bridge.Order) bool {
	err := b.gate.Open(context.Background(), order, latch{b}, b.now)
	at := b.now
	b.after(10*time.Millisecond, func() { b.handle(bridge.Sent{Order: order, At: at, Err: err}) })
	b.poll()
	return true
}

// latch is the driver behind the gate.
type latch struct{ *bank }

// Unlock lets a door spring open.
func (l latch) Unlock(_ context.Context, n int) error {
	l.after(latchOpens, func() {
		if !l.open[n] {
			l.open[n] = true
			l.sprang(l.bank, n)
			l.after(locker.OpenTooLong+time.Second, func() { l.handle(bridge.Tick{}) })
			l.poll()
		}
	})
	return nil
}

// Show is the bank changing a kiosk's screen.
func (b *bank) Show(_ string, s locker.Screen) {
	b.screen = s
	b.shown(b)
}

// shut is somebody pushing a door to.
func (b *bank) shut(n int) {
	b.open[n] = false
	b.poll()
}

// poll looks at the doors until the bank believes what is true of them.
func (b *bank) poll() {
	if b.restless {
		return
	}
	b.restless = true
	b.after(pollEvery, func() {
		b.restless = false
		b.look()
	})
}

func (b *bank) look() {
	looked := map[int]hardware.Reading{}
	state := b.core.State()
	for n := range b.setup.All() {
		if !state.Ready || (state.Doors[n].Contact == locker.Open) != b.open[n] {
			looked[n] = b.reading(n)
		}
	}
	opening := false
	for _, v := range state.UnderWay() {
		if v.Phase == locker.Opening {
			opening, looked[v.Door] = true, b.reading(v.Door)
		}
	}
	if len(looked) == 0 && !opening {
		return
	}
	b.handle(bridge.Looked{At: b.now, Doors: looked})
	b.poll()
}

func (b *bank) reading(n int) hardware.Reading {
	if b.open[n] {
		return hardware.Reading{Contact: hardware.Open}
	}
	return hardware.Reading{Contact: hardware.Closed}
}

// openDoors are the doors that stand open.
func (b *bank) openDoors() []string {
	var list []int
	for n, open := range b.open {
		if open {
			list = append(list, n)
		}
	}
	slices.Sort(list)
	var names []string
	for _, n := range list {
		names = append(names, door{b.id, n}.String())
	}
	return names
}

// instant is the moment as a machine of the school knows it.
func (w *world) instant(machine string) school.Instant {
	return school.Instant{Wall: w.now.UTC(), Trusted: true, Boot: "boot-" + machine, Mono: w.now.Sub(w.began)}
}

func (w *world) moment(machine string) bridge.Moment {
	return bridge.Moment{School: w.instant(machine), Machine: w.now}
}

func (w *world) time() time.Time { return w.now }
