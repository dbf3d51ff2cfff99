package headwind

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
)

// work does something at every tick and whenever it is due.
func (g *Gateway) work(ctx context.Context, due <-chan struct{}, do func()) error {
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		do()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		case <-due:
		}
	}
}

// call wakes every phone that must fetch something it was not woken for, or not
// for a while, and can be reached.
func (g *Gateway) call(now time.Time) {
	for _, number := range g.toPage(now) {
		if err := g.pager.Page(number); err != nil {
			g.Log.Warn("a phone could not be called", "device", number, "err", err) // it is called again
		}
	}
}

// toPage wakes the polls that are held and gives the phones to be paged.
func (g *Gateway) toPage(now time.Time) (numbers []string) {
	school := g.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, m := range g.phones {
		g.said(m, m.tasks.end(school))
		o := m.order(school, g.Push)
		switch reached := m.line.listens || m.line.poll != nil; {
		case !m.behind(o):
			m.called = ""
			continue
		case !reached, m.called == o.news() && now.Sub(m.calledAt) < again:
			continue
		}
		m.called, m.calledAt = o.news(), now
		if m.line.listens { // called twice, it would lift its restrictions twice
			numbers = append(numbers, m.id)
		} else {
			m.line.call()
		}
	}
	return numbers
}

// letter is something for the broker. done is called with mu held once it has it.
type letter struct {
	topic  string
	body   any
	retain bool
	done   func()
}

// post tells the broker what it does not have yet, each phone's in order. What
// does not get through is found again by the next look.
func (g *Gateway) post(ctx context.Context, now time.Time) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var group errgroup.Group
	group.SetLimit(atOnce)
	for _, list := range g.letters(now) {
		group.Go(func() error { return g.send(ctx, list) })
	}
	if err := group.Wait(); err != nil && ctx.Err() == nil {
		g.Log.Warn("the school could not be told of a phone; it is tried again", "err", err)
		_ = wait.For(ctx, tick) // the caller looks at ctx
	}
}

func (g *Gateway) send(ctx context.Context, list []letter) error {
	for _, l := range list {
		payload, err := json.Marshal(l.body)
		if err == nil {
			err = g.bus.Publish(ctx, l.topic, payload, l.retain)
		}
		if err != nil {
			return err
		}
		g.mu.Lock()
		l.done()
		g.mu.Unlock()
	}
	return nil
}

// letters are what the broker does not have of each phone.
func (g *Gateway) letters(now time.Time) (all [][]letter) {
	school := g.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, m := range g.phones {
		if list := g.lettersOf(m, now, school); len(list) > 0 {
			all = append(all, list)
		}
	}
	for _, e := range g.events {
		if g.phones[e.dev] != nil {
			all = append(all, []letter{{g.Root.Device(e.dev, wire.LeafEvent), e.Event, false, func() {}}})
		}
	}
	g.events = nil // one try: an event says what happened just now
	return all
}

func (g *Gateway) lettersOf(m *member, now, school time.Time) []letter {
	list := g.standingOf(m, now, school)
	for _, a := range m.acks {
		list = append(list, letter{g.Root.Device(m.id, wire.LeafAck), a, false, func() { m.acks = slices.DeleteFunc(m.acks, func(b mdm.Ack) bool { return a == b }) }})
	}
	return list
}

// standingOf is whether a phone is there, and how it stands.
func (g *Gateway) standingOf(m *member, now, school time.Time) []letter {
	if m.want.Rev == 0 {
		return nil // nothing is asked of it yet
	}
	if here := m.line.here(now); here != m.birth.Online {
		session := m.birth.Session // a death is that of the last birth
		if here {
			session = bus.NewSession()
		}
		m.birth = mdm.NewPresence(here, session, school)
		g.save(m)
	}
	if m.birth.Session == "" {
		return nil // never seen
	}
	var list []letter
	if life := m.birth; life != m.toldLife {
		list = append(list, letter{g.Root.Device(m.id, wire.LeafPresence), life, true, func() { m.toldLife = life }})
	}
	if r := m.report(m.order(school, g.Push), m.birth.Session, school); !r.Same(m.told) {
		list = append(list, letter{g.Root.Device(m.id, wire.LeafReported), r, true, func() { m.told = r }})
	}
	return list
}
