// Package shadow is the server's side of device management over MQTT. For each
// device it keeps what is desired and what was last reported, publishes the one
// at every bell where it changed, and takes in the other.
//
// What travels is described in package mdm. Before the broker lets devices in,
// Open publishes every desired document anew, so that an embedded broker needs
// no memory of its own.
package shadow

import (
	"context"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
)

// Bus is the broker. Publish returns once the broker has the message. Handlers
// are called one at a time for each subscription, in order.
type Bus interface {
	Publish(ctx context.Context, topic string, payload []byte, retain bool) error
	Subscribe(ctx context.Context, filter string, handle func(topic string, payload []byte, retained bool)) error
}

// Fleet is the book of devices. Version grows with every change of it.
type Fleet interface {
	Devices() []mdm.Device
	Version() uint64
}

// Rules are what the school asks of its devices at a moment, and a number that is
// another whenever they are others.
type Rules interface {
	At(now time.Time) (mdm.Rules, uint64)
}

// Exceptions are what is laid over a device's profiles on the day of now. Version
// grows with every change of them.
type Exceptions interface {
	For(d mdm.Device, now time.Time) []mdm.Exception
	Version() uint64
}

// Config is what a shadow needs. All fields but Exceptions are needed.
type Config struct {
	Root  wire.Root
	Bus   Bus
	Fleet Fleet
	Rules Rules
	Revs  Revs
	Seal  func(payload []byte) ([]byte, error) // the envelope of a desired document
	Day   func(time.Time) []mdm.Period         // the periods of the day of a moment, by From
	Now   func() time.Time                     // school time

	Exceptions Exceptions // nil for none

	// Watch is told of a device whenever something about it was taken in or
	// refused, and when its revision changed; it must be quick and not call back.
	// That time alone made a device late it learns from the Board. nil for nobody.
	Watch func(Row)
}

// Shadow is all devices as the server knows them. It is safe for concurrent
// use.
type Shadow struct {
	Config

	bell    sync.Mutex // one bell at a time; guards what only bells touch
	marks   map[string]mdm.Mark
	checked check

	mu      sync.Mutex
	devices map[string]*entry
	order   []string // their ids, as people count
	refused refusals
	size    uint64 // changes so far
	changed wait.Signal
	board   Board // as of size, to be handed out again
}

// entry is one device.
type entry struct {
	device    mdm.Device
	want      mdm.Desired
	published bool // the broker has want
	seen      mdm.Seen
	born      mdm.Presence // last birth taken in
	dead      string       // session of the last death
	waitFrom  time.Time    // machine time from which it could act on want; zero for not yet
	overdue   bool         // Grace has passed since, and the board knows
	event     *Happened
	refusal   *Refusal // the last; nil for none
}

// New loads the revisions. Where there are none for a fleet that is not empty
// they are lost, and begin above any a device can have applied: it would ignore
// lower ones for ever. Call Open, then Run. Errors: those of Revs.Load.
func New(c Config) (*Shadow, error) {
	marks, err := c.Revs.Load()
	if err != nil {
		return nil, err
	}
	if marks == nil {
		marks = anew(c.Fleet.Devices(), c.Now())
	}
	return &Shadow{Config: c, marks: marks, devices: map[string]*entry{}}, nil
}

// Open listens to devices and publishes what is desired of each. Once it has
// returned devices may be let in. Subscriptions end with ctx. Errors: those of
// the bus, of Revs and of Seal.
func (s *Shadow) Open(ctx context.Context) error {
	if err := s.forget(ctx); err != nil {
		return err
	}
	if err := s.Bell(ctx); err != nil {
		return err
	}
	for leaf, handle := range map[wire.Leaf]intake{
		wire.LeafPresence: s.presence,
		wire.LeafReported: s.reported,
		wire.LeafEvent:    s.happened,
	} {
		if err := s.Bus.Subscribe(ctx, s.Root.Device(wire.Any, leaf), s.guard(leaf, handle)); err != nil {
			return errs.Wrap(err, errs.Unavailable, "The server cannot listen to the devices.", "Look at the broker's log.")
		}
	}
	return nil
}

// tick is how often Run looks whether a bell has rung.
const tick = 20 * time.Millisecond

// ageEvery is how often Run looks for devices that are late.
const ageEvery = 50 // ticks

// retryAfter is how long Run waits after a bell that failed.
const retryAfter = 2 * time.Second

// Run rings every bell until ctx ends. A bell that fails is tried again;
// meanwhile devices go by the stages they have. failed is told why.
func (s *Shadow) Run(ctx context.Context, failed func(error)) error {
	t := time.NewTicker(tick)
	defer t.Stop()
	var quiet time.Time
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
		if n%ageEvery == 0 {
			s.age()
		}
		if time.Now().Before(quiet) || !s.due() {
			continue
		}
		if err := s.Bell(ctx); err != nil && ctx.Err() == nil {
			quiet = time.Now().Add(retryAfter)
			failed(err)
		}
	}
}

// Wait returns as soon as more than size changes have happened; see Board.
func (s *Shadow) Wait(ctx context.Context, size uint64) error {
	return s.changed.Until(ctx, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.size > size
	})
}

// touch tells those who wait; for callers that hold mu.
func (s *Shadow) touch() {
	s.size++
	s.changed.Ring()
}
