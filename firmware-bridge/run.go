package bridge

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/firmware-bridge/watchdog"
	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/locker"
)

// Ledger is what a running bank needs of its log.
type Ledger interface {
	Log
	Checker
	// Checkpoint signs the tree as it stands, if it has grown.
	Checkpoint(ctx context.Context) ([]byte, error)
}

// Reader is one scanner and the kiosk it stands at.
type Reader struct {
	Kiosk string
	Name  string // as the bank's file has it
	Open  func(ctx context.Context) (hardware.Scanner, error)
}

// Config is everything a bank runs on.
type Config struct {
	Setup     locker.Setup
	Rules     locker.Rules
	Version   string
	History   []Past // earlier epochs, oldest first
	Log       Ledger
	Lines     []Line
	Scanners  []Reader
	Now       func() school.Instant // school time
	Display   Display
	Inputs    <-chan Input    // from outside: new rules, orders, staff, help; may be nil
	PINs      PINs            // nil: no PIN is right
	Told      *passkey.Set    // whose passkeys count, as it was told in joining; nil: nobody told it
	Equipment *Equipment      // nil: nobody asks what is away
	Watch     *watchdog.Watch // of the loops; nil: nobody watches
}

const (
	inputQueue      = 256
	batch           = 64 // inputs taken into one commit
	tick            = 200 * time.Millisecond
	checkpointEvery = time.Minute
	frameWait       = 100 * time.Millisecond // for a frame to leave before the next commit
	loopBound       = 15 * time.Second       // a card that takes longer to write a record has failed
)

// Run drives a bank until ctx ends or its ledger fails. It returns nil when ctx
// ended.
func Run(ctx context.Context, c Config) error {
	ctx, stop := context.WithCancel(ctx)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer stop()

	inputs := make(chan Input, inputQueue)
	r := &runtime{Config: c, inputs: inputs, owners: map[int]*owner{}, awaited: map[uint64]bool{}}
	gate := NewGate(c.Setup.Bank, c.Log)
	var owners []*owner
	for _, line := range c.Lines {
		o := newOwner(line, gate, inputs, c.Watch, c.Equipment)
		owners = append(owners, o)
		for door := range line.Doors {
			r.owners[door] = o
		}
	}
	parts := c.parts(r)
	parts.Halt = gate.Halt
	bank, err := NewBank(ctx, parts, r.moment())
	if err != nil {
		return err
	}
	for _, o := range owners {
		workers.Go(func() { o.run(ctx) })
	}
	for _, s := range c.Scanners {
		workers.Go(func() { r.scan(ctx, s) })
	}
	err = r.loop(ctx, bank)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = nil
	}
	stop()
	workers.Wait()
	return err
}

func (c Config) parts(sender Sender) Parts {
	p := Parts{Setup: c.Setup, Rules: c.Rules, Version: c.Version, History: c.History, Log: c.Log, Sender: sender, Display: c.Display, PINs: c.PINs, Told: c.Told, Random: rand.Reader}
	for _, s := range c.Scanners {
		p.Kiosks = append(p.Kiosks, s.Kiosk)
	}
	return p
}

type runtime struct {
	Config
	inputs chan Input
	owners map[int]*owner // by door

	awaited map[uint64]bool // orders of the last turn whose frames have not left, by sequence
}

func (r *runtime) moment() Moment { return Moment{School: r.Now(), Machine: time.Now()} }

// Send hands an order to the owner of its door, if that still takes any.
func (r *runtime) Send(order Order) bool {
	o := r.owners[order.Door]
	if o == nil {
		return false
	}
	select {
	case o.orders <- order:
		r.awaited[order.Receipt.Seq()] = true
		return true
	default:
		return false
	}
}

// loop takes inputs as they come, as many as have gathered at a time: a burst
// of scans shares one commit.
func (r *runtime) loop(ctx context.Context, bank *Bank) error {
	ticks := time.NewTicker(tick)
	defer ticks.Stop()
	checkpoints := time.NewTicker(checkpointEvery)
	defer checkpoints.Stop()
	round := r.Watch.Loop("the bank itself", loopBound)
	defer round.End()
	for {
		round.Round()
		var first Input
		select {
		case <-ctx.Done():
			return nil
		case <-checkpoints.C:
			if _, err := r.Log.Checkpoint(ctx); err != nil {
				return err
			}
			continue
		case <-ticks.C:
			first = Tick{}
		case first = <-r.Inputs:
		case first = <-r.inputs:
		}
		if err := bank.Handle(ctx, r.moment(), r.gather(first)...); err != nil {
			return err
		}
		if bank.State().Ready {
			r.Watch.Ready()
		}
		if bank.TakeUnsigned() {
			if _, err := r.Log.Checkpoint(ctx); err != nil {
				return err
			}
		}
	}
}

// gather adds to first what else has arrived. While an order is on its way it
// waits a moment for the frame to leave, so that the ledger is at rest
// meanwhile: a trace of the system calls is then proof enough that every frame
// had its record.
func (r *runtime) gather(first Input) []Input {
	gathered := []Input{first}
	r.answered(first)
	var late <-chan time.Time
	if len(r.awaited) > 0 {
		late = time.After(frameWait)
	}
	for len(gathered) < batch {
		var in Input
		select {
		case in = <-r.inputs:
		default:
			if len(r.awaited) == 0 {
				return gathered
			}
			select {
			case in = <-r.inputs:
			case <-late:
				clear(r.awaited) // a busy bus sends them when it can
				return gathered
			}
		}
		r.answered(in)
		gathered = append(gathered, in)
	}
	return gathered
}

func (r *runtime) answered(in Input) {
	if s, ok := in.(Sent); ok {
		delete(r.awaited, s.Order.Receipt.Seq())
	}
}

// scan reads one scanner until ctx ends, reopening it when it goes away.
func (r *runtime) scan(ctx context.Context, s Reader) {
	pause := reopenFirst
	for ctx.Err() == nil {
		scanner, err := s.Open(ctx)
		if err == nil {
			pause = reopenFirst
			r.Equipment.found(scannerLost(s.Name))
			err = r.follow(ctx, s.Kiosk, scanner)
			if closeErr := scanner.Close(); closeErr != nil {
				err = errors.Join(err, closeErr)
			}
		}
		if ctx.Err() != nil {
			return
		}
		r.Equipment.lost(scannerLost(s.Name))
		slog.Warn("scanner not available, trying again", "kiosk", s.Kiosk, "in", pause.String(), "err", err, "next", errs.HintOf(err))
		_ = wait.For(ctx, pause)
		pause = min(2*pause, reopenLast)
	}
}

func (r *runtime) follow(ctx context.Context, kiosk string, scanner hardware.Scanner) error {
	for {
		line, err := scanner.Scan(ctx)
		if err != nil {
			return err
		}
		select {
		case r.inputs <- Scanned{Kiosk: kiosk, Line: line, At: time.Now()}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
