package bridge

import (
	"time"

	"github.com/bellkeep/bellkeep/hardware"
)

const (
	// Check bytes let a few of the frames pass that noise has changed, and a changed
	// order opens another door. So an order leaves only on a line on which nothing
	// but answers was heard for so many looks.
	calmLooks = 8

	// An order waits this long for the bus to calm down, then it is refused: the
	// person before the door is told while they are still there.
	calmPatience = 2 * time.Second

	noisyHint = "Look at the cable, its ends and the earthing of the lock boards; then scan the badge again."
)

// calm is what is known of the noise on a bus. One that cannot tell is taken for quiet.
type calm struct {
	strays uint64    // heard so far
	heard  time.Time // when the last stray was
	looks  int       // answered in a row since then
	since  time.Time // when it was calm last
	deaf   bool
}

// looked takes in how a look at a board went. A board that keeps silent says nothing
// about the line of the others.
func (c *calm) looked(bus hardware.Sensors, err error, now time.Time) {
	l, ok := bus.(hardware.Listener)
	if c.deaf = !ok; c.deaf {
		return
	}
	switch strays := l.Strays(); {
	case strays != c.strays:
		c.strays, c.heard, c.looks = strays, now, 0
	case err == nil:
		c.looks++
	}
	if c.yet() {
		c.since = now
	}
}

func (c calm) yet() bool { return c.deaf || c.looks >= calmLooks }

func (c calm) hopeless(now time.Time) bool { return now.Sub(c.since) >= calmPatience }

// noisy reports whether somebody should see to the bus: strays keep orders from it, and
// not only silence.
func (c calm) noisy(now time.Time) bool {
	return !c.yet() && c.hopeless(now) && now.Sub(c.heard) < calmPatience
}
