package locker_test

import (
	"fmt"
	"testing"
	"time"

	. "github.com/bellkeep/bellkeep/locker"
	"pgregory.net/rapid"
)

func orderFor(person string) Order {
	return Order{ID: "o-1", Kind: OpenDoor, Person: person, By: "s-1"}
}

// order gives the bank an order and records what it decides.
func (b *bank) order(o Order) Event {
	d := DecideOrder(b.state, b.rules, o, b.now)
	b.record(d.Event)
	return d.Event
}

// An order opens at noon, on a clock that nobody trusts, and the visit it
// begins ends as a collection that says who asked.
func TestDecideOrderTakesOut(t *testing.T) {
	for name, o := range map[string]Order{
		"of a person": orderFor("ann"),
		"of a door":   {ID: "o-1", Kind: OpenDoor, Door: 1, By: "s-1"},
		"of both":     {ID: "o-1", Kind: OpenDoor, Person: "ann", Door: 1, By: "s-1"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBank(t, Fixed)
			b.use(badge(1))
			b.pass(3 * time.Hour)
			b.now.Trusted = false
			e := b.order(o)
			if e.Kind != Intent || e.Purpose != Collection || e.Door != 1 || e.Person != "ann" || e.Order != "o-1" || e.By != "s-1" {
				t.Fatalf("%+v", e)
			}
			b.see(1, Open)
			b.pass(5 * time.Second)
			if end := b.see(1, Closed); end.Kind != Collected || end.By != "s-1" {
				t.Errorf("it ended as %+v", end)
			}
			if h := b.state.Holdings["ann"]; h != nil {
				t.Errorf("still held: %+v", h)
			}
		})
	}
}

func TestDecideOrderRefuses(t *testing.T) {
	barPerson := Bar{ID: "b", Subject: Subject{Person: "ann"}, From: morning}
	barDoor := Bar{ID: "b", Subject: Subject{Bank: "a", Door: 1}, From: morning}
	cases := []struct {
		name  string
		given func(b *bank)
		order Order
		want  Answer
	}{
		{"a bar on the person", func(b *bank) { b.rules.Directory.Bars = []Bar{barPerson} }, orderFor("ann"), Barred},
		{"a bar on the person behind the door", func(b *bank) { b.rules.Directory.Bars = []Bar{barPerson} }, Order{ID: "o-1", Kind: OpenDoor, Door: 1, By: "s-1"}, Barred},
		{"a bar on the door", func(b *bank) { b.rules.Directory.Bars = []Bar{barDoor} }, orderFor("ann"), Barred},
		{"a bar that a doubtful clock calls over", func(b *bank) {
			barDoor.Until = morning.Add(time.Minute)
			b.rules.Directory.Bars = []Bar{barDoor}
			b.now.Trusted = false
		}, orderFor("ann"), Barred},
		{"nothing held", nil, orderFor("bob"), NothingHeld},
		{"held behind another door", nil, Order{ID: "o-1", Kind: OpenDoor, Person: "ann", Door: 2, By: "s-1"}, NothingHeld},
		{"an empty door", nil, Order{ID: "o-1", Kind: OpenDoor, Door: 2, By: "s-1"}, NothingHeld},
		{"an unknown person", nil, orderFor("zoe"), UnknownPerson},
		{"another bank's", func(b *bank) { b.rules.Directory.People["dee"] = Place{Bank: "b"} }, orderFor("dee"), Elsewhere},
		{"no door of ours", nil, Order{ID: "o-1", Kind: OpenDoor, Door: 1 << 40, By: "s-1"}, NoSuchDoor},
		{"neither person nor door", nil, Order{ID: "o-1", Kind: OpenDoor, By: "s-1"}, NoSuchDoor},
		{"a door that cannot be asked", func(b *bank) { b.see(1, Unknown) }, orderFor("ann"), NoReply},
		{"doors not read yet", func(b *bank) { b.record(Event{Kind: Started, At: b.now}) }, orderFor("ann"), NoReply},
		{"a door that stands open", func(b *bank) { b.see(1, Open) }, orderFor("ann"), DoorOpen},
		{"a visit under way", func(b *bank) { b.afternoon(); b.scan(badge(1)) }, orderFor("ann"), Busy},
		{"another kind", nil, Order{ID: "o-1", Kind: "open-all", By: "s-1"}, UnknownOrder},
		{"no id", nil, Order{Kind: OpenDoor, Person: "ann", By: "s-1"}, Malformed},
		{"nobody asked", nil, Order{ID: "o-1", Kind: OpenDoor, Person: "ann"}, Malformed},
		{"an id that is none", nil, Order{ID: "o 1\n", Kind: OpenDoor, Person: "ann", By: "s-1"}, Malformed},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newBank(t, Fixed)
			b.use(badge(1))
			b.pass(time.Minute)
			if c.given != nil {
				c.given(b)
			}
			e := b.order(c.order)
			if e.Kind != OrderRefused || e.Answer != c.want {
				t.Errorf("%s %q, want %q", e.Kind, e.Answer, c.want)
			}
			if b.state.Doors[e.Door] == nil && e.Door != 0 {
				t.Errorf("door %d is on record", e.Door)
			}
			known, ok := b.state.Answered(c.order.ID)
			if wellFormed := c.want != Malformed; ok != wellFormed || known.Answer != e.Answer && wellFormed {
				t.Errorf("remembered: %v %+v", ok, known)
			}
		})
	}
}

// The first answer to an order stands, whatever is recorded of it later; an
// hour on, or 256 orders on, it is forgotten.
func TestAnsweredOrders(t *testing.T) {
	b := newBank(t, Fixed)
	b.use(badge(1))
	b.order(orderFor("ann"))
	first, _ := b.state.Answered("o-1")
	b.record(RefuseOrder(b.state, orderFor("ann"), Replayed, b.now))
	if again, ok := b.state.Answered("o-1"); !ok || again != first || again.Answer != "" {
		t.Errorf("first %+v, then %+v", first, again)
	}
	b.now.Boot, b.now.Mono = "two", 0
	b.now.Wall = b.now.Wall.AddDate(1, 0, 0) // a clock that jumps at a boot makes nothing old
	other := orderFor("bob")
	other.ID = "o-2"
	b.order(other)
	if _, ok := b.state.Answered("o-1"); !ok {
		t.Error("a boot makes the bank forget an order")
	}
	b.pass(OrdersKept + time.Second)
	for i := range 300 {
		other.ID = fmt.Sprintf("o-%d", 100+i)
		b.order(other)
	}
	if _, ok := b.state.Answered("o-1"); ok {
		t.Error("an order is remembered for ever")
	}
	if _, ok := b.state.Answered(other.ID); !ok || len(b.state.Orders) != 256 {
		t.Errorf("%d orders are remembered", len(b.state.Orders))
	}
}

// Whatever the order: against a bar it opens nothing, and what it opens is the
// door of the holding it names.
func TestDecideOrderProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := newBank(t, Fixed)
		for i := range byte(3) {
			if rapid.Bool().Draw(rt, "in") {
				b.use(badge(i + 1))
				b.pass(time.Minute)
			}
		}
		people := rapid.SampledFrom([]string{"", "ann", "bob", "cy", "zoe"})
		bars := map[Subject]bool{}
		for range rapid.IntRange(0, 2).Draw(rt, "bars") {
			who := Subject{Person: people.Draw(rt, "barred")}
			if rapid.Bool().Draw(rt, "door") {
				who = Subject{Bank: "a", Door: rapid.IntRange(1, 4).Draw(rt, "barred door")}
			}
			bars[who] = true
			b.rules.Directory.Bars = append(b.rules.Directory.Bars, Bar{ID: "b", Subject: who, From: morning})
		}
		b.now.Trusted = rapid.Bool().Draw(rt, "trusted")
		o := Order{ID: "o-1", Kind: OpenDoor, Person: people.Draw(rt, "person"), Door: rapid.IntRange(-1, 5).Draw(rt, "of door"), By: "s-1"}
		e := DecideOrder(b.state, b.rules, o, b.now).Event
		if e.Kind == OrderRefused {
			return
		}
		h := b.state.Holdings[e.Person]
		switch {
		case e.Kind != Intent || h == nil || h.Door != e.Door:
			rt.Fatalf("%+v for the holding %+v", e, h)
		case bars[Subject{Person: e.Person}] || bars[Subject{Bank: "a", Door: e.Door}]:
			rt.Fatalf("%+v against a bar", e)
		case o.Person != "" && o.Person != e.Person || o.Door != 0 && o.Door != e.Door:
			rt.Fatalf("%+v by the order %+v", e, o)
		}
	})
}
