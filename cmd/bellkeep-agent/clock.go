package main

import (
	"context"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/democlock"
	"github.com/bellkeep/bellkeep/internal/wire"
)

// follower is the school time of a demonstration, as its server tells it.
type follower struct {
	told chan struct{} // closed once it is known

	mu    sync.Mutex
	clock *democlock.Clock
}

func newFollower() *follower { return &follower{told: make(chan struct{})} }

// follow keeps to what the server tells from now on and returns once that is
// known. Errors: those of the subscription, that of ctx.
func (f *follower) follow(ctx context.Context, client *bus.Client, root wire.Root) error {
	if err := client.Subscribe(ctx, root.Server(wire.LeafClock), f.take); err != nil {
		return err
	}
	select {
	case <-f.told:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// take goes by one message. School time never goes back, so a copy the broker
// has kept for a while does no harm.
func (f *follower) take(_ string, payload []byte, _ bool) {
	var c wire.Clock
	if wire.Decode(payload, &c) != nil || c.Now.IsZero() {
		return // the next one comes soon
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.clock == nil {
		f.clock = democlock.New(c.Now, c.Speed)
		close(f.told)
		return
	}
	f.clock.Skip(c.Now)
	f.clock.SetSpeed(c.Speed)
}

// Now is school time; machine time before it is known.
func (f *follower) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.clock == nil {
		return time.Now()
	}
	return f.clock.Now()
}
