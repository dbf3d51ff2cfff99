package bridge

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/locker"
)

// deposit takes ann's phone in.
func (r *rig) deposit() {
	r.t.Helper()
	r.scan(ann)
	r.sent()
	r.read(hardware.Closed, 1)
	r.read(hardware.Closed)
	r.orders = nil
}

func (r *rig) nonce() (text string) {
	r.t.Helper()
	r.handle(NonceAsked{Reply: func(n string) { text = n }})
	return text
}

// order gives the bank an order and returns its answer.
func (r *rig) order(o locker.Order) OrderResult {
	r.t.Helper()
	var result *OrderResult
	r.handle(Ordered{o, func(a OrderResult) { result = &a; r.trace = append(r.trace, "reply") }})
	if result == nil {
		r.t.Fatal("the order got no answer")
	}
	return *result
}

func forAnn(id, nonce string) locker.Order {
	return locker.Order{ID: id, Nonce: nonce, Kind: locker.OpenDoor, Person: "ann", By: "s-1"}
}

// An order is recorded, then carried out, then answered with its record.
func TestOrderOpens(t *testing.T) {
	r := newRig(t)
	r.deposit()
	nonce := r.nonce()
	r.trace = nil
	got := r.order(forAnn("o-1", nonce))
	if want := []string{"record intent", "send", "reply"}; !slices.Equal(r.trace, want) {
		t.Errorf("the bank did %v, want %v", r.trace, want)
	}
	e := r.events(got.Seq)[0]
	if got.Answer != "" || e.Kind != locker.Intent || e.Order != "o-1" || e.By != "s-1" || e.Purpose != locker.Collection {
		t.Errorf("answered %+v, on record: %+v", got, e)
	}
	r.sent()
	r.read(hardware.Closed, 1)
	r.read(hardware.Closed)
	if last := lastEvent(t, r.log); last.Kind != locker.Collected || last.By != "s-1" {
		t.Errorf("last on the ledger: %+v", last)
	}
}

func TestOrderRefusals(t *testing.T) {
	bar := locker.Bar{ID: "b", Subject: locker.Subject{Person: "ann"}, From: committed}
	cases := []struct {
		name string
		make func(r *rig) locker.Order
		want locker.Answer
	}{
		{"no nonce", func(*rig) locker.Order { return forAnn("o-1", "") }, locker.UnknownNonce},
		{"a nonce of another run", func(r *rig) locker.Order { n := r.nonce(); r.start(); r.read(hardware.Closed); return forAnn("o-1", n) }, locker.UnknownNonce},
		{"late", func(r *rig) locker.Order {
			n := r.nonce()
			r.pass(OrderLife + time.Millisecond)
			return forAnn("o-1", n)
		}, locker.TooLate},
		{"a used nonce", func(r *rig) locker.Order {
			n := r.nonce()
			r.order(locker.Order{ID: "o-0", Nonce: n, Kind: locker.OpenDoor, Person: "bob", By: "s-1"}) // refused, but spent
			return forAnn("o-1", n)
		}, locker.Replayed},
		{"a bar", func(r *rig) locker.Order {
			r.bank.Rules.Directory.Bars = []locker.Bar{bar}
			return forAnn("o-1", r.nonce())
		}, locker.Barred},
		{"before the doors are read", func(r *rig) locker.Order { r.start(); return forAnn("o-1", r.nonce()) }, locker.NoReply},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.deposit()
			o := c.make(r)
			got := r.order(o)
			e := r.events(got.Seq)[0]
			if got.Answer != c.want || e.Kind != locker.OrderRefused || e.Answer != c.want || e.Order != "o-1" || e.By != "s-1" {
				t.Errorf("answered %+v, on record: %+v; want %q", got, e, c.want)
			}
			if len(r.orders) != 0 {
				t.Errorf("orders went out: %+v", r.orders)
			}
		})
	}
}

// The same order again gets the same answer and opens nothing, also after a
// restart; that it came again is on record.
func TestOrderTwice(t *testing.T) {
	for name, between := range map[string]func(r *rig){
		"at once":           func(*rig) {},
		"after a restart":   func(r *rig) { r.start(); r.read(hardware.Closed) },
		"after it was done": func(r *rig) { r.sent(); r.read(hardware.Closed, 1); r.read(hardware.Closed) },
		"and handed in anew": func(r *rig) {
			r.sent()
			r.read(hardware.Closed, 1)
			r.read(hardware.Closed)
			r.pass(locker.OpenTooLong)
			r.deposit()
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.deposit()
			o := forAnn("o-1", r.nonce())
			first := r.order(o)
			between(r)
			r.orders = nil
			for _, nonce := range []string{o.Nonce, r.nonce()} {
				o.Nonce = nonce
				if again := r.order(o); again != first {
					t.Errorf("answered %+v, then %+v", first, again)
				}
				if last := lastEvent(t, r.log); last.Kind != locker.OrderRefused || last.Answer != locker.Replayed {
					t.Errorf("last on the ledger: %+v", last)
				}
			}
			if len(r.orders) != 0 {
				t.Errorf("it was sent again: %+v", r.orders)
			}
		})
	}
}

// An order that the bus will not take is answered as accepted, and its outcome
// says that the door was never asked.
func TestOrderThatNeverLeft(t *testing.T) {
	r := newRig(t)
	r.deposit()
	r.full = true
	got := r.order(forAnn("o-1", r.nonce()))
	last := lastEvent(t, r.log)
	if got.Answer != "" || last.Kind != locker.Outcome || last.Result != locker.NotSent || last.Of != got.Seq {
		t.Errorf("answered %+v, last on the ledger: %+v", got, last)
	}
}

// The latch moves within the life of the nonce, not of the order.
func TestOrderLivesAsLongAsItsNonce(t *testing.T) {
	r := newRig(t)
	r.deposit()
	issued := r.now.Machine
	nonce := r.nonce()
	r.pass(OrderLife - time.Second)
	r.order(forAnn("o-1", nonce))
	if len(r.orders) != 1 || !r.orders[0].Scanned.Equal(issued) {
		t.Fatalf("orders %+v, nonce of %v", r.orders, issued)
	}
	var lock latches
	if err := NewGate("a", r.log).Open(t.Context(), r.orders[0], &lock, issued.Add(OrderLife+time.Millisecond)); err == nil || len(lock.opened) != 0 {
		t.Errorf("the gate let it pass: %v", err)
	}
}

// Whoever floods a bank with orders is refused each time and fills no disk.
func TestOrderFloodIsBounded(t *testing.T) {
	r := newRig(t)
	r.deposit()
	from := r.log.Size()
	unrecorded := 0
	for range 500 {
		got := r.order(forAnn("o-1", "stale"))
		if got.Answer != locker.UnknownNonce {
			t.Fatalf("answered %+v", got)
		}
	}
	for i := range 500 {
		o := forAnn("o-2", "stale")
		o.ID += string(rune('a'+i%26)) + string(rune('a'+i/26))
		if r.order(o).Seq == 0 {
			unrecorded++
		}
	}
	if n := len(r.events(from)); n != floodLimit || unrecorded != 500 {
		t.Errorf("%d records of 1000 orders, %d answered without one", n, unrecorded)
	}
}

// A bank whose ledger fails answers nobody.
func TestOrderIsAnsweredOnRecordOnly(t *testing.T) {
	r := newRig(t)
	r.deposit()
	nonce := r.nonce()
	r.broken = errors.New("no space left on device")
	answered := false
	err := r.bank.Handle(t.Context(), r.now, Ordered{forAnn("o-1", nonce), func(OrderResult) { answered = true }})
	if err == nil || answered || len(r.orders) != 0 {
		t.Errorf("err %v, answered %v, orders %v", err, answered, r.orders)
	}
}
