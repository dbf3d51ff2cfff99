package locker_test

import (
	"testing"

	. "github.com/bellkeep/bellkeep/locker"
)

// A class's tray goes behind a tray door and comes out by an order that names that very
// tray: no order for another class's tray, for a device or for a door, and nobody at the
// bank, opens it.
func TestTrayDoors(t *testing.T) {
	b := newStaffed(t)
	b.state = NewState(Setup{Bank: "a", Doors: []int{1, 2}, Confiscation: []int{5}, Trays: []int{8, 9}, Allotment: Fixed})
	b.record(Event{Kind: Surveyed, At: b.now})
	oak, elm := b.put("t-oak", ClassTray), b.put("t-elm", ClassTray)
	if oak != 8 || elm != 9 || b.state.Items["t-oak"].Class != ClassTray {
		t.Fatalf("they are behind %d and %d", oak, elm)
	}
	b.put("i-1", ClassConfiscation)
	take := func(id, item string, class Class, door int) Order {
		return Order{ID: id, Kind: OrderTake, Item: item, Class: class, Door: door, By: "teacher"}
	}
	for name, o := range map[string]Order{
		"as a device":                 take("o-1", "t-oak", "", 0),
		"by the door of another tray": take("o-2", "t-oak", ClassTray, elm),
		"a tray that is not here":     take("o-3", "t-ash", ClassTray, 0),
		"a device as a tray":          take("o-4", "i-1", ClassTray, 0),
		"as a pupil's":                {ID: "o-5", Kind: OpenDoor, Door: oak, By: "office"},
		"a third one":                 putOrder("t-ash", ClassTray),
		"a device by its door":        {ID: "o-6", Kind: OrderPut, Item: "i-2", Door: oak, By: "office"},
	} {
		if e := b.order(o); e.Kind != OrderRefused {
			t.Errorf("%s: %s", name, e.Kind)
		}
	}
	if e := b.order(take("o-7", "t-oak", ClassTray, 0)); e.Kind != Intent || e.Door != oak || e.Purpose != TakeItem {
		t.Fatalf("its own teacher: %+v", e)
	}
	b.shuts(oak)
	if b.state.Items["t-oak"] != nil || b.state.Items["t-elm"] == nil {
		t.Error("the wrong one is out")
	}
	if e := b.order(Order{ID: "o-8", Kind: OrderPut, Item: "i-2", Door: oak, By: "office"}); e.Kind != OrderRefused {
		t.Errorf("a device goes behind an empty tray door: %s", e.Kind)
	}
	if d := DecideStaff(b.state, b.rules, "s-1", Wish{Kind: WishPut, Item: "i-3", Class: ClassTray}, b.now); d.Event.Kind == Intent {
		t.Error("somebody at the bank puts something behind a tray door")
	}
	if d := DecideStaff(b.state, b.rules, "s-1", Wish{Kind: WishDoor, Door: elm, Reason: Other}, b.now); d.Event.Kind == Intent {
		t.Error("somebody at the bank opens a tray door")
	}
}
