package uplink

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
)

// sealed is a message as the server sends it.
func (r *rig) sealed(t *testing.T, typ wire.Type, message any) []byte {
	t.Helper()
	return sealed(t, r.key, typ, message)
}

func sealed(t *testing.T, key *wire.Key, typ wire.Type, message any) []byte {
	t.Helper()
	payload, err := wire.Encode(message)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := wire.Seal(key, typ, payload)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// dawdling is a bank that takes its time over new rules.
type dawdling struct {
	*firmware
	ruled []locker.Rules
}

func (d *dawdling) Rule(_ context.Context, rules locker.Rules) error {
	time.Sleep(rand.N(5 * time.Millisecond)) // of the order of a write to disk, so that the halves overlap
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ruled = append(d.ruled, rules)
	return nil
}

// A directory and a plan that come at the same time are ruled in the order they
// were kept: what is in force last is the newest of both.
func TestNoOlderHalfIsRuledLast(t *testing.T) {
	r := openRig(t)
	bank := &dawdling{firmware: r.bank}
	r.Station = bank
	const newest = 60
	var halves sync.WaitGroup
	send := func(take func(context.Context, []byte) error, sealed func(version uint64) []byte) {
		messages := make([][]byte, newest)
		for i := range messages {
			messages[i] = sealed(uint64(i + 1))
		}
		halves.Go(func() {
			for _, m := range messages {
				if err := take(t.Context(), m); err != nil {
					t.Error(err)
				}
			}
		})
	}
	send(r.directory, func(v uint64) []byte { return r.sealed(t, wire.TypeDirectory, directoryOf(v)) })
	send(r.plan, func(v uint64) []byte { return r.sealed(t, wire.TypePlan, planOf(v)) })
	halves.Wait()
	before := locker.Rules{Directory: &locker.Directory{}}
	for i, now := range bank.ruled {
		if now.Directory.Version < before.Directory.Version || now.Plan.Version < before.Plan.Version {
			t.Fatalf("ruling %d: directory %d and plan %d after %d and %d", i,
				now.Directory.Version, now.Plan.Version, before.Directory.Version, before.Plan.Version)
		}
		before = now
	}
	if before.Directory.Version != newest || before.Plan.Version != newest {
		t.Errorf("in force: directory %d, plan %d", before.Directory.Version, before.Plan.Version)
	}
}

// A disk that takes nothing leaves the rules before in force, and the line up.
func TestRulesTheDiskDoesNotTake(t *testing.T) {
	r := openRig(t)
	for _, err := range []error{
		r.plan(t.Context(), r.sealed(t, wire.TypePlan, planOf(1))),
		r.directory(t.Context(), r.sealed(t, wire.TypeDirectory, directoryOf(1))),
		os.RemoveAll(r.dir),
		r.directory(t.Context(), r.sealed(t, wire.TypeDirectory, directoryOf(2))),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if rules, ready := r.Store.Rules(); !ready || rules.Directory.Version != 1 || len(r.bank.ruled) != 1 {
		t.Errorf("directory %d is held, rules came into force %d times", rules.Directory.Version, len(r.bank.ruled))
	}
}

// Nobody is told that an order was refused which may yet be carried out.
func TestOrderOfUnknownOutcomeIsNotAnswered(t *testing.T) {
	for _, c := range []struct {
		late    error
		answers int
	}{{context.DeadlineExceeded, 0}, {errs.New(errs.NotNow, "Not yet.", ""), 1}, {errors.New("broken"), 1}} {
		r := openRig(t)
		r.bank.late = c.late
		answers := make(chan message, 4)
		topic := r.Root.Bank("a", wire.LeafAnswer)
		r.bus.set(func(b *lossyBus) { b.subs[topic] = append(b.subs[topic], answers) })
		o := wire.Order{V: wire.V, Bank: "a", ID: "o-1", Order: &locker.Order{Nonce: "n-1", Person: "p-1"}}
		if err := r.order(t.Context(), r.sealed(t, wire.TypeOrder, o)); err != nil {
			t.Fatal(err)
		}
		if len(answers) != c.answers {
			t.Errorf("after %v: %d answers, want %d", c.late, len(answers), c.answers)
		}
	}
}

// The broker keeps the last beacon for whoever comes later; it tells no time.
func TestKeptBeaconIsNotHeard(t *testing.T) {
	r := openRig(t)
	heard := make(chan time.Time, 16)
	r.Time = func(at time.Time) { heard <- at }
	topic := r.Root.Server(wire.LeafTime)
	then := time.Unix(1_800_000_000, 0).UTC()
	say := func(at time.Time) {
		t.Helper()
		if err := (end{r.bus, true}).Publish(t.Context(), topic, r.sealed(t, wire.TypeTime, wire.Beacon{V: wire.V, At: at}), true); err != nil {
			t.Fatal(err)
		}
	}
	say(then)
	r.run(t)
	await(t, r.subscribedTo(topic), "the bank's subscription")
	say(then.Add(time.Minute))
	if at := await(t, heard, "the live beacon"); !at.Equal(then.Add(time.Minute)) {
		t.Errorf("heard %v", at)
	}
}
