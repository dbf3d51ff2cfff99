package gateway

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/mdm"
)

// session is one of a device that has yet to be kept; "" is that it has gone.
type session struct{ id, udid, session string }

// births finds who has come and who has gone.
func (g *Gateway) births(now time.Time) (all []session) {
	school := g.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	for id, m := range g.members {
		if m.report.Rev == 0 {
			continue // nothing is asked of it yet
		}
		if here := m.here(now); here != m.birth.Online {
			name := m.birth.Session // a death is that of the last birth
			if here {
				name = bus.NewSession()
			}
			m.birth, m.news = mdm.NewPresence(here, name, school), true
		}
		if m.session() != m.saved {
			all = append(all, session{id, m.udid, m.session()})
		}
	}
	return all
}

// session is that of a device that is there; "" for one that is not.
func (m *member) session() string {
	if m.birth.Online {
		return m.birth.Session
	}
	return ""
}

// keepSessions keeps them, before anybody is told: only the session of a birth can
// die, also after a restart.
func (g *Gateway) keepSessions(ctx context.Context, all []session) {
	var group errgroup.Group
	group.SetLimit(inboxAtOnce)
	for _, s := range all {
		group.Go(func() error {
			if err := g.store.Session(ctx, s.udid, s.session); err != nil {
				return err
			}
			g.mu.Lock()
			defer g.mu.Unlock()
			if m := g.members[s.id]; m != nil {
				m.saved = s.session
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil && ctx.Err() == nil {
		g.Log.Error("whether a device is there could not be kept on disk", "err", err) // it is tried again
	}
}

// stand puts into the outbox who is there and how all stand.
func (g *Gateway) stand() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for id, m := range g.members {
		if !m.news || m.report.Rev == 0 || m.session() != m.saved {
			continue
		}
		m.news = false
		r := m.report
		r.Session = m.birth.Session
		g.outbox.Stand(id, m.birth, r)
	}
}

// here reports whether a device is there.
func (m *member) here(now time.Time) bool {
	return !m.heard.IsZero() && m.note.Token != nil && !(m.calls > 0 && now.Sub(m.first) >= quiet)
}
