package scenario

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
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
	restless  bool // a poll is planned

	open   map[int]bool // the truth
	screen locker.Screen
	reader *person // whose badge was scanned last

	cut   bool         // nothing goes over its line
	sent  uint64       // records that are on the school's side
	asked bool         // a delivery is planned
	board *view.Fold   // the school's view, from those
	rules locker.Rules // given to it last
}

func (w *world) newBank(c cabinet.Cabinet) (*bank, error) {
	b := &bank{world: w, id: c.Setup.Bank, kiosk: c.Kiosk.Name, setup: c.Setup, open: map[int]bool{}, board: view.NewFold(c.Setup)}
	var err error
	if b.log, err = memlog.New(b.id, w.time); err != nil {
		return nil, err
	}
	b.gate = bridge.NewGate(b.id, b.log)
	b.core, err = bridge.NewBank(context.Background(), bridge.Parts{
		Setup: b.setup, Rules: b.rulesNow(), Kiosks: []string{b.kiosk}, Version: "scenario",
		Log: journal{b}, Sender: b, Display: b, Random: rand.NewChaCha8([32]byte{'n', b.id[0]}),
	}, w.moment(b.id))
	if err == nil {
		b.poll()
	}
	return b, err
}

func (b *bank) rulesNow() locker.Rules {
	if b.rules.Directory == nil {
		b.rules = b.given.Current()
	}
	return b.rules
}

// handle gives the bank inputs. An error of its ledger cannot be, in memory.
func (b *bank) handle(inputs ...bridge.Input) {
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

// orders has the school ask for a nonce and send an order with it. Errors:
// unavailable while the line is cut, denied with the bank's answer.
func (b *bank) order(o locker.Order) (bridge.OrderResult, error) {
	if b.cut {
		return bridge.OrderResult{}, errs.New(errs.Unavailable, "The bank does not answer. No door was opened.", "Use the bank's keypad or key.")
	}
	o.ID = b.orderID()
	b.handle(bridge.NonceAsked{Reply: func(n string) { o.Nonce = n }})
	var result bridge.OrderResult
	b.handle(bridge.Ordered{Order: o, Reply: func(r bridge.OrderResult) { result = r }})
	return result, nil
}

// journal is the bank's ledger; what is written travels to the school.
type journal struct{ *bank }

// Append records entries; see ledger.Appender.
func (j journal) Append(ctx context.Context, entries ...ledger.Entry) ([]ledger.Receipt, error) {
	receipts, err := j.log.Append(ctx, entries...)
	if err == nil {
		j.deliverSoon()
	}
	return receipts, err
}

// Size is the number of records.
func (j journal) Size() uint64 { return j.log.Size() }

// Read reads records; see ledger.Reader.
func (j journal) Read(ctx context.Context, from uint64, fn func(ledger.Record) error) error {
	return j.log.Read(ctx, from, fn)
}

// Wait waits for records; see ledger.Reader.
func (j journal) Wait(ctx context.Context, size uint64) error { return j.log.Wait(ctx, size) }

// deliverSoon sends what the school has not got, in order, unless the line is
// cut.
func (b *bank) deliverSoon() {
	if b.asked || b.cut {
		return
	}
	b.asked = true
	b.after(lineTakes, func() {
		b.asked = false
		if !b.cut {
			b.deliver()
		}
	})
}

func (b *bank) deliver() {
	err := b.log.Read(context.Background(), b.sent, func(r ledger.Record) error {
		if r.Seq != b.sent {
			b.broken("bank %s: record %d comes after %d", b.id, r.Seq, b.sent)
		}
		b.sent = r.Seq + 1
		return b.heard(b, r)
	})
	if err != nil {
		b.broken("what bank %s says cannot be taken in: %v", b.id, err)
	}
}

// mend joins the line again: rules go down, the journal comes up.
func (b *bank) mend() {
	b.cut = false
	b.deliverSoon()
	b.rule()
}

// rule brings the newest rules to the bank, if the line holds.
func (b *bank) rule() {
	newest := b.given.Current()
	if b.cut || b.rules.Directory.Version == newest.Directory.Version && b.rules.Plan.Version == newest.Plan.Version {
		return
	}
	b.rules = newest
	b.after(lineTakes, func() { b.handle(bridge.Ruled{Rules: newest}) })
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
