package headwind

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/mdm"
)

// work looks at all phones at every tick and whenever it is due, until ctx ends.
func (g *Gateway) work(ctx context.Context) error {
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		for _, number := range g.look(time.Now()) {
			if err := g.pager.Page(number); err != nil {
				g.Log.Warn("a phone could not be called", "device", number, "err", err) // it is called again
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		case <-g.due:
		}
	}
}

// look ends what is over, finds out who has come and who has gone, says how all stand
// and wakes the polls of those to be called; it gives the phones to be paged.
func (g *Gateway) look(now time.Time) (numbers []string) {
	school := g.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, m := range g.phones {
		g.said(m, m.tasks.end(school))
		g.note(m, now, school)
		o := m.order(school, g.Push)
		g.stand(m, o, school)
		if !m.toCall(o, now) {
			continue
		}
		if m.line.listens { // called twice, it would lift its restrictions twice
			numbers = append(numbers, m.id)
		} else {
			m.line.call()
		}
	}
	return numbers
}

// note takes note of a phone that came or went; the caller holds mu. Its session is on
// disk before anybody is told.
func (g *Gateway) note(m *member, now, school time.Time) {
	here := m.line.here(now)
	if m.want.Rev == 0 || here == m.birth.Online { // of the first nothing is asked yet
		return
	}
	session := m.birth.Session // a death is that of the last birth
	if here {
		session = bus.NewSession()
	}
	m.birth = mdm.NewPresence(here, session, school)
	g.save(m)
}

// stand says whether a phone is there, and how it stands; the caller holds mu.
func (g *Gateway) stand(m *member, o order, school time.Time) {
	if m.want.Rev > 0 {
		g.outbox.Stand(m.id, m.birth, m.report(o, m.birth.Session, school))
	}
}

// toCall reports whether a phone is to be called now: one that must fetch something it
// was not called for, or not for a while, and can be reached.
func (m *member) toCall(o order, now time.Time) bool {
	reached := m.line.listens || m.line.poll != nil
	switch {
	case !m.behind(o):
		m.called = ""
		return false
	case !reached, m.called == o.news() && now.Sub(m.calledAt) < again:
		return false
	}
	m.called, m.calledAt = o.news(), now
	return true
}
