package locker_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/passkey/passkeytest"
	. "github.com/bellkeep/bellkeep/locker"
)

func holdOn(door int) Wish { return Wish{Kind: WishHold, Door: door} }

// endHold is an order to end a hold, signed by some.
func endHold(door int, by ...*passkeytest.Authenticator) Order {
	return signed(Order{ID: fmt.Sprint("o-end-", door), Kind: OrderEndHold, Door: door, By: "head"}, by...)
}

func otherDoor(o Order) Order {
	o.Door = 1
	return o
}

// A door under a hold opens for nobody: not for whose device is behind it, in
// the window too, not for an order, not for staff; and for everybody again once
// two people have ended it.
func TestHold(t *testing.T) {
	b := newOffice(t)
	b.use(badge(1))
	b.put("i-1", ClassConfiscation)
	for _, door := range []int{1, 5, 8} {
		d := b.wish(holdOn(door))
		b.want(d, DoorHeld, door, "")
		if d.Event.Kind != HoldPlaced || d.Event.By != "s-1" || d.Event.Door != door {
			t.Errorf("%+v", d.Event)
		}
	}
	b.want(b.wish(holdOn(1)), DoorHeld, 1, NoChange)
	b.afternoon()
	b.want(b.scan(badge(1)), Office, 0, Barred)
	b.want(b.wish(oneDoor), Office, 0, Barred)
	for _, o := range []Order{orderFor("ann"), takeOrder("i-1"), {ID: "o-2", Kind: OrderPut, Item: "i-2", Door: 8, By: "office"}} {
		if e := b.order(o); e.Answer != Barred {
			t.Errorf("%s: %s %q", o.Kind, e.Kind, e.Answer)
		}
	}
	for _, door := range []int{1, 5, 8} {
		e := b.order(endHold(door, head, dsl))
		if e.Kind != HoldEnded || e.Door != door || e.Approvals != [2]string{"s-head", "s-dsl"} || e.By != "head" {
			t.Fatalf("%+v", e)
		}
		if known, ok := b.state.Answered(e.Order); !ok || known.Answer != "" {
			t.Errorf("the order is remembered as %+v", known)
		}
	}
	b.want(b.scan(badge(1)), TakeOut, 1, "")
	o := takeOrder("i-1")
	o.ID = "o-3"
	if e := b.order(o); e.Kind != Intent {
		t.Errorf("%s %q", e.Kind, e.Answer)
	}
}

func TestEndHoldRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		order Order
		want  Answer
	}{
		{"nobody", endHold(1), TwoNeeded},
		{"one person", endHold(1, head), TwoNeeded},
		{"one person twice", endHold(1, head, head), SamePerson},
		{"three", endHold(1, head, dsl, deputy), TwoNeeded},
		{"one whom the bank does not know", endHold(1, head, stranger), UnknownKey},
		{"two who ended the hold of another door", otherDoor(endHold(2, head, dsl)), OtherWish},
		{"another door", endHold(2, head, dsl), NotHeld},
		{"no door", endHold(0, head, dsl), NotHeld},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newOffice(t)
			b.wish(holdOn(1))
			if e := b.order(c.order); e.Kind != OrderRefused || e.Answer != c.want {
				t.Errorf("%s %q, want %q", e.Kind, e.Answer, c.want)
			}
			if _, held := b.state.Holds[1]; !held {
				t.Error("the hold is gone")
			}
		})
	}
}

// Staff may hold any door there is, a few at a time; doors they have opened do
// not keep them from it.
func TestHoldsArePlaced(t *testing.T) {
	b := newOffice(t)
	b.want(b.wish(holdOn(99)), NothingThere, 0, NoSuchDoor)
	b.state.Opened["s-1"] = nil
	for range StaffDoors {
		b.state.Opened["s-1"] = append(b.state.Opened["s-1"], b.now)
	}
	b.see(3, Open)
	for _, door := range []int{3, 4} { // open, and empty
		b.want(b.wish(holdOn(door)), DoorHeld, door, "")
	}
	for n := 100; len(b.state.Holds) < StaffDoors; n++ {
		b.record(Event{Kind: HoldPlaced, At: b.now, Door: n, Body: Body{By: "s-1"}})
	}
	b.want(b.wish(holdOn(5)), Wait, 0, TooMany)
	b.pass(StaffSpan + time.Second)
	b.want(b.wish(holdOn(5)), DoorHeld, 5, "")
	b.rules.Directory.Staff = nil
	b.want(b.wish(holdOn(6)), Office, 0, Barred)
}

// A hold that comes while a door is being tried ends the trying; one that comes
// while it stands open lets it be shut.
func TestHoldMeanwhile(t *testing.T) {
	b := newOffice(t)
	b.scan(badge(1))
	b.wish(holdOn(1))
	if MayGoOn(b.state, b.rules, b.state.Visits["ann"], b.now) {
		t.Error("the door is tried again")
	}
	b.order(putOrder("i-1", ClassEvidence))
	b.see(7, Open)
	b.wish(holdOn(7))
	if e := b.see(7, Closed); e.Kind != Deposited || b.state.Items["i-1"] == nil {
		t.Errorf("%+v", e)
	}
}

// A copied state shares neither items nor holds.
func TestCloneOfItems(t *testing.T) {
	b := newOffice(t)
	b.put("i-1", ClassConfiscation)
	b.wish(holdOn(5))
	before := b.state.Clone()
	want := dump(before)
	b.order(endHold(5, head, dsl))
	b.state.Items["i-1"].Unsure = true
	b.put("i-2", ClassEvidence)
	if got := dump(before); got != want {
		t.Errorf("the copy changed:\n%s\nwant\n%s", got, want)
	}
}
