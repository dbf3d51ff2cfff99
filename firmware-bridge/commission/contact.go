package commission

import "time"

// How sure one must be of a contact.
const (
	settleFor = 500 * time.Millisecond // a door that bounces is neither open nor shut
	agreeing  = 2                      // looks; a sum lets one bad frame in 256 through
	restless  = 10 * time.Second       // a contact that does not come to rest for so long is loose, or has no door
)

// contact follows the bit of one door contact. What the bit means is not known
// here.
type contact struct {
	seen bool // looked at, ever
	sure bool // settled, ever
	rest bool // the bit it has settled on

	bit   bool
	looks int       // in a row that said so
	since time.Time // the first of them
	last  time.Time // the newest look
	from  time.Time // the last look before it left its rest
	loose bool      // it never comes to rest
}

// look takes one reading and reports whether the contact settled on another bit.
func (c *contact) look(bit bool, at time.Time) (changed bool) {
	switch {
	case !c.seen:
		c.seen, c.bit, c.looks, c.since, c.from = true, bit, 1, at, at
	case bit != c.bit:
		if c.sure && c.bit == c.rest && at.Sub(c.since) >= settleFor {
			c.from = c.last // before that it was at rest for long enough
		}
		c.bit, c.looks, c.since = bit, 1, at
	default:
		c.looks++
	}
	c.last = at
	if c.looks < agreeing || at.Sub(c.since) < settleFor {
		c.loose = c.loose || at.Sub(c.from) > restless && c.stirs()
		return false
	}
	changed = c.sure && c.rest != c.bit
	c.sure, c.rest = true, c.bit
	return changed
}

// stirs reports whether the contact is not at rest.
func (c *contact) stirs() bool {
	return !c.sure || c.bit != c.rest || c.looks < agreeing || c.last.Sub(c.since) < settleFor
}

// doubt lets the contact settle afresh.
func (c *contact) doubt() { c.sure, c.looks, c.since, c.from = false, 0, c.last, c.last }
