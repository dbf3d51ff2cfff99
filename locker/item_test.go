package locker_test

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	. "github.com/bellkeep/bellkeep/locker"
)

// newOffice is a bank with pupil doors 1 to 4, confiscation doors 5 and 6 and
// evidence doors 7 and 8, all of them read, and s-1 on its staff.
func newOffice(t *testing.T) *bank {
	b := newStaffed(t)
	b.state = NewState(Setup{Bank: "a", Doors: []int{1, 2, 3, 4}, Confiscation: []int{5, 6}, Evidence: []int{7, 8}, Allotment: Fixed})
	b.record(Event{Kind: Surveyed, At: b.now})
	b.learn(head, dsl, deputy)
	return b
}

func putOrder(item string, class Class) Order {
	return Order{ID: "o-put-" + item, Kind: OrderPut, Item: item, Class: class, By: "office"}
}

func takeOrder(item string) Order {
	return Order{ID: "o-take-" + item, Kind: OrderTake, Item: item, By: "office"}
}

// shuts lets a door that was told to open be seen open, and shut.
func (b *bank) shuts(door int) Event {
	b.t.Helper()
	b.pass(time.Second)
	b.see(door, Open)
	b.pass(5 * time.Second)
	return b.see(door, Closed)
}

// put takes an item in by an order.
func (b *bank) put(item string, class Class) int {
	b.t.Helper()
	e := b.order(putOrder(item, class))
	if e.Kind != Intent {
		b.t.Fatalf("putting %s in: %s %q", item, e.Kind, e.Answer)
	}
	b.shuts(e.Door)
	return e.Door
}

// An item goes in and comes out as a phone does, under its own id and nobody's.
func TestItemThereAndBack(t *testing.T) {
	b := newOffice(t)
	b.now.Trusted = false // staff need neither the time nor a window
	e := b.order(putOrder("i-1", ClassConfiscation))
	if e.Kind != Intent || e.Purpose != PutItem || e.Door != 5 || e.Item != "i-1" || e.Person != "" || e.By != "office" || e.Class != ClassConfiscation {
		t.Fatalf("%+v", e)
	}
	if in := b.shuts(5); in.Kind != Deposited || in.Item != "i-1" || in.By != "office" {
		t.Errorf("it ended as %+v", in)
	}
	if h := b.state.Items["i-1"]; h == nil || h.Door != 5 || !h.Secured || h.Unsure || h.By != "office" || h.Class != ClassConfiscation {
		t.Fatalf("held as %+v", h)
	}
	out := b.order(takeOrder("i-1"))
	if out.Kind != Intent || out.Purpose != TakeItem || out.Door != 5 || out.Order != "o-take-i-1" {
		t.Fatalf("%+v", out)
	}
	if end := b.shuts(5); end.Kind != Collected || end.Item != "i-1" {
		t.Errorf("it ended as %+v", end)
	}
	if len(b.state.Items) != 0 || len(b.state.ItemVisits) != 0 {
		t.Errorf("still known: %v %v", b.state.Items, b.state.ItemVisits)
	}
}

// An item has the lowest empty door of its class, and none of another.
func TestPutFindsADoor(t *testing.T) {
	b := newOffice(t)
	for i, want := range []int{5, 6} {
		if door := b.put([]string{"i-1", "i-2"}[i], ClassConfiscation); door != want {
			t.Errorf("door %d, want %d", door, want)
		}
	}
	if e := b.order(putOrder("i-3", ClassConfiscation)); e.Answer != NoDoor {
		t.Errorf("%s %q at %d", e.Kind, e.Answer, e.Door)
	}
	if door := b.put("i-3", ClassEvidence); door != 7 {
		t.Errorf("door %d", door)
	}
	b.order(takeOrder("i-1"))
	b.shuts(5)
	if door := b.put("i-4", ClassConfiscation); door != 5 {
		t.Errorf("the emptied door is not given again, but %d", door)
	}
}

func TestPutRefuses(t *testing.T) {
	bar := func(who Subject) func(b *bank) {
		return func(b *bank) { b.rules.Directory.Bars = []Bar{{ID: "b", Subject: who, From: morning}} }
	}
	at := func(door int) Order { return Order{ID: "o-1", Kind: OrderPut, Item: "i-1", Door: door, By: "office"} }
	cases := []struct {
		name  string
		given func(b *bank)
		order Order
		want  Answer
	}{
		{"no item", nil, Order{ID: "o-1", Kind: OrderPut, Class: ClassEvidence, By: "office"}, Malformed},
		{"neither door nor class", nil, Order{ID: "o-1", Kind: OrderPut, Item: "i-1", By: "office"}, Malformed},
		{"an item that is no id", nil, Order{ID: "o-1", Kind: OrderPut, Item: "A phone", Door: 5, By: "office"}, Malformed},
		{"the class of pupils", nil, putOrder("i-1", ClassPupil), Malformed},
		{"a class nobody knows", nil, putOrder("i-1", "cellar"), Malformed},
		{"a pupil door", nil, at(1), NoSuchDoor},
		{"no door of ours", nil, at(1 << 40), NoSuchDoor},
		{"a door of another class", nil, Order{ID: "o-1", Kind: OrderPut, Item: "i-1", Door: 5, Class: ClassEvidence, By: "office"}, NoSuchDoor},
		{"an item that is in", func(b *bank) { b.put("i-1", ClassConfiscation) }, at(6), AlreadyHeld},
		{"an item that is on its way in", func(b *bank) { b.order(putOrder("i-1", ClassConfiscation)) }, at(6), AlreadyHeld},
		{"an occupied door", func(b *bank) { b.put("i-2", ClassConfiscation) }, at(5), Occupied},
		{"an occupied evidence door", func(b *bank) { b.put("i-2", ClassEvidence) }, at(7), Occupied},
		{"a door somebody is at", func(b *bank) { b.order(putOrder("i-2", ClassConfiscation)) }, at(5), Busy},
		{"a bar on the door", bar(Subject{Bank: "a", Door: 5}), at(5), Barred},
		{"a hold on the door", func(b *bank) { b.wish(Wish{Kind: WishHold, Door: 5}) }, at(5), Barred},
		{"a door that stands open", func(b *bank) { b.see(5, Open) }, at(5), DoorOpen},
		{"a door that cannot be asked", func(b *bank) { b.see(5, Unknown) }, at(5), NoReply},
		{"a door that jammed", func(b *bank) {
			b.order(putOrder("i-2", ClassConfiscation))
			b.record(Conclude(b.state.ItemVisits["i-2"], Jammed, Closed, b.now))
		}, at(5), NoReply},
		{"doors not read yet", func(b *bank) { b.record(Event{Kind: Started, At: b.now}) }, putOrder("i-1", ClassEvidence), NoReply},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newOffice(t)
			if c.given != nil {
				c.given(b)
			}
			if e := b.order(c.order); e.Kind != OrderRefused || e.Answer != c.want {
				t.Errorf("%s %q, want %q", e.Kind, e.Answer, c.want)
			}
		})
	}
	b := newOffice(t)
	bar(Subject{Item: "i-1"})(b)
	if e := b.order(at(7)); e.Kind != Intent {
		t.Errorf("a barred item stays outside: %q", e.Answer)
	}
}

func TestTakeRefuses(t *testing.T) {
	cases := []struct {
		name  string
		given func(b *bank)
		order Order
		want  Answer
	}{
		{"nothing of that id", nil, takeOrder("i-2"), NothingHeld},
		{"behind another door", nil, Order{ID: "o-1", Kind: OrderTake, Item: "i-1", Door: 6, By: "office"}, NothingHeld},
		{"a person's device", func(b *bank) { b.use(badge(1)) }, takeOrder("ann"), NothingHeld},
		{"evidence", func(b *bank) { b.put("i-9", ClassEvidence) }, takeOrder("i-9"), EvidenceKept},
		{"evidence, with two approvals", func(b *bank) { b.put("i-9", ClassEvidence) },
			Order{ID: "o-1", Kind: OrderTake, Item: "i-9", By: "office", Signed: evidence("i-9", 7, HandOver, head, dsl).Signed}, EvidenceKept},
		{"evidence behind a door that is called otherwise by now", func(b *bank) {
			b.put("i-9", ClassEvidence)
			b.state.Setup.Confiscation, b.state.Setup.Evidence = []int{5, 6, 7, 8}, nil
		}, takeOrder("i-9"), EvidenceKept},
		{"a bar on the item", func(b *bank) {
			b.rules.Directory.Bars = []Bar{{ID: "b", Subject: Subject{Item: "i-1"}, From: morning}}
		}, takeOrder("i-1"), Barred},
		{"a bar on the door", func(b *bank) {
			b.rules.Directory.Bars = []Bar{{ID: "b", Subject: Subject{Bank: "a", Door: 5}, From: morning}}
		}, takeOrder("i-1"), Barred},
		{"a hold on the door", func(b *bank) { b.wish(Wish{Kind: WishHold, Door: 5}) }, takeOrder("i-1"), Barred},
		{"a door that stands open", func(b *bank) { b.see(5, Open) }, takeOrder("i-1"), DoorOpen},
		{"a door that cannot be asked", func(b *bank) { b.see(5, Unknown) }, takeOrder("i-1"), NoReply},
		{"twice", func(b *bank) { b.order(Order{ID: "o-0", Kind: OrderTake, Item: "i-1", By: "office"}) }, takeOrder("i-1"), Busy},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newOffice(t)
			b.put("i-1", ClassConfiscation)
			if c.given != nil {
				c.given(b)
			}
			if e := b.order(c.order); e.Kind != OrderRefused || e.Answer != c.want || e.Item != c.order.Item {
				t.Errorf("%s %q of %q, want %q", e.Kind, e.Answer, e.Item, c.want)
			}
		})
	}
}

// What nobody saw of an item is unsure, until it is seen to have been taken out.
func TestItemUnsure(t *testing.T) {
	cases := []struct {
		name string
		wrap func(b *bank)
	}{
		{"put in, nobody knows whether it opened", func(b *bank) {
			b.order(putOrder("i-1", ClassConfiscation))
			b.record(Event{Kind: Started, At: b.now})
			b.record(Event{Kind: Surveyed, At: b.now})
			b.reconcile()
		}},
		{"put in, shut while nobody looked", func(b *bank) {
			b.order(putOrder("i-1", ClassConfiscation))
			b.see(5, Open)
			b.record(Event{Kind: Started, At: b.now})
			b.record(Event{Kind: Surveyed, At: b.now})
			b.reconcile()
		}},
		{"taken out, nobody knows whether it opened", func(b *bank) {
			b.put("i-1", ClassConfiscation)
			b.order(takeOrder("i-1"))
			b.record(Conclude(b.state.ItemVisits["i-1"], Unverified, Closed, b.now))
		}},
		{"taken out, shut while nobody looked", func(b *bank) {
			b.put("i-1", ClassConfiscation)
			b.order(takeOrder("i-1"))
			b.see(5, Open)
			b.record(Event{Kind: Started, At: b.now})
			b.record(Event{Kind: Surveyed, At: b.now})
			b.reconcile()
		}},
		{"its door was forced", func(b *bank) { b.put("i-1", ClassConfiscation); b.see(5, Open); b.see(5, Closed) }},
		{"an earlier ledger is lost", func(b *bank) { b.put("i-1", ClassConfiscation); b.record(Event{Kind: Doubted, At: b.now}) }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newOffice(t)
			c.wrap(b)
			if h := b.state.Items["i-1"]; h == nil || !h.Unsure || h.Door != 5 {
				t.Fatalf("held as %+v", h)
			}
			b.pass(time.Minute)
			if e := b.order(Order{ID: "o-again", Kind: OrderTake, Item: "i-1", By: "office"}); e.Kind != Intent {
				t.Fatalf("it cannot be looked for: %q", e.Answer)
			}
			b.shuts(5)
			if len(b.state.Items) != 0 {
				t.Errorf("held as %+v", b.state.Items["i-1"])
			}
		})
	}
}

// reconcile records what the bank makes of a restart.
func (b *bank) reconcile() {
	for _, e := range Reconcile(b.state, b.now) {
		b.record(e)
	}
}

// An item that never got in leaves nothing behind, nor does an order refused.
func TestItemThatNeverGotIn(t *testing.T) {
	b := newOffice(t)
	for i, result := range []Result{NotSent, Stopped, NoEffect, Jammed} {
		o := putOrder([]string{"i-1", "i-2", "i-3", "i-4"}[i], ClassEvidence)
		b.order(o)
		b.record(Conclude(b.state.ItemVisits[o.Item], result, Closed, b.now))
		if result == NoEffect {
			b.record(TryAgain(b.state.ItemVisits[o.Item], b.now))
			b.record(Conclude(b.state.ItemVisits[o.Item], NotSent, Closed, b.now))
		}
	}
	b.order(putOrder("i-5", ClassConfiscation))
	b.see(5, Open)
	e, _ := Observe(b.state, 5, Closed, Absent, b.now)
	b.record(e)
	if e.Kind != NothingIn || len(b.state.Items) != 0 || len(b.state.ItemVisits) != 0 {
		t.Errorf("%+v leaves %v and %v", e, b.state.Items, b.state.ItemVisits)
	}
}

// Whatever doors pupils find shut, taken or barred, they are sent to no other.
func TestPupilsStayAtTheirDoors(t *testing.T) {
	for _, allotment := range []Allotment{Fixed, Dynamic} {
		b := newOffice(t)
		b.state.Allotment = allotment
		for _, n := range []int{1, 2, 3, 4} {
			b.rules.Directory.Bars = append(b.rules.Directory.Bars, Bar{ID: "b", Subject: Subject{Bank: "a", Door: n}, From: morning})
		}
		b.want(b.scan(badge(1)), Full, 0, NoDoor)
		b.rules.Directory.People["ann"] = Place{Bank: "a", Door: 5}
		b.want(b.scan(badge(1)), Full, 0, NoDoor)
	}
	b := newOffice(t)
	b.put("i-1", ClassConfiscation)
	b.want(b.wish(Wish{Kind: WishDoor, Door: 5, Reason: Other}), NothingThere, 0, NoSuchDoor)
	if e := b.order(Order{ID: "o-1", Kind: OpenDoor, Door: 5, By: "office"}); e.Answer != NoSuchDoor {
		t.Errorf("an order for what a person handed in opens door 5: %+v", e)
	}
}

func TestStaffPutIn(t *testing.T) {
	b := newOffice(t)
	put := func(item string, class Class) Decision { return b.wish(Wish{Kind: WishPut, Item: item, Class: class}) }
	d := put("i-1", ClassEvidence)
	b.want(d, PutDevice, 7, "")
	if e := d.Event; e.Kind != Intent || e.Purpose != PutItem || e.Item != "i-1" || e.By != "s-1" || e.Person != "" || e.Order != "" {
		t.Errorf("%+v", e)
	}
	b.want(put("i-2", ClassConfiscation), Wait, 0, Busy)
	b.shuts(7)
	b.want(put("i-2", ClassEvidence), PutDevice, 8, "")
	b.shuts(8)
	b.want(put("i-3", ClassEvidence), Full, 0, NoDoor)
	b.want(put("i-2", ClassConfiscation), Office, 0, AlreadyHeld)
	b.want(put("", ClassConfiscation), Office, 0, Malformed)
	b.want(put("i-3", ClassPupil), Office, 0, Malformed)
}

// Ten doors in ten minutes are for one staff member at the kiosk, in or out;
// what others order in the same name does not count.
func TestStaffPutInFewTimes(t *testing.T) {
	b := newOffice(t)
	for range StaffDoors {
		d := b.wish(Wish{Kind: WishPut, Item: "i-1", Class: ClassConfiscation})
		b.want(d, PutDevice, 5, "")
		b.shuts(5)
		o := takeOrder("i-1")
		o.By = "s-1"
		b.order(o)
		b.shuts(5)
	}
	b.want(b.wish(Wish{Kind: WishPut, Item: "i-1", Class: ClassConfiscation}), Wait, 0, TooMany)
	o := putOrder("i-1", ClassConfiscation)
	o.By = "s-1"
	if e := b.order(o); e.Kind != Intent {
		t.Errorf("an order: %q", e.Answer)
	}
	b.shuts(5)
	b.pass(StaffSpan)
	b.want(b.wish(Wish{Kind: WishPut, Item: "i-2", Class: ClassConfiscation}), PutDevice, 6, "")
}

// The menu offers what this bank has, and no window where nobody collects.
func TestMenuOffersWhatThereIs(t *testing.T) {
	for _, c := range []struct {
		setup Setup
		want  Screen
	}{
		{Setup{Doors: []int{1}}, Screen{Word: StaffMenu, Has: Classes{Pupil: true}, Offer: WishWindow, Fire: WishEvacuate}},
		{Setup{Confiscation: []int{1}}, Screen{Word: StaffMenu, Has: Classes{Confiscation: true}, Fire: WishEvacuate}},
		{Setup{Evidence: []int{1}}, Screen{Word: StaffMenu, Has: Classes{Evidence: true}, Fire: WishEvacuate}},
	} {
		if got := Menu(NewState(c.setup), school.Instant{Wall: morning}); got != c.want {
			t.Errorf("%+v offers %+v", c.setup, got)
		}
	}
}
