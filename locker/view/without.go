package view

import (
	"slices"

	"github.com/bellkeep/bellkeep/locker"
)

// Without is the board to somebody who must not know of some items: their doors are
// free and nothing about them is a problem. Whether a door stands open it says all
// the same, for everybody who passes sees it.
func (b Board) Without(hidden func(item string) bool) Board {
	hides := func(item string) bool { return item != "" && hidden(item) }
	b.Items = slices.DeleteFunc(slices.Clone(b.Items), func(i Item) bool { return hides(i.ID) })
	doors := map[int]bool{}
	b.Doors = slices.Clone(b.Doors)
	for n, d := range b.Doors {
		if !hides(d.Item) {
			continue
		}
		doors[d.Number] = true
		d.Item, d.Hold, d.Sensed = "", nil, seenEmpty(d.Sensed)
		d.InDoubt = !d.Asked.IsZero() // as its neighbours are, whatever is behind them
		if d.Contact == locker.Closed {
			d.State = DoorFree
		}
		b.Doors[n] = d
	}
	before := len(b.Problems)
	b.Problems = slices.DeleteFunc(slices.Clone(b.Problems), func(p Problem) bool { return hides(p.Item) || p.Item == "" && doors[p.Door] && p.Code == Unverified })
	b.Counts.Problems -= before - len(b.Problems)
	return b
}

// seenEmpty is what an item sensor would say of an empty door.
func seenEmpty(s locker.Sensed) locker.Sensed {
	if s == locker.NoSensor {
		return s
	}
	return locker.Absent
}
