package locker_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	. "github.com/bellkeep/bellkeep/locker"
)

// successor is the machine that takes the place of b's, which died: an
// empty state, and what goes over the wire. It finds some doors open.
func (b *bank) successor(open ...int) *bank {
	b.t.Helper()
	data, err := json.Marshal(LegacyOf(b.state, b.rules.Directory.Grants))
	if err != nil {
		b.t.Fatal(err)
	}
	var legacy Legacy
	if err := json.Unmarshal(data, &legacy); err != nil {
		b.t.Fatal(err)
	}
	n := &bank{t: b.t, state: NewState(b.state.Setup), rules: b.rules, now: b.now}
	n.now.Boot, n.now.Mono = "two", time.Minute
	for _, e := range legacy.Events(uint64(len(b.log)), n.now) {
		n.record(e)
		b.record(e) // the board of the school goes on with the same
	}
	n.survey(open...)
	return n
}

// survey lets all doors be read, some of them open.
func (b *bank) survey(open ...int) {
	b.record(Event{Kind: Started, At: b.now})
	b.record(Event{Kind: Surveyed, At: b.now, Body: Body{OpenDoors: open}})
}

func look(doors ...int) Order {
	return Order{ID: "o-look", Nonce: "n", Kind: OrderLook, Doors: doors, By: "office"}
}

// What is behind a door keeps its name and its door, in doubt; what was collected is
// not there; a deposit nobody saw to its end may be.
func TestLegacy(t *testing.T) {
	b := newBank(t, Fixed)
	b.use(badge(1))
	b.use(badge(2))
	b.pass(time.Minute)
	b.scan(badge(3)) // and the machine dies
	n := b.successor()
	for person, door := range map[string]int{"ann": 1, "bob": 2, "cy": 3} {
		h := n.state.Holdings[person]
		if h == nil || h.Door != door || !h.Unsure || !n.state.InDoubt(door) {
			t.Errorf("%s: %+v", person, h)
		}
	}
	if h := n.state.Holdings["ann"]; !h.Since.Wall.Equal(b.state.Holdings["ann"].Since.Wall) || h.Timing != school.InWindow {
		t.Errorf("the record of ann's hand-in changed: %+v", h)
	}
	n.pass(time.Hour)
	n.want(n.scan(badge(1)), AlreadyIn, 0, AlreadyHeld) // in doubt or not: no way to one's phone at noon
	n.afternoon()
	n.want(n.use(badge(2)), TakeOut, 2, "")
	if n.state.Holdings["bob"] != nil || n.state.InDoubt(2) {
		t.Error("bob's door is in doubt though bob has been there")
	}
	if again := n.successor(); again.state.Holdings["bob"] != nil || again.state.Holdings["ann"] == nil {
		t.Errorf("after a second death: %+v", again.state.Holdings)
	}
}

// The school's board, which knows the old ledger, believes of doors and devices
// what the new machine does.
func TestLegacyReplacesWhatWasBelieved(t *testing.T) {
	b := newBank(t, Fixed)
	b.use(badge(1))
	b.scan(badge(2))
	other := b.state.Clone() // with a hand-in that the school never heard of
	other.Holdings["cy"] = &Holding{Person: "cy", Door: 3}
	n := b.successor()
	b.survey()
	other.Apply(100, Event{Kind: TookOver, At: n.now})
	if len(other.Holdings) > 0 {
		t.Errorf("the machine that comes again believes its own ledger: %+v", other.Holdings)
	}
	if !reflect.DeepEqual(b.state.Holdings, n.state.Holdings) || !reflect.DeepEqual(b.state.Doors, n.state.Doors) || len(b.state.UnderWay()) > 0 {
		t.Errorf("the board believes %+v, the machine %+v", b.state.Holdings, n.state.Holdings)
	}
}

// Items, holds and what grants have been used for are not forgotten; no kind of
// event but those three comes in by a legacy.
func TestLegacyOfOffice(t *testing.T) {
	b := newOffice(t)
	door := b.put("i-1", ClassEvidence)
	b.record(Event{Kind: HoldPlaced, At: b.now, Door: 2, Body: Body{By: "s-1"}})
	b.state.Used["g-1"] = 2
	b.state.Used["gone"] = 1
	b.rules.Directory.Grants = []Grant{{ID: "g-1", Person: "ann", Kind: MayCollect, Uses: 2}}
	n := b.successor()
	if i := n.state.Items["i-1"]; i == nil || i.Door != door || i.Class != ClassEvidence || !i.Unsure {
		t.Errorf("the item: %+v", i)
	}
	if h, held := n.state.Holds[2]; !held || h.By != "s-1" || !h.Since.Wall.Equal(b.now.Wall) {
		t.Errorf("the hold: %+v", h)
	}
	if n.state.Used["g-1"] != 2 || len(n.state.Used) != 1 {
		t.Errorf("grants used: %v", n.state.Used)
	}
	forged := Legacy{{Kind: HoldEnded, Door: 2}, {Kind: Intent, Door: 1}}
	if events := forged.Events(0, b.now); len(events) != 1 {
		t.Errorf("a legacy brings in %+v", events)
	}
}

// A door is believed again when a person says so and its own sensors agree.
func TestLook(t *testing.T) {
	b := newBank(t, Fixed)
	b.use(badge(1))
	b.use(badge(2))
	n := b.successor(2)
	e := n.order(look(1, 2, 4))
	if e.Kind != LookedAt || !slices.Equal(e.Doors, []int{1, 4}) || !slices.Equal(e.Others, []int{2}) || e.By != "office" {
		t.Errorf("%+v", e)
	}
	if n.state.Holdings["ann"].Unsure || !n.state.Holdings["bob"].Unsure || n.state.InDoubt(4) || !n.state.InDoubt(3) {
		t.Error("other doors are in doubt than should be")
	}
	if n.state.Doors[2].Forced {
		t.Error("a door that the old machine left open counts as forced")
	}
	for why, o := range map[Answer]Order{Disagrees: look(2), NoChange: look(1, 4), NoSuchDoor: look(3, 9)} {
		o.ID = "o-" + string(why)
		if e := n.order(o); e.Kind != OrderRefused || e.Answer != why {
			t.Errorf("%v was answered %+v, want %s", o.Doors, e, why)
		}
	}
	n.pass(24 * time.Hour)
	n.want(n.scan(badge(1)), AlreadyIn, 0, AlreadyHeld) // it is in; there is nothing to do again
}

// What an item sensor says against the record counts against whoever looked.
func TestLookAgainstAnItemSensor(t *testing.T) {
	b := newBank(t, Fixed)
	b.use(badge(1))
	n := b.successor()
	sensors := map[int]Sensed{1: Absent, 2: Present, 3: Absent}
	odd := Odd(n.state, func(door int) Sensed { return sensors[door] })
	if !slices.Equal(odd, []int{1, 2}) {
		t.Fatalf("odd are %v", odd)
	}
	n.record(Event{Kind: Surveyed, At: n.now, Body: Body{Odd: odd}})
	if e := n.order(look(1, 2, 3)); !slices.Equal(e.Doors, []int{3}) || !slices.Equal(e.Others, []int{1, 2}) {
		t.Errorf("%+v", e)
	}
}

// Somebody opens the empty doors with the key, which is no break-in, and shuts them by
// number: where the wires of two are exchanged, their sensors speak out of turn. Those
// two stay in doubt until they have been shut again, in order.
func TestShutInOrder(t *testing.T) {
	b := newBank(t, Fixed)
	b.use(badge(1)) // door 1 is not empty
	n := b.successor()
	walk := func(shut ...int) {
		for _, door := range shut {
			n.see(door, Open)
		}
		for _, door := range shut {
			n.see(door, Closed)
		}
	}
	walk(2, 4, 3) // doors 3 and 4 are exchanged
	if out := n.state.OutOfTurn(); len(out) != 2 || out[3] != 4 || out[4] != 3 || n.state.Doors[2].Forced {
		t.Errorf("out of turn are %v", out)
	}
	if e := n.order(look(2, 3, 4)); !slices.Equal(e.Doors, []int{2}) || !slices.Equal(e.Others, []int{3, 4}) {
		t.Errorf("%+v", e)
	}
	walk(3, 4) // somebody had mixed them up
	o := look(3, 4)
	o.ID = "o-again"
	if e := n.order(o); !slices.Equal(e.Doors, []int{3, 4}) || len(n.state.OutOfTurn()) != 0 {
		t.Errorf("%+v", e)
	}
	n.see(1, Open)
	n.see(1, Closed)
	n.see(2, Open)
	if !n.state.Doors[1].Forced || !n.state.Doors[2].Forced {
		t.Error("a door with something behind it, or one that is proven, was opened, and nobody calls it forced")
	}
}

// What went behind an evidence door, and was not copied before the machine died, the
// next machine does not know of. The door opens for no other device, for no staff at
// the kiosk and for no map, until two people have looked.
func TestEvidenceThatNobodyCopied(t *testing.T) {
	b := newOffice(t)
	legacy := LegacyOf(b.state, nil)
	b.put("i-1", ClassEvidence) // into door 7, of which the school never hears
	n := &bank{t: t, state: NewState(b.state.Setup), rules: b.rules, now: b.now}
	n.now.Boot, n.now.Mono = "two", time.Minute
	for _, e := range legacy.Events(uint64(len(b.log)), n.now) {
		n.record(e)
	}
	n.survey()
	if e := n.order(Order{ID: "o-1", Kind: OrderPut, Item: "i-2", Door: 7, By: "office"}); e.Kind != OrderRefused || e.Answer != InDoubt {
		t.Errorf("an order for the door: %s %q", e.Kind, e.Answer)
	}
	if e := n.order(putOrder("i-3", ClassEvidence)); e.Kind != OrderRefused {
		t.Errorf("an order for any: %s at door %d", e.Kind, e.Door)
	}
	if d := n.wish(Wish{Kind: WishPut, Item: "i-4", Class: ClassEvidence}); d.Event.Kind != StaffRefused {
		t.Errorf("at the kiosk: %s at door %d", d.Event.Kind, d.Event.Door)
	}
	if kept := n.state.Kept(n.rules.Directory, n.now); !slices.Equal(kept, []int{7, 8}) {
		t.Errorf("for a map all doors open but %v", kept)
	}
	looked := look(7, 8)
	looked.Looked = [2]string{"s-1", "s-2"}
	n.order(looked)
	if e := n.order(Order{ID: "o-2", Kind: OrderPut, Item: "i-5", Door: 8, By: "office"}); e.Kind != Intent {
		t.Errorf("after two have looked: %s %q", e.Kind, e.Answer)
	}
}
