package audit

import (
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/locker"
)

// pulseWithin is how long after its record a lock may get its pulse.
const pulseWithin = 5 * time.Second

// commissioning matches pulses that were given to see which door a lock has with
// the frames for that lock, whatever hangs on it, and gives the lines it found.
func (c *comparison) commissioning() (taken map[uint64]bool) {
	taken = map[uint64]bool{}
	for _, e := range c.events {
		if e.Kind != locker.CommissionPulse {
			continue
		}
		line := c.frameFor(e, taken)
		if line == 0 {
			c.report.Unsure++
			c.row(0, e.seq, true, "commissioning: %s, no frame seen", e.What)
			c.report.Rows[len(c.report.Rows)-1].Open = true
			continue
		}
		taken[line] = true
		c.report.Openings++
		c.report.Frames++
		c.row(line, e.seq, true, "commissioning: %s", e.What)
	}
	return taken
}

// frameFor is the first frame for the lock that an event names, soon after it; 0
// for none.
func (c *comparison) frameFor(e event, taken map[uint64]bool) uint64 {
	for _, l := range c.truth {
		name := fmt.Sprintf("lock %d of board %d on bus %s", l.Lock+1, l.Board, l.Bus)
		if late := l.T.Sub(e.At.Wall); l.What == world.Frame && name == e.What && !taken[l.N] && late >= 0 && late <= pulseWithin {
			return l.N
		}
	}
	return 0
}
