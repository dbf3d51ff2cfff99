package banks

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/view"
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
}

// SchoolLedger is the school's own ledger, as its banks see it.
type SchoolLedger interface {
	LastCheckpoint() []byte
	ReadHashes(indexes []int64) ([]tlog.Hash, error)
}

// House is all banks of a school at work.
type House struct {
	Config
	orders *orders

	mu    sync.Mutex
	banks map[string]*line
	news  chan struct{} // closed when anything on any board may have changed
	count uint64        // of news
	add   chan *line
}

// Open opens the copies of every bank there is.
func Open(c Config) (*House, error) {
	h := &House{Config: c, orders: &orders{root: c.Root, key: c.Key, bus: c.Bus, waiting: map[string]chan wire.Answer{}},
		banks: map[string]*line{}, news: make(chan struct{}), add: make(chan *line, MaxBanks)}
	for _, b := range c.List.All() {
		if err := h.open(b); err != nil {
			return nil, errors.Join(err, h.Close())
		}
	}
	return h, nil
}

func (h *House) open(b Bank) error {
	f, err := openFollower(h.Copies, b.Setup.Bank, h.List.accepts)
	if err != nil {
		return err
	}
	l := newLine(h, b, f)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.banks[b.Setup.Bank] = l
	h.add <- l // as many fit as there may be banks
	return nil
}

// Admit starts following a bank that was added to the list while the server
// runs. It does nothing for one it knows.
func (h *House) Admit(ctx context.Context, b Bank) error {
	if h.line(b.Setup.Bank) != nil {
		return nil
	}
	if err := h.open(b); err != nil {
		return err
	}
	return h.publish(ctx, b.Setup.Bank)
}

func (h *House) line(bank string) *line {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.banks[bank]
}

// Run follows every bank until ctx ends, or until this server's own disk fails.
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

// Status is a bank with how it is connected and what it goes by.
type Status struct {
	Bank
	Board   view.Board
	Online  bool
	Since   time.Time // of Online; machine time; zero before the first word
	State   wire.BankState
	Refused string // why its ledger is no longer followed, or who else comes in its name
}

// Banks are all banks as they are now, by id.
func (h *House) Banks() []Status {
	var list []Status
	for _, b := range h.List.All() {
		if l := h.line(b.Setup.Bank); l != nil {
			list = append(list, l.status())
		}
	}
	return list
}

// Copy is the server's copy of a bank's current ledger, if there is one.
func (h *House) Copy(bank string) (*boltlog.Copy, bool) {
	l := h.line(bank)
	if l == nil {
		return nil, false
	}
	newest, _, _ := l.follower.current()
	return newest, newest != nil
}

// Happening is one event of a person at a bank.
type Happening struct {
	Bank string
	locker.Event
}

// History is what the banks' records say of a person lately, newest first.
func (h *House) History(person string) []Happening {
	var list []Happening
	for _, b := range h.List.All() {
		if l := h.line(b.Setup.Bank); l != nil {
			for _, e := range l.live().History(person) {
				list = append(list, Happening{b.Setup.Bank, e})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Happening) int { return b.At.Wall.Compare(a.At.Wall) })
	return list
}

// Force says of one bank whether it goes by a directory.
type Force struct {
	Bank   Bank
	Since  time.Time // school time; zero while it is not in force there
	Online bool
	Seen   time.Time // when the bank came or went, machine time
}

// InForce says, bank by bank, since when the rules hold that the record at seq
// of the school's ledger decided.
func (h *House) InForce(seq uint64) []Force {
	directory, given := h.Rules.Since(seq)
	var list []Force
	for _, b := range h.List.All() {
		l := h.line(b.Setup.Bank)
		if l == nil {
			continue
		}
		f := l.connected()
		if given {
			f.Since, _ = l.live().InForce(directory)
		}
		list = append(list, f)
	}
	return list
}

// changed wakes everybody who waits for news.
func (h *House) changed() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.count++
	close(h.news)
	h.news = make(chan struct{})
}

// News counts what has changed on any board.
func (h *House) News() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.count
}

// Wait returns as soon as News is more than seen, or with ctx's error.
func (h *House) Wait(ctx context.Context, seen uint64) error {
	for {
		h.mu.Lock()
		count, news := h.count, h.news
		h.mu.Unlock()
		if count > seen {
			return nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
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
