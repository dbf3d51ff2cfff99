package headwind

import (
	"context"
	"net"
	"time"

	"github.com/bellkeep/bellkeep/internal/bus"
)

// openPager makes the pager, if phones are called by MQTT.
func (g *Gateway) openPager() (err error) {
	if g.Push != ByMQTT {
		return nil
	}
	g.pager, err = bus.NewPager(bus.PagerConfig{
		User: User, Password: g.Secret.Password(), Page: []byte(configUpdate), Logger: g.Log,
		Enrolled: g.enrolled, Here: g.listens, Refused: g.flaps,
	})
	return err
}

// ServeMQTT lets phones listen until ctx ends. Errors: unavailable.
func (g *Gateway) ServeMQTT(ctx context.Context, listener net.Listener) error {
	return g.pager.Serve(ctx, listener)
}

// enrolled reports whether a number is that of a phone.
func (g *Gateway) enrolled(number string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.phones[number] != nil
}

// listens notes that a phone can be paged, or no longer.
func (g *Gateway) listens(number string, here bool) {
	g.mu.Lock()
	if m := g.phones[number]; m != nil {
		m.line.listens, m.line.heard = here, time.Now()
		if here {
			m.called = "" // a call it was not there for is made again
		}
	}
	g.mu.Unlock()
	g.nudge()
}

// flaps puts on record that the pager refused a phone.
func (g *Gateway) flaps(number, why string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.tell(number, "refused", why)
}
