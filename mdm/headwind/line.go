package headwind

import "time"

// line is whether a phone can be reached, by machine time.
type line struct {
	listens bool      // over MQTT
	poll    *poll     // held now; nil for none
	heard   time.Time // its last word; zero for never
}

// poll is a request that is held until there is news.
type poll struct {
	news chan struct{} // has one when there is
	over chan struct{} // closed when a newer poll took its place, or the phone is retired
}

// here reports whether a phone is there.
func (l *line) here(now time.Time) bool {
	return l.listens || l.poll != nil || !l.heard.IsZero() && now.Sub(l.heard) < quiet
}

// hold begins a poll, and ends the one before: a phone has one at a time.
func (l *line) hold() *poll {
	l.end()
	l.poll = &poll{news: make(chan struct{}, 1), over: make(chan struct{})}
	return l.poll
}

// drop ends a poll, if it is still the phone's.
func (l *line) drop(p *poll, now time.Time) {
	if l.poll == p {
		l.poll, l.heard = nil, now
	}
}

// end ends whatever poll there is.
func (l *line) end() {
	if l.poll != nil {
		close(l.poll.over)
		l.poll = nil
	}
}

// call wakes the poll that is held.
func (l *line) call() {
	if l.poll == nil {
		return
	}
	select {
	case l.poll.news <- struct{}{}:
	default:
	}
}
