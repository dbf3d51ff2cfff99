package main

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

const secretary = "s-1"

// orderLine is the topic of orders to bank a, seen from both sides.
type orderLine struct {
	*house
	orders  chan []byte
	answers chan wire.Answer
}

func (h *house) tapOrders() *orderLine {
	h.rig.t.Helper()
	l := &orderLine{house: h, orders: make(chan []byte, 64), answers: make(chan wire.Answer, 64)}
	h.rig.must(h.Broker.Conn().Subscribe(h.rig.t.Context(), h.Root.Bank("a", wire.LeafOrder), func(_ string, payload []byte, _ bool) {
		l.orders <- bytes.Clone(payload)
	}))
	h.rig.must(h.Broker.Conn().Subscribe(h.rig.t.Context(), h.Root.Bank("a", wire.LeafAnswer), func(_ string, payload []byte, _ bool) {
		var a wire.Answer
		if wire.Decode(payload, &a) == nil {
			l.answers <- a
		}
	}))
	return l
}

// send publishes an order as somebody else might.
func (l *orderLine) send(sealed []byte) {
	l.rig.t.Helper()
	l.publish(l.Root.Bank("a", wire.LeafOrder), sealed, false)
}

// answer waits for the bank's answer to an order.
func (l *orderLine) answer(id string) wire.Answer {
	l.rig.t.Helper()
	for {
		select {
		case a := <-l.answers:
			if a.ID == id {
				return a
			}
		case <-time.After(time.Minute):
			l.rig.t.Fatalf("order %s got no answer\n%s", id, l.rig.bankErr)
		}
	}
}

// nonce asks the bank for one.
func (l *orderLine) nonce(id string) string {
	l.rig.t.Helper()
	l.send(l.sealed(l.Authority.SigningKey(), wire.TypeOrder, wire.Order{V: wire.V, Bank: "a", ID: id, Ask: true}))
	return l.answer(id).Nonce
}

func orderOf(bank, id, nonce, person string) wire.Order {
	return wire.Order{V: wire.V, Bank: bank, ID: id, Order: &locker.Order{ID: id, Nonce: nonce, Kind: locker.OpenDoor, Person: person, By: secretary}}
}

// Over the real line an order opens the one door it names, once. Whatever is
// wrong with one, it opens nothing, and the bank's ledger says what it was.
func TestOrdersOverTheLine(t *testing.T) {
	t.Parallel()
	h := newRig(t).openHouse()
	h.admit(h.rig, "a", 1, 64)
	s := h.work("p-001", "p-002", "p-003")
	l := h.tapOrders()
	h.rig.must(s.HandIn(t.Context(), 0))
	h.told(3, locker.Deposited)

	asked, old := time.Now(), l.nonce("o-old")
	done, err := h.Banks.Order(t.Context(), "a", locker.Order{Kind: locker.OpenDoor, Person: "p-001", By: secretary})
	if err != nil || done.Refused != "" || done.Seq == 0 {
		t.Fatalf("a good order: %+v, %v", done, err)
	}
	if e := h.told(4, locker.Outcome); e.Result != locker.Opened || s.told(world.Frame) != 4 {
		t.Errorf("on record: %+v, with %d frames", e, s.told(world.Frame))
	}
	if shut, err := s.Push(1); !shut || err != nil {
		t.Fatalf("the door is not open: %v", err)
	}
	if e := h.told(1, locker.Collected); e.Person != "p-001" || e.By != secretary {
		t.Errorf("on record: %+v", e)
	}

	t.Run("replayed", func(t *testing.T) {
		captured := l.captured()
		for n := 1; n <= 2; n++ {
			l.send(captured)
			if e := h.told(n, locker.OrderRefused); e.Answer != locker.Replayed || e.Person != "p-001" || e.By != secretary {
				t.Errorf("on record: %+v", e)
			}
		}
	})
	frames := s.told(world.Frame)

	t.Run("against a hold", func(t *testing.T) {
		bar, err := h.Desk.Place(t.Context(), secretary, desk.Hold, locker.Subject{Person: "p-002"})
		h.rig.must(err)
		h.rig.await("the hold in force", func() bool { return !h.Banks.InForce(bar.Seq)[0].Since.IsZero() })
		done, err := h.Banks.Order(t.Context(), "a", locker.Order{Kind: locker.OpenDoor, Person: "p-002", By: secretary})
		if err != nil || done.Refused != string(locker.Barred) || done.Seq == 0 {
			t.Errorf("answered %+v, %v", done, err)
		}
		if e := h.told(3, locker.OrderRefused); e.Answer != locker.Barred || e.Person != "p-002" {
			t.Errorf("on record: %+v", e)
		}
	})

	key := h.Authority.SigningKey()
	unsigned, err := wire.Encode(orderOf("a", "o-plain", l.nonce("o-n1"), "p-003"))
	h.rig.must(err)
	otherKey := wire.NewKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize)))
	borrowed := &wire.Key{ID: key.ID, Private: otherKey.Private} // it says it is the school's
	for i, c := range []struct {
		name  string
		order []byte
		why   string
	}{
		{"for another bank", h.sealed(key, wire.TypeOrder, orderOf("b", "o-b", l.nonce("o-n2"), "p-003")), "denied"},
		{"under another key", h.sealed(otherKey, wire.TypeOrder, orderOf("a", "o-k", l.nonce("o-n3"), "p-003")), "denied"},
		{"with a false signature", h.sealed(borrowed, wire.TypeOrder, orderOf("a", "o-f", l.nonce("o-n4"), "p-003")), "denied"},
		{"sealed as something else", h.sealed(key, wire.TypeTime, orderOf("a", "o-t", l.nonce("o-n5"), "p-003")), "denied"},
		{"unsigned", unsigned, "denied"},
		{"no message at all", []byte("open door 3"), "invalid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l.send(c.order)
			if e := h.told(i+1, locker.MessageRefused); e.What != string(wire.LeafOrder) || e.Why != c.why {
				t.Errorf("on record: %+v, want why %q", e, c.why)
			}
		})
	}

	t.Run("late", func(t *testing.T) {
		time.Sleep(time.Until(asked.Add(bridge.OrderLife + 100*time.Millisecond))) // the bank is another process
		l.send(h.sealed(key, wire.TypeOrder, orderOf("a", "o-late", old, "p-003")))
		if a := l.answer("o-late"); a.Refused != string(locker.TooLate) && a.Refused != string(locker.UnknownNonce) || a.Seq == 0 {
			t.Errorf("answered %+v", a)
		}
		if e := h.told(4, locker.OrderRefused); e.Answer != locker.TooLate && e.Answer != locker.UnknownNonce || e.Person != "p-003" {
			t.Errorf("on record: %+v", e)
		}
	})

	if after := s.told(world.Frame); after != frames {
		t.Errorf("%d doors were pulsed by what was refused", after-frames)
	}
	h.caughtUp()
	if opened := h.events(locker.Intent); len(opened) != 4 {
		t.Errorf("on record are %d openings, want three hand-ins and one order: %s", len(opened), brief(opened))
	}
}

// captured is the last order proper that went over the line.
func (l *orderLine) captured() (sealed []byte) {
	l.rig.t.Helper()
	for len(l.orders) > 0 {
		if next := <-l.orders; carriesOrder(l, next) {
			sealed = next
		}
	}
	if sealed == nil {
		l.rig.t.Fatal("no order went over the line")
	}
	return sealed
}

func carriesOrder(l *orderLine, sealed []byte) bool {
	payload, err := wire.Open(l.Authority.SigningKey().Public(), wire.TypeOrder, sealed)
	var o wire.Order
	return err == nil && wire.Decode(payload, &o) == nil && o.Order != nil
}

func brief(events []locker.Event) string {
	var lines []string
	for _, e := range events {
		lines = append(lines, fmt.Sprintf("%s %s %s door %d order %q", e.Kind, e.Purpose, e.Person, e.Door, e.Order))
	}
	return strings.Join(slices.Compact(lines), "; ")
}
