package bridge

import (
	"context"
	"reflect"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/firmware-bridge/commission"
	"github.com/bellkeep/bellkeep/firmware-bridge/watchdog"
	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/record"
)

// Commissioning finds out which door hangs on which lock. It works the buses
// instead of a bank, through the same gate: no lock gets a pulse that is not on the
// ledger first.
type Commissioning struct {
	Bank    string
	Plan    commission.Plan
	Facts   commission.Facts // of an earlier run, or none
	Lines   []Line           // whose doors are the outlets of Plan, from 1 on; closed is a set bit
	Log     Ledger
	Now     func() school.Instant
	Keep    func(commission.Facts) error // makes facts outlive a power cut
	Show    func(commission.Ask)         // tells the person beside the cabinet what to do
	Answers <-chan commission.Answer     // what they say
	Refuse  func(error)                  // tells them why an answer was not taken
	Watch   *watchdog.Watch              // of the buses; nil: nobody watches
}

// Run goes on until the map is found. Errors: that of the question it failed with,
// ctx's, and those of Log and Keep, which end it too.
func (c Commissioning) Run(ctx context.Context) (commission.Found, error) {
	ctx, stop := context.WithCancel(ctx)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer stop()
	r := &commissioner{Commissioning: c, machine: commission.New(c.Plan, c.Facts), inputs: make(chan Input, inputQueue), owners: map[int]*owner{}, kept: c.Facts}
	gate := NewGate(c.Bank, c.Log)
	for _, line := range c.Lines {
		o := newOwner(line, gate, r.inputs, c.Watch, nil)
		for outlet := range line.Doors {
			r.owners[outlet] = o
		}
		workers.Go(func() { o.run(ctx) })
	}
	return r.loop(ctx)
}

// commissioner is a commissioning at work.
type commissioner struct {
	Commissioning
	machine *commission.Machine
	inputs  chan Input
	owners  map[int]*owner // by outlet, from 1
	kept    commission.Facts
	shown   commission.Ask
}

func (r *commissioner) loop(ctx context.Context) (commission.Found, error) {
	ticks := time.NewTicker(tick)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return commission.Found{}, ctx.Err()
		case <-ticks.C:
		case in := <-r.inputs:
			r.take(in)
		case a := <-r.Answers:
			if err := r.answer(ctx, a); err != nil {
				return commission.Found{}, err
			}
		}
		if err := r.turn(ctx); err != nil {
			return commission.Found{}, err
		}
		switch r.shown.Kind {
		case commission.Done:
			return r.machine.Found(), nil
		case commission.Failed:
			return commission.Found{}, r.shown.Err
		}
	}
}

func (r *commissioner) take(in Input) {
	switch in := in.(type) {
	case Looked:
		bits := make(map[int]bool, len(in.Doors))
		for outlet, reading := range in.Doors {
			if reading.Contact != hardware.Unknown {
				bits[outlet-1] = reading.Contact == hardware.Closed
			}
		}
		r.machine.Look(in.At, bits)
	case Sent:
		r.machine.Sent(in.Order.Door-1, in.At, in.Err)
	}
}

// answer hands on what the person says. That doors may open is on record.
func (r *commissioner) answer(ctx context.Context, a commission.Answer) error {
	if err := r.machine.Answer(a); err != nil {
		r.Refuse(err)
		return nil
	}
	if a.Kind != commission.Go {
		return nil
	}
	_, err := r.note(ctx, locker.Event{Kind: locker.CommissionBegun})
	return err
}

// turn keeps what was found out, then records and sends the next pulse, then shows
// what there is to do.
func (r *commissioner) turn(ctx context.Context) error {
	if facts := r.machine.Facts(); !reflect.DeepEqual(facts, r.kept) {
		if err := r.Keep(facts); err != nil {
			return err
		}
		r.kept = facts
	}
	now := time.Now()
	if outlet, ok := r.machine.Pulse(now); ok {
		if err := r.send(ctx, outlet); err != nil {
			return err
		}
	}
	if ask := r.machine.Ask(now); !reflect.DeepEqual(ask, r.shown) {
		r.shown = ask
		r.Show(ask)
	}
	return nil
}

// send records a pulse, then brings it to the owner of its bus.
func (r *commissioner) send(ctx context.Context, outlet int) error {
	what := r.Plan.Outlets[outlet].String()
	receipt, err := r.note(ctx, locker.Event{Kind: locker.CommissionPulse, Door: outlet + 1, Purpose: locker.Commission, Body: locker.Body{What: what}})
	if err != nil {
		return err
	}
	order := Order{Door: outlet + 1, Purpose: locker.Commission, Receipt: receipt}
	select {
	case r.owners[outlet+1].orders <- order:
	default: // cannot be, with one pulse at a time
		r.machine.Sent(outlet, time.Now(), errs.New(errs.Denied, "The bus takes no orders.", "Look at the bus."))
	}
	return nil
}

func (r *commissioner) note(ctx context.Context, e locker.Event) (ledger.Receipt, error) {
	return Note(ctx, r.Log, r.Now(), e)
}

// Note puts one event on a ledger, as what happened at now. Errors: those of Append.
func Note(ctx context.Context, log ledger.Appender, now school.Instant, e locker.Event) (ledger.Receipt, error) {
	e.At = Moment{School: now}.recorded().School
	entry, err := record.Entry(e)
	if err != nil {
		return ledger.Receipt{}, err
	}
	receipts, err := log.Append(ctx, entry)
	if err != nil {
		return ledger.Receipt{}, err
	}
	return receipts[0], nil
}
