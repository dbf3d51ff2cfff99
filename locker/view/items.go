package view

import (
	"cmp"
	"slices"

	"github.com/bellkeep/bellkeep/locker"
)

// items are those at the bank, and those on their way in.
func (p painter) items() []Item {
	var list []Item
	for id, v := range p.state.ItemVisits {
		if p.state.Items[id] == nil {
			list = append(list, Item{ID: id, Door: v.Door, Class: v.Class, Since: v.Began.Wall.In(p.zone), By: v.By, State: ItemComing, Held: p.hold(v.Door) != nil})
		}
	}
	for id, h := range p.state.Items {
		list = append(list, Item{ID: id, Door: h.Door, Class: h.Class, Since: h.Since.Wall.In(p.zone), By: h.By, State: p.itemState(h), Held: p.hold(h.Door) != nil})
	}
	slices.SortFunc(list, func(a, b Item) int { return cmp.Or(cmp.Compare(a.Door, b.Door), cmp.Compare(a.ID, b.ID)) })
	return list
}

func (p painter) itemState(h *locker.Holding) ItemState {
	switch v := p.state.ItemVisits[h.Item]; {
	case v.UnderWay() && v.Purpose.TakesOut():
		return ItemGoing
	case h.Unsure:
		return ItemUnsure
	case v.UnderWay():
		return ItemComing
	}
	return ItemIn
}

// hold is the hold on a door that was placed at the bank, or nil.
func (p painter) hold(door int) *locker.Hold {
	if h, held := p.state.Holds[door]; held {
		h.Since.Wall = h.Since.Wall.In(p.zone)
		return &h
	}
	return nil
}

// Items are the items at the bank as it is now.
func (l *Live) Items() []Item {
	l.mu.Lock()
	defer l.mu.Unlock()
	return painter{Fold: l.fold, rules: l.rules, now: l.now(), zone: l.zone}.items()
}
