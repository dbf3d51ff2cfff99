package gateway

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/relay"
)

// Run works until ctx ends. Errors: that of ctx, and those of the first
// subscriptions.
func (g *Gateway) Run(ctx context.Context, broker relay.Bus) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return g.intake.Run(ctx, broker) })
	group.Go(func() error { return g.work(ctx, g.inboxDue, func() { g.keepInbox(ctx) }) })
	group.Go(func() error { return g.work(ctx, g.lookDue, func() { g.look(ctx) }) })
	group.Go(func() error { return g.wake(ctx) })
	group.Go(func() error {
		if err := g.intake.Commands(ctx, broker); err != nil {
			return err
		}
		return g.outbox.Run(ctx, broker) // a birth says that commands will be heard
	})
	return group.Wait()
}

// Up says that a connection to the broker stands: a broker without a memory is to be
// told everything again. Each device that is there begins a session: in that it is
// sent the commands that went out while nobody listened.
func (g *Gateway) Up() {
	g.mu.Lock()
	for id, m := range g.members {
		if m.birth.Online {
			m.birth, m.news = mdm.NewPresence(true, bus.NewSession(), g.Now()), true
		}
		g.outbox.Again(id)
	}
	g.mu.Unlock()
	ring(g.lookDue)
}

// work does something at every tick and whenever it is due.
func (g *Gateway) work(ctx context.Context, due <-chan struct{}, do func()) error {
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		g.safely("work", do)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		case <-due:
			if err := wait.For(ctx, gather); err != nil { // what comes together is done together
				return err
			}
		}
	}
}

// safely keeps a fault in here from ending the process, in which there may be doors.
func (g *Gateway) safely(what string, do func()) (whole bool) {
	defer func() {
		if p := recover(); p != nil {
			g.panicked(what, p)
		}
	}()
	do()
	return true
}

func (g *Gateway) panicked(what string, p any) {
	g.Log.Error("the gateway to iPads failed and goes on", "at", what, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	g.mu.Lock()
	defer g.mu.Unlock()
	g.health.Panics++
}

// change changes a device durably and takes note of what follows from it. do may be
// run more than once, and gives what counts each time.
func (g *Gateway) change(ctx context.Context, id string, do func(d *apple.Device, now time.Time) error) error {
	var s standing
	err := g.store.Update(ctx, id, func(d *apple.Device) error {
		now := g.Now()
		if err := do(d, now); err != nil {
			return err
		}
		s = g.judge(d, now)
		return nil
	})
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if m := g.members[id]; m != nil {
		m.stand(s)
		m.looked = time.Now()
	}
	ring(g.lookDue)
	return nil
}

// look finds out whom there is to wake, who has gone, and how all stand.
func (g *Gateway) look(ctx context.Context) {
	for _, id := range g.stale(time.Now()) {
		g.lookAt(ctx, id)
	}
	g.keepSessions(ctx, g.births(time.Now()))
	g.stand()
	g.call(time.Now())
}

// stale are the devices that time may have changed.
func (g *Gateway) stale(now time.Time) (ids []string) {
	school := g.Now()
	g.mu.Lock()
	defer g.mu.Unlock()
	for id, m := range g.members {
		if !m.until.IsZero() && !school.Before(m.until) || now.Sub(m.looked) >= lookEvery {
			ids = append(ids, id)
			m.looked = now
		}
	}
	return ids
}

// lookAt judges one device anew, and ends what is over.
func (g *Gateway) lookAt(ctx context.Context, id string) {
	d, err := g.store.View(id)
	if err != nil {
		g.Log.Error("a device cannot be read", "device", id, "err", err)
		return
	}
	if len(d.End(g.Now())) > 0 {
		var acks []mdm.Ack
		err := g.change(ctx, id, func(d *apple.Device, now time.Time) error { acks = d.End(now); return nil })
		if err == nil {
			g.outbox.Answer(id, acks...)
		}
		return
	}
	s := g.judge(&d, g.Now())
	g.mu.Lock()
	defer g.mu.Unlock()
	if m := g.members[id]; m != nil {
		m.stand(s)
	}
}
