// Package uplink is a bank's line to its school server: the bank's ledger goes
// up, directory, plan, orders and time come down. A bank works without it for as
// long as it must; nothing here is ever waited for by a door.
//
// Up: the ledger is the outbox. Records are sent verbatim from wherever the
// server's copy ends, as often as it takes, and the server's cumulative
// acknowledgement is the only thing that moves the end. Down: whatever
// tightens is state, verified, written to the bank's disk and then brought
// into force, which the ledger records and so reports. An order is one input to
// the bank's own decision and dies with its nonce.
package uplink

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/health"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
)

// Bus is the MQTT client.
type Bus interface {
	// Publish returns once the broker has the message.
	Publish(ctx context.Context, topic string, payload []byte, retain bool) error
	// Subscribe calls handle for one message at a time, also after reconnections.
	Subscribe(ctx context.Context, filter string, handle func(topic string, payload []byte, retained bool)) error
}

// Ledger is one epoch of the bank's ledger.
type Ledger interface {
	Size() uint64
	Read(ctx context.Context, from uint64, fn func(ledger.Record) error) error
	LastCheckpoint() []byte // signed; nil when there is none
}

// Growing is the epoch that is being written.
type Growing interface {
	Ledger
	Wait(ctx context.Context, size uint64) error
}

// Epoch is a ledger and its number.
type Epoch struct {
	Number uint64
	Ledger Ledger
}

// Rules takes what came down.
type Rules interface {
	// Rule brings rules into force that are on the bank's disk already.
	Rule(ctx context.Context, rules locker.Rules) error
	// Refused records that a message was not taken, and why.
	Refused(ctx context.Context, what, why string) error
}

// Orders is the bank's own decision about orders.
type Orders interface {
	// Nonce hands out a nonce for an order, or for two people to sign, or says why
	// there is none now.
	Nonce(ctx context.Context, approval bool) (string, error)
	// Order says what came of an order. Its error is context.DeadlineExceeded when
	// the order may yet be carried out.
	Order(ctx context.Context, o locker.Order) (Done, error)
}

// Done is what came of an order.
type Done struct {
	Seq     uint64 // of what was decided, or of the refusal, on the bank's ledger
	Door    int    // that is being opened, or was asked for; 0 for none
	Refused string // why not; "" when it is being carried out
}

// Peeker lets somebody look at what the bank believes, between two turns.
type Peeker interface {
	Peek(ctx context.Context, look func(*locker.State, locker.Rules)) error
}

// Bank is the bank's firmware.
type Bank interface {
	Rules
	Orders
	Peeker
}

// Config is what a link needs.
type Config struct {
	Bank    string // its id
	Root    wire.Root
	Keys    wire.Keys // of the school server
	Bus     Bus
	Store   *Store
	History []Epoch // earlier epochs, oldest first
	Epoch   uint64  // number of the current one
	Log     Growing
	Station Bank
	Witness *ledger.Witness    // of the school's own ledger; nil for none
	Time    func(at time.Time) // hears the server's signed time
	Now     func() school.Instant
	Health  func() []health.Problem // of the bank's computer; nil: nothing is known of it

	Software string // the version of its program; "" for none
}

// Link is one bank's line.
type Link struct {
	Config
	up   chan struct{} // a connection has come up, for the journal
	back chan struct{} // the same, for the state
	acks chan wire.JournalAck

	doubts atomic.Bool // the school's checkpoint was refused, and none believed since

	ruling sync.Mutex // held from reading the store until the bank has the rules
}

// New makes a link. Call Up after every connection.
func New(c Config) *Link {
	return &Link{Config: c, up: make(chan struct{}, 1), back: make(chan struct{}, 1), acks: make(chan wire.JournalAck, 64)}
}

// Up tells the link that the broker has been reached (again): it starts from
// what the server says it has.
func (l *Link) Up() {
	for _, who := range []chan struct{}{l.up, l.back} {
		select {
		case who <- struct{}{}:
		default: // it knows already
		}
	}
}

// Run keeps the line until ctx ends. It returns an error only when the bank's
// own ledger cannot be read.
func (l *Link) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	l.listen(ctx, group)
	group.Go(func() error { return l.journal(ctx) })
	group.Go(func() error { return l.report(ctx) })
	return ended(ctx, group.Wait())
}

// listen subscribes to everything that comes down. Subscriptions are kept
// over reconnections and made as soon as there is a first one. The time a broker
// has kept is not the time it is: only a beacon that comes live is heard.
func (l *Link) listen(ctx context.Context, group *errgroup.Group) {
	inboxes := map[string]func(context.Context, []byte) error{
		l.Root.Bank(l.Bank, wire.LeafJournalAck): l.acked,
		l.Root.Bank(l.Bank, wire.LeafDirectory):  l.directory,
		l.Root.Bank(l.Bank, wire.LeafPlan):       l.plan,
		l.Root.Bank(l.Bank, wire.LeafOrder):      l.order,
		l.Root.Server(wire.LeafTime):             l.beacon,
	}
	for topic, take := range inboxes {
		inbox := make(chan []byte, 16)
		group.Go(func() error { return drain(ctx, inbox, take) })
		group.Go(func() error {
			return l.subscribe(ctx, topic, func(_ string, payload []byte, retained bool) {
				if retained && topic == l.Root.Server(wire.LeafTime) {
					return
				}
				select {
				case inbox <- payload:
				case <-ctx.Done():
				}
			})
		})
	}
}

// subscribe tries until the broker takes the subscription.
func (l *Link) subscribe(ctx context.Context, topic string, handle func(string, []byte, bool)) error {
	for {
		err := l.Bus.Subscribe(ctx, topic, handle)
		if err == nil || ctx.Err() != nil {
			return nil
		}
		warn("the broker refuses a subscription, trying again", err, "topic", topic)
		if wait.For(ctx, retryAfter) != nil {
			return nil
		}
	}
}

func drain(ctx context.Context, inbox <-chan []byte, take func(context.Context, []byte) error) error {
	for {
		select {
		case payload := <-inbox:
			if err := take(ctx, payload); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}
