package banks

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
)

// Config is what the server needs for its banks.
type Config struct {
	List   *List
	Rules  *Rules
	Copies string // folder of the copies of the banks' ledgers
	Root   wire.Root
	Key    *wire.Key
	Bus    Bus
	School SchoolLedger          // for the banks to witness; nil for none
	Now    func() school.Instant // school time
	Zone   *time.Location

	ItemBook ItemBook // is told of items and holds at banks; nil for none
}

// SchoolLedger is the school's own ledger, as its banks see it.
type SchoolLedger interface {
	LastCheckpoint() []byte
	ReadHashes(indexes []int64) ([]tlog.Hash, error)
}

// House is all banks of a school at work.
type House struct {
	*house

	hidden func(item string) bool // what whoever looks must not know of; nil for nothing
}

// house is what all who look at one House share.
type house struct {
	Config
	orders *orders

	admitting sync.Mutex // held by Admit from its look at the list on

	mu    sync.Mutex
	banks map[string]*line
	news  wait.Signal // rung when anything on any board may have changed
	count atomic.Uint64
	add   chan *line
}

// Open opens the copies of every bank there is. What is wrong with those of one
// is that one's problem: see Status.
func Open(c Config) *House {
	h := &House{house: &house{Config: c, orders: &orders{root: c.Root, key: c.Key, bus: c.Bus, waiting: map[string]chan wire.Answer{}},
		banks: map[string]*line{}, add: make(chan *line, MaxBanks)}}
	for _, b := range c.List.All() {
		h.open(b)
	}
	return h
}

// Without is the same house to somebody who must not know of some items.
func (h *House) Without(hidden func(item string) bool) *House { return &House{h.house, hidden} }

func (h *House) hides(item string) bool { return h.hidden != nil && h.hidden(item) }

func (h *House) open(b Bank) {
	l := newLine(h, b, openFollower(h.Copies, b.Setup.Bank, h.List))
	h.mu.Lock()
	defer h.mu.Unlock()
	h.banks[b.Setup.Bank] = l
	h.add <- l // as many fit as there may be banks
}

// Admit starts following a bank that was put on the list while the server runs.
// Of one it follows already it takes up what the list says now. Errors:
// not_found, unavailable.
func (h *House) Admit(ctx context.Context, bank string) error {
	if err := h.admit(bank); err != nil {
		return err
	}
	return h.publish(ctx, bank)
}

func (h *House) admit(bank string) error {
	h.admitting.Lock()
	defer h.admitting.Unlock()
	b, ok := h.List.Get(bank)
	if !ok {
		return errs.New(errs.NotFound, "There is no such bank.", "")
	}
	if l := h.line(bank); l != nil {
		l.relist(b)
		return nil
	}
	h.open(b)
	return nil
}

func (h *House) line(bank string) *line {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.banks[bank]
}

// Run follows every bank until ctx ends. Errors: those of the bus.
func (h *House) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		for {
			select {
			case l := <-h.add:
				group.Go(func() error { return l.run(ctx) })
			case <-ctx.Done():
				return nil
			}
		}
	})
	for leaf, take := range map[wire.Leaf]func(*line, []byte){
		wire.LeafJournal: (*line).heardJournal, wire.LeafState: (*line).heardState,
		wire.LeafAnswer: (*line).heardAnswer, wire.LeafPresence: (*line).heardPresence,
	} {
		err := h.Bus.Subscribe(ctx, h.Root.Bank(wire.Any, leaf), func(topic string, payload []byte, _ bool) {
			if id, _, ok := h.Root.Whose(topic); ok && h.line(id) != nil {
				take(h.line(id), payload)
			}
		})
		if err != nil {
			return err
		}
	}
	group.Go(func() error { return h.tellTime(ctx) })
	return group.Wait()
}

// Publish sends the current rules to every bank. The broker keeps them for
// those that are away.
func (h *House) Publish(ctx context.Context) error {
	for _, b := range h.List.All() {
		if err := h.publish(ctx, b.Setup.Bank); err != nil {
			return err
		}
	}
	h.changed()
	return nil
}

func (h *House) publish(ctx context.Context, bank string) error {
	directory, plan := h.Rules.Sealed()
	rules := h.Rules.Current()
	if l := h.line(bank); l != nil {
		l.rule(rules)
	}
	for leaf, sealed := range map[wire.Leaf][]byte{wire.LeafDirectory: directory, wire.LeafPlan: plan} {
		if sealed == nil {
			continue
		}
		if err := h.Bus.Publish(ctx, h.Root.Bank(bank, leaf), sealed, true); err != nil {
			return errs.Wrap(err, errs.Unavailable, "The rules could not be handed to the broker.", "They are tried again; look at the broker.")
		}
	}
	return nil
}

// beaconEvery is how often the server tells its signed time.
const beaconEvery = 30 * time.Second

func (h *House) tellTime(ctx context.Context) error {
	ticks := time.NewTicker(beaconEvery)
	defer ticks.Stop()
	for {
		if err := h.beacon(ctx); err != nil && ctx.Err() == nil {
			slog.Warn("the time could not be told to the banks", "err", err)
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (h *House) beacon(ctx context.Context) error {
	now := h.Now()
	if !now.Trusted {
		return nil // a server that does not know the time does not vouch for it
	}
	payload, err := wire.Encode(wire.Beacon{V: wire.V, At: now.Wall.UTC()})
	if err != nil {
		return err
	}
	sealed, err := wire.Seal(h.Key, wire.TypeTime, payload)
	if err != nil {
		return err
	}
	return h.Bus.Publish(ctx, h.Root.Server(wire.LeafTime), sealed, true)
}

// Order sends an order to a bank and waits for what became of it. Errors:
// not_found, unavailable.
func (h *House) Order(ctx context.Context, bank string, o locker.Order) (Done, error) {
	if h.line(bank) == nil {
		return Done{}, errs.New(errs.NotFound, "There is no such bank.", "")
	}
	return h.orders.give(ctx, bank, o)
}

// Approval asks a bank for a number that two people sign within 15 minutes of the
// bank's own. Errors: not_found, unavailable.
func (h *House) Approval(ctx context.Context, bank string) (string, error) {
	if h.line(bank) == nil {
		return "", errs.New(errs.NotFound, "There is no such bank.", "")
	}
	return h.orders.approval(ctx, bank)
}

// changed wakes everybody who waits for news.
func (h *House) changed() {
	h.count.Add(1)
	h.news.Ring()
}

// News counts what has changed on any board.
func (h *House) News() uint64 {
	return h.count.Load()
}

// Wait returns as soon as News is more than seen, or with ctx's error.
func (h *House) Wait(ctx context.Context, seen uint64) error {
	return h.news.Until(ctx, func() bool { return h.News() > seen })
}

// Close closes the copies.
func (h *House) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var err error
	for _, l := range h.banks {
		err = errors.Join(err, l.follower.close())
	}
	return err
}
