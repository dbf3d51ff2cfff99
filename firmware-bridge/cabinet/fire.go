package cabinet

import (
	"fmt"
	"slices"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// fire finds the contact on which the fire alarm is heard. It is one that no door
// hangs on, and that a commissioning leaves alone. Which reading means an alarm must be
// said: a relay that opens with the alarm tells of a cut cable too. Where a map says
// what a set bit means for doors, closed is a set bit here all the same: nobody who
// wires the alarm knows the map.
func (r *reader) fire(c *Cabinet, f bankFile) {
	if f.Fire == nil {
		return
	}
	line := f.Fire.Bus.Line
	i := slices.IndexFunc(c.Buses, func(b Bus) bool { return b.Name == f.Fire.Bus.V })
	on, known := map[string]hardware.Contact{"open": hardware.Open, "closed": hardware.Closed}[f.Fire.Active.V]
	switch {
	case i < 0:
		r.fault(line, "fire_input: there is no bus %q", f.Fire.Bus.V)
		return
	case !known:
		r.fault(max(line, f.Fire.Active.Line), "fire_input: active: must be open or closed, as the contact is while the alarm sounds")
		return
	}
	b := &c.Buses[i]
	ch := hardware.Channel{Board: f.Fire.Board, Index: f.Fire.Lock - 1}
	if err := b.Boards.Size().Check(ch); err != nil {
		r.fault(line, "fire_input: %v", err)
		return
	}
	for door, taken := range b.Doors {
		if taken == ch {
			r.fault(line, "fire_input: door %d hangs on that lock", door)
			return
		}
	}
	b.Fire, c.Fire = &bridge.FireInput{Channel: ch, On: on}, b.Name
}

// atFire reports whether a channel of a bus is the fire alarm's.
func (b Bus) atFire(ch hardware.Channel) bool { return b.Fire != nil && b.Fire.Channel == ch }

// mapFire reads the fire alarm of a bus by what its map says of bits. Errors: conflict
// for a map in which a door hangs on the alarm's contact.
func (b *Bus) mapFire(p hardware.Polarity) error {
	if b.Fire == nil {
		return nil
	}
	for _, door := range b.Numbers {
		if b.atFire(b.Doors[door]) {
			return errs.New(errs.Conflict, fmt.Sprintf("By the door map door %d hangs on the contact of the fire alarm.", door), "Put the alarm on a free contact, or map the bank again: bellkeep-bank commission")
		}
	}
	if p == hardware.SetIsOpen {
		b.Fire.On = map[hardware.Contact]hardware.Contact{hardware.Open: hardware.Closed, hardware.Closed: hardware.Open}[b.Fire.On]
	}
	return nil
}
