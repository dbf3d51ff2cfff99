package banks

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/bus"
)

// presence is whether a bank is connected, and since when by this server's
// machine clock.
type presence struct {
	bus.Presence
	since time.Time
}

// hear takes a birth or death. It is false for a message that makes no sense.
func (p *presence) hear(payload []byte, now time.Time) bool {
	next, err := bus.ParsePresence(payload)
	if err != nil {
		return false
	}
	folded := p.Fold(next)
	if folded.Online != p.Online || p.since.IsZero() {
		p.since = now
	}
	p.Presence = folded
	return true
}
