package uplink

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
)

const within = time.Minute // for what should take milliseconds

// firmware is a bank that remembers what it was told.
type firmware struct {
	mu      sync.Mutex
	ruled   chan locker.Rules
	refused chan string
	orders  []locker.Order
	late    error // instead of an answer to an order
}

func newFirmware() *firmware {
	return &firmware{ruled: make(chan locker.Rules, 64), refused: make(chan string, 64)}
}

func (f *firmware) Rule(_ context.Context, r locker.Rules) error { f.ruled <- r; return nil }

func (f *firmware) Refused(_ context.Context, what, why string) error {
	f.refused <- what + " " + why
	return nil
}

func (f *firmware) Nonce(context.Context, bool) (string, error) { return "n-1", nil }

func (f *firmware) Order(_ context.Context, o locker.Order) (Done, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.orders = append(f.orders, o)
	if f.late != nil {
		return Done{}, f.late
	}
	if o.Person == "" {
		return Done{Seq: 8, Refused: "unknown"}, nil
	}
	return Done{Seq: 7, Door: 1003}, nil
}

func (f *firmware) Peek(_ context.Context, look func(*locker.State, locker.Rules)) error {
	look(locker.NewState(locker.Setup{Bank: "a", Doors: []int{1, 2}}), locker.Rules{Directory: &locker.Directory{Version: 3}})
	return nil
}

// rig is a bank with its line.
type rig struct {
	*Link
	bus  *lossyBus
	bank *firmware
	log  *boltlog.Log
	key  *wire.Key
	dir  string
}

func openRig(t *testing.T) *rig {
	t.Helper()
	key := wire.NewKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize)))
	r := &rig{bus: newLossyBus(), bank: newFirmware(), key: key, dir: t.TempDir()}
	var err error
	if r.log, err = boltlog.Open(t.TempDir(), boltlog.Options{Writer: "a"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.log.Close() })
	store, err := OpenStore(r.dir, key.Public())
	if err != nil {
		t.Fatal(err)
	}
	r.Link = New(Config{
		Bank: "a", Root: wire.DefaultRoot, Keys: key.Public(), Bus: end{r.bus, false}, Store: store, Epoch: 1, Log: r.log, Station: r.bank,
		Now: func() school.Instant { return school.Instant{Wall: time.Unix(1_800_000_000, 0), Boot: "b"} },
	})
	return r
}

func (r *rig) run(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func (r *rig) append(t *testing.T, n int) {
	t.Helper()
	for i := range n {
		if _, err := r.log.Append(t.Context(), ledger.Entry{Kind: "turned", Body: fmt.Appendf(nil, `{"n":%d}`, i)}); err != nil {
			t.Fatal(err)
		}
	}
}

// server is the other end of a journal: a copy that acknowledges. Where special
// has an answer, that is sent instead.
func (r *rig) server(t *testing.T, special func(wire.Journal) *wire.JournalAck) *boltlog.Copy {
	t.Helper()
	c, err := boltlog.OpenCopy(t.TempDir(), "a", 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	up := end{r.bus, true}
	err = up.Subscribe(t.Context(), r.Root.Bank("a", wire.LeafJournal), func(_ string, payload []byte, _ bool) {
		var j wire.Journal
		if wire.Decode(payload, &j) != nil {
			t.Error("a journal message cannot be read")
			return
		}
		ack := wire.JournalAck{V: wire.V, Epoch: j.Epoch, Ledger: j.Ledger, Size: c.Size()}
		if other := special(j); other != nil {
			ack = *other
		} else if len(j.Leaves) > 0 {
			ack.Size, _ = c.Append(t.Context(), j.From, j.Leaves) // a gap is answered with the size
		}
		data, _ := wire.Encode(ack)
		_ = up.Publish(t.Context(), r.Root.Bank("a", wire.LeafJournalAck), data, false)
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func leaves(t *testing.T, log interface {
	Read(context.Context, uint64, func(ledger.Record) error) error
}) [][]byte {
	t.Helper()
	var all [][]byte
	if err := log.Read(t.Context(), 0, func(r ledger.Record) error { all = append(all, bytes.Clone(r.Leaf)); return nil }); err != nil {
		t.Fatal(err)
	}
	return all
}

// Cut, lost, doubled: the copy ends byte-equal, each record once and in order.
func TestJournalSurvivesTheLine(t *testing.T) {
	r := openRig(t)
	c := r.server(t, func(wire.Journal) *wire.JournalAck { return nil })
	r.run(t)
	random := rand.New(rand.NewPCG(3, 1))
	for round := range 30 {
		r.append(t, 1+random.IntN(40))
		switch round % 4 {
		case 0:
			r.bus.set(func(b *lossyBus) { b.cut = !b.cut })
		case 1:
			r.bus.set(func(b *lossyBus) { b.losing = random.IntN(4) })
		case 2:
			r.bus.set(func(b *lossyBus) { b.twice = !b.twice })
		}
		r.Up()
	}
	r.bus.set(func(b *lossyBus) { b.cut, b.losing = false, 0 })
	r.Up()
	r.arrives(t, c)
	want, got := leaves(t, r.log), leaves(t, c)
	if len(want) != len(got) {
		t.Fatalf("%d records, copied %d", len(want), len(got))
	}
	for i := range want {
		if !bytes.Equal(want[i], got[i]) {
			t.Fatalf("record %d is %s, copied %s", i, want[i], got[i])
		}
	}
}

// An acknowledgement of somebody else's ledger, who uses this bank's name, moves
// nothing: neither one for more than there is nor a refusal.
func TestAnotherLedgersAcknowledgement(t *testing.T) {
	r := openRig(t)
	f := &follower{Link: r.Link, Epoch: Epoch{1, r.log}, id: "mine", window: window{size: 5}}
	for _, ack := range []wire.JournalAck{{Epoch: 1, Ledger: "theirs", Size: 3}, {Epoch: 1, Size: 3}, {Epoch: 2, Ledger: "mine", Size: 3}} {
		if f.take(ack) != 0 || f.known || f.window.acked != 0 {
			t.Errorf("%+v was taken: %+v", ack, f.window)
		}
	}
	if f.take(wire.JournalAck{Epoch: 1, Ledger: "mine", Size: 3}) == 0 || f.window.acked != 3 {
		t.Errorf("the bank's own was not taken: %+v", f.window)
	}
}

func (r *rig) send(t *testing.T, leaf wire.Leaf, typ wire.Type, key *wire.Key, message any) {
	t.Helper()
	sealed := sealed(t, key, typ, message)
	if err := (end{r.bus, true}).Publish(t.Context(), r.Root.Bank("a", leaf), sealed, leaf != wire.LeafOrder); err != nil {
		t.Fatal(err)
	}
}

func await[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(within):
		t.Fatalf("%s did not come", what)
		panic("unreachable")
	}
}

func directoryOf(version uint64) wire.Directory {
	return wire.Directory{V: wire.V, Directory: locker.Directory{Version: version, People: map[string]locker.Place{"p-1": {Bank: "a", Door: 1}}}}
}

func planOf(version uint64) wire.Plan {
	return wire.Plan{V: wire.V, Plan: school.Plan{Version: version}}
}

func TestRulesComeIntoForceAndStay(t *testing.T) {
	r := openRig(t)
	other := wire.NewKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, ed25519.SeedSize)))
	r.run(t)
	r.send(t, wire.LeafDirectory, wire.TypeDirectory, r.key, directoryOf(4))
	r.send(t, wire.LeafPlan, wire.TypePlan, r.key, planOf(2))
	if got := await(t, r.bank.ruled, "the first rules"); got.Directory.Version != 4 || got.Plan.Version != 2 {
		t.Errorf("in force: directory %d, plan %d", got.Directory.Version, got.Plan.Version)
	}
	r.send(t, wire.LeafDirectory, wire.TypeDirectory, r.key, directoryOf(3))
	if got := await(t, r.bank.refused, "the refusal of an older directory"); got != "directory conflict" {
		t.Error(got)
	}
	r.send(t, wire.LeafDirectory, wire.TypeDirectory, other, directoryOf(9))
	if got := await(t, r.bank.refused, "the refusal of another school's directory"); got != "directory denied" {
		t.Error(got)
	}
	r.send(t, wire.LeafPlan, wire.TypeDirectory, r.key, directoryOf(9))
	if got := await(t, r.bank.refused, "the refusal of a directory as a plan"); got != "plan denied" {
		t.Error(got)
	}
	again, err := OpenStore(r.dir, r.key.Public())
	if err != nil {
		t.Fatal(err)
	}
	if rules, ready := again.Rules(); !ready || rules.Directory.Version != 4 || rules.Plan.Version != 2 || rules.Directory.People["p-1"].Door != 1 {
		t.Errorf("on disk: %+v, %v", rules, ready)
	}
	if _, err := OpenStore(r.dir, other.Public()); errs.CodeOf(err) != errs.Unavailable || errs.HintOf(err) == "" {
		t.Errorf("rules signed by another school were read: %v", err)
	}
}

func TestOrdersAreAnswered(t *testing.T) {
	r := openRig(t)
	answers := make(chan wire.Answer, 16)
	up := end{r.bus, true}
	if err := up.Subscribe(t.Context(), r.Root.Bank("a", wire.LeafAnswer), func(_ string, payload []byte, _ bool) {
		var a wire.Answer
		if err := wire.Decode(payload, &a); err != nil {
			t.Error(err)
		}
		answers <- a
	}); err != nil {
		t.Fatal(err)
	}
	r.run(t)
	await(t, r.subscribed(wire.LeafOrder), "the bank's subscription")
	order := func(o wire.Order) { o.V = wire.V; r.send(t, wire.LeafOrder, wire.TypeOrder, r.key, o) }

	order(wire.Order{Bank: "a", ID: "o-1", Ask: true})
	if a := await(t, answers, "a nonce"); a.ID != "o-1" || a.Nonce != "n-1" {
		t.Errorf("%+v", a)
	}
	order(wire.Order{Bank: "a", ID: "o-1", Order: &locker.Order{Nonce: "n-1", Person: "p-1"}})
	if a := await(t, answers, "the answer"); a.Seq != 7 || a.Door != 1003 || a.Refused != "" {
		t.Errorf("%+v", a)
	}
	order(wire.Order{Bank: "a", ID: "o-2", Order: &locker.Order{Nonce: "n-2"}})
	if a := await(t, answers, "the refusal"); a.Seq != 8 || a.Refused != "unknown" {
		t.Errorf("%+v", a)
	}
	for _, wrong := range []wire.Order{
		{Bank: "b", ID: "o-3", Ask: true}, {Bank: "a", ID: "o-4"}, {Bank: "a", ID: "o-5", Ask: true, Order: &locker.Order{}},
	} {
		order(wrong)
		if got := await(t, r.bank.refused, "a refusal on record"); got != "order denied" {
			t.Errorf("%+v: %s", wrong, got)
		}
	}
	if len(r.bank.orders) != 2 || r.bank.orders[0].ID != "o-1" {
		t.Errorf("the bank was asked for %+v", r.bank.orders)
	}
}

// subscribed signals once the bank listens to a topic of its own.
func (r *rig) subscribed(leaf wire.Leaf) <-chan bool { return r.subscribedTo(r.Root.Bank("a", leaf)) }

func (r *rig) subscribedTo(topic string) <-chan bool {
	there := make(chan bool, 1)
	go func() {
		for {
			r.bus.mu.Lock()
			n := len(r.bus.subs[topic])
			r.bus.mu.Unlock()
			if n > 0 {
				there <- true
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	return there
}

func TestStateGoesUp(t *testing.T) {
	r := openRig(t)
	states := make(chan wire.BankState, 64)
	up := end{r.bus, true}
	if err := up.Subscribe(t.Context(), r.Root.Bank("a", wire.LeafState), func(_ string, payload []byte, _ bool) {
		var s wire.BankState
		if err := wire.Decode(payload, &s); err != nil {
			t.Error(err)
		}
		states <- s
	}); err != nil {
		t.Fatal(err)
	}
	r.run(t)
	s := await(t, states, "the state")
	if s.Bank != "a" || s.Size != 1 || s.Directory != 3 || len(s.Doors) != 2 || s.Doors[0].Contact != locker.Unknown {
		t.Errorf("%+v", s)
	}
}
