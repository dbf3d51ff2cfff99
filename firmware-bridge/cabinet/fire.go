package cabinet

import (
	"slices"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/hardware"
)

// fire finds the contact on which the fire alarm is heard. It is one that no door
// hangs on. Which reading means an alarm must be said: a relay that opens with the
// alarm tells of a cut cable too.
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
	case r.byMap:
		r.fault(line, "fire_input: a bank whose doors stand in a map gives every lock a pulse to find them out; put the alarm on a bank without a map")
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
