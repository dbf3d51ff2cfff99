package server

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/wire"
)

// farewells say of a revoked bank or device that it is gone. Its own will no
// longer counts, and whoever is revoked because they misbehave may have set none.
type farewells struct {
	root    wire.Root
	bus     lines
	belongs func(client string) bool

	mu   sync.Mutex
	last map[string]bus.Presence // by topic, as everybody knows it
	due  chan struct{}           // somebody may have to be taken leave of
}

// lines is the broker's own client.
type lines interface {
	Publish(ctx context.Context, topic string, payload []byte, retain bool) error
	Subscribe(ctx context.Context, filter string, handle bus.Handler) error
}

func newFarewells(root wire.Root, b lines, belongs func(string) bool) *farewells {
	return &farewells{root: root, bus: b, belongs: belongs, last: map[string]bus.Presence{}, due: make(chan struct{}, 1)}
}

// look has everybody looked at who is there: one of them was revoked.
func (f *farewells) look() {
	select {
	case f.due <- struct{}{}:
	default: // they are about to be looked at
	}
}

// run follows who is there until ctx ends.
func (f *farewells) run(ctx context.Context) error {
	for _, filter := range []string{f.root.Bank(wire.Any, wire.LeafPresence), f.root.Device(wire.Any, wire.LeafPresence)} {
		if err := f.bus.Subscribe(ctx, filter, f.hear); err != nil {
			return err
		}
	}
	for {
		select {
		case <-f.due:
			if err := f.say(ctx); err != nil && ctx.Err() == nil && !isAway(err) { // when the broker is back they are looked at again
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// hear takes a birth or death. A birth may still be waiting here when its
// client is revoked, so whose it is is asked then as well.
func (f *farewells) hear(topic string, payload []byte, _ bool) {
	p, err := bus.ParsePresence(payload)
	client, _, ok := f.root.Whose(topic)
	if err != nil || !ok {
		return // whoever shows it says so
	}
	f.mu.Lock()
	f.last[topic] = f.last[topic].Fold(p)
	f.mu.Unlock()
	if p.Online && !f.belongs(client) {
		f.look()
	}
}

// say ends the sessions of all who are there and do not belong.
func (f *farewells) say(ctx context.Context) error {
	f.mu.Lock()
	last := maps.Clone(f.last)
	f.mu.Unlock()
	for topic, p := range last {
		client, _, _ := f.root.Whose(topic)
		if !p.Online || f.belongs(client) {
			continue
		}
		death := bus.Presence{Session: p.Session, TS: time.Now()}
		if err := f.bus.Publish(ctx, topic, death.Encode(), true); err != nil {
			return err
		}
	}
	return nil
}
