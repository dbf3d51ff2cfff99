package bridge

import (
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/locker"
)

// How long the bank waits for a door it has told to open.
const (
	attempts   = 3                       // intents per visit, the first included
	verdictIn  = 1100 * time.Millisecond // a latch may take 900 ms, a look 100 ms more
	closedSeen = 2                       // looks after the frame that say "still closed"
	giveUpIn   = OrderLife + 2*time.Second
)

// pending is an intent on its way: committed, perhaps sent, not yet seen to
// have had an effect.
type pending struct {
	kiosk  string // where to say that the door is stuck
	asked  time.Time
	sent   time.Time // zero until the frame was written
	closed int       // looks since then that said closed, in a row
	open   int       // looks since then that said open, in a row
}

func (p *pending) look(c hardware.Contact, at time.Time) {
	if p.sent.IsZero() || !at.After(p.sent) {
		return
	}
	switch c {
	case hardware.Open:
		p.open, p.closed = p.open+1, 0
	case hardware.Closed:
		p.open, p.closed = 0, p.closed+1
	}
}

// verdict is what can be said at now: "" for not yet.
func (p *pending) verdict(attempt int, now time.Time) locker.Result {
	switch {
	case p.open >= agreeingReads:
		return locker.Opened
	case p.closed >= closedSeen && now.Sub(p.sent) >= verdictIn && attempt < attempts:
		return locker.NoEffect
	case p.closed >= closedSeen && now.Sub(p.sent) >= verdictIn:
		return locker.Jammed
	case now.Sub(p.asked) >= giveUpIn:
		return locker.Unverified
	}
	return ""
}
