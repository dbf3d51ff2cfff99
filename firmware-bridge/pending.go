package bridge

import (
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/locker"
)

// How long the bank waits for a door it has told to open.
const (
	attempts   = 3                       // intents per visit, the first included
	latchTime  = 900 * time.Millisecond  // the slowest latch; a look before then does not say "still closed"
	verdictIn  = 1100 * time.Millisecond // two looks more
	closedSeen = 2                       // looks after latchTime that say "still closed"
	blindFor   = 400 * time.Millisecond  // without a look: a quick hand may have opened and shut the door
	giveUpIn   = OrderLife + 2*time.Second
)

// pending is an intent on its way: committed, perhaps sent, not yet seen to
// have had an effect.
type pending struct {
	asked   time.Time
	scanned time.Time // when somebody asked for it, zero for a bank's own second try
	sent    time.Time // zero until the frame was written
	closed  int       // looks after latchTime that said closed, in a row
	open    int       // looks since then that said open, in a row
	looked  time.Time // the newest look since then
	blind   bool      // there were none for longer than blindFor
}

func (p *pending) look(c hardware.Contact, at time.Time) {
	if p.sent.IsZero() || !at.After(p.sent) {
		return
	}
	if at.Sub(later(p.sent, p.looked)) > blindFor {
		p.blind = true
	}
	p.looked = at
	switch c {
	case hardware.Open:
		p.open, p.closed = p.open+1, 0
	case hardware.Closed:
		p.open = 0
		if at.Sub(p.sent) > latchTime {
			p.closed++
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// verdict is what can be said at now: "" for not yet.
func (p *pending) verdict(attempt int, now time.Time) locker.Result {
	switch {
	case p.open >= agreeingReads:
		return locker.Opened
	case p.closed >= closedSeen && p.blind:
		return locker.Unverified
	case p.closed >= closedSeen && now.Sub(p.sent) >= verdictIn && attempt < attempts:
		return locker.NoEffect
	case p.closed >= closedSeen && now.Sub(p.sent) >= verdictIn:
		return locker.Jammed
	case now.Sub(p.asked) >= giveUpIn:
		return locker.Unverified
	}
	return ""
}
