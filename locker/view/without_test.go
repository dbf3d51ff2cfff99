package view

import (
	"testing"

	"github.com/bellkeep/bellkeep/locker"
)

// Of an item that somebody must not know of the board shows a free door, and what
// anybody sees who passes: whether it stands open.
func TestBoardWithoutAnItem(t *testing.T) {
	b := Board{
		Counts:   Counts{Problems: 3},
		Items:    []Item{{ID: "i-1", Door: 1}, {ID: "i-2", Door: 2}},
		Doors:    []Door{{Number: 1, Item: "i-1", Contact: locker.Closed, State: DoorKeeping, Sensed: locker.Present, InDoubt: true}, {Number: 2, Item: "i-2", Contact: locker.Closed, State: DoorKeeping}, {Number: 3, Item: "i-3", Contact: locker.Open, State: DoorOpen}},
		Problems: []Problem{{Code: Unverified, Door: 1}, {Code: Unverified, Door: 2}, {Code: LeftOpen, Door: 3}},
	}
	seen := b.Without(func(item string) bool { return item != "i-2" })
	if len(seen.Items) != 1 || seen.Items[0].ID != "i-2" {
		t.Errorf("items %+v", seen.Items)
	}
	if d := seen.Doors[0]; d != (Door{Number: 1, Contact: locker.Closed, State: DoorFree, Sensed: locker.Absent}) {
		t.Errorf("its door %+v", d)
	}
	if seen.Doors[1] != b.Doors[1] || seen.Doors[2].State != DoorOpen || seen.Doors[2].Item != "" {
		t.Errorf("other doors %+v", seen.Doors)
	}
	if len(seen.Problems) != 2 || seen.Counts.Problems != 2 {
		t.Errorf("problems %+v of %d", seen.Problems, seen.Counts.Problems)
	}
	if b.Items[0].ID != "i-1" || b.Doors[0].Item != "i-1" || len(b.Problems) != 3 {
		t.Error("the board itself has changed")
	}
}
