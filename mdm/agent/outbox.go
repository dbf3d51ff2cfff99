package agent

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
)

const (
	maxEvents = 16               // kept while the broker is out of reach; the oldest go first
	maxAcks   = 4 * maxTold      // likewise
	pace      = time.Second      // machine time between two posts
	mostPause = 10 * time.Second // between two that fail, without a new connection
	patience  = 10 * time.Second // machine time for the broker to take one message
)

// outbox holds what is to be published: the newest birth and report, and the
// last answers and events. Nothing in it is older than what replaced it.
type outbox struct {
	full chan struct{}
	born chan struct{} // a connection stands

	mu   *sync.Mutex
	mail mail
}

type mail struct {
	birth  *mdm.Presence
	report *mdm.Reported
	acks   []mdm.Ack
	events []mdm.Event
}

func newOutbox() outbox {
	return outbox{full: make(chan struct{}, 1), born: make(chan struct{}, 1), mu: &sync.Mutex{}}
}

func (o *outbox) birth(p mdm.Presence) {
	o.put(func(m *mail) { m.birth = &p })
	nudge(o.born)
}

func (o *outbox) report(r mdm.Reported) { o.put(func(m *mail) { m.report = &r }) }
func (o *outbox) ack(a mdm.Ack)         { o.put(func(m *mail) { m.acks = last(maxAcks, m.acks, a) }) }
func (o *outbox) event(e mdm.Event)     { o.put(func(m *mail) { m.events = last(maxEvents, m.events, e) }) }

// last gives the last n of a list and what comes after it.
func last[T any](n int, list []T, more ...T) []T {
	list = append(list, more...)
	return list[max(0, len(list)-n):]
}

func (o *outbox) put(change func(*mail)) {
	o.mu.Lock()
	change(&o.mail)
	o.mu.Unlock()
	nudge(o.full)
}

func nudge(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default: // it has one already
	}
}

func (o *outbox) take() mail {
	o.mu.Lock()
	defer o.mu.Unlock()
	m := o.mail
	o.mail = mail{}
	return m
}

// putBack returns what could not be sent, unless there is newer by now.
func (o *outbox) putBack(m mail) {
	o.put(func(now *mail) {
		if now.birth == nil {
			now.birth = m.birth
		}
		if now.report == nil {
			now.report = m.report
		}
		now.acks = last(maxAcks, m.acks, now.acks...)
		now.events = last(maxEvents, m.events, now.events...)
	})
}

// post publishes what is in the outbox, at most once in a pace: what changes
// faster is told of as it stands then.
func (a *Agent) post(ctx context.Context, bus Bus) error {
	publish := func(leaf wire.Leaf, message any, retain bool) bool {
		payload, err := json.Marshal(message)
		if err != nil {
			return true // cannot happen, and would not be cured by trying again
		}
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		return bus.Publish(ctx, a.Root.Device(a.Device, leaf), payload, retain) == nil
	}
	for pause := pace; ; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-a.out.full:
		}
		if m := a.out.take(); m.send(publish) {
			pause = pace
		} else {
			a.out.putBack(m)
			pause = min(2*pause, mostPause)
		}
		if err := a.pause(ctx, pause); err != nil {
			return err
		}
	}
}

// pause waits before the next post; longer than a pace only without a new
// connection.
func (a *Agent) pause(ctx context.Context, long time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pace):
	}
	if long == pace {
		return nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-a.out.born:
	case <-time.After(long - pace):
	}
	return nil
}

// send publishes and takes out of m what the broker has. It stops at the first
// message the broker does not take; trying again is all there is to do.
func (m *mail) send(publish func(leaf wire.Leaf, message any, retain bool) bool) bool {
	if m.birth != nil && !publish(wire.LeafPresence, m.birth, true) {
		return false
	}
	m.birth = nil
	if m.report != nil && !publish(wire.LeafReported, m.report, true) {
		return false
	}
	m.report = nil
	for len(m.acks) > 0 {
		if !publish(wire.LeafAck, m.acks[0], false) {
			return false
		}
		m.acks = m.acks[1:]
	}
	for len(m.events) > 0 {
		if !publish(wire.LeafEvent, m.events[0], false) {
			return false
		}
		m.events = m.events[1:]
	}
	return true
}
