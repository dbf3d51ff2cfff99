package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
)

// benchStorm cuts the lines of a whole fleet at once and measures how long it takes
// until all have come back and said what they are. Devices wait up to a second
// before they connect, where real ones wait up to a minute.
func benchStorm(ctx context.Context, o benchOptions) (benchResult, error) {
	return withFleet(ctx, o, (*bellBench).storms)
}

func (b *bellBench) storms(ctx context.Context, o benchOptions) (benchResult, error) {
	if err := b.settled(ctx); err != nil {
		return benchResult{}, err
	}
	storm := b.storm
	if b.broker != nil {
		back := &census{seen: map[string]bool{}}
		if err := b.server.Bus.Subscribe(ctx, b.server.Root.Device(wire.Any, wire.LeafReported), back.hear); err != nil {
			return benchResult{}, err
		}
		storm = func(ctx context.Context) (bellTurn, error) { return b.restart(ctx, back) }
	}
	var storms []bellTurn
	for n := range o.turns + 1 {
		turn, err := storm(ctx)
		if err != nil {
			return benchResult{}, err
		}
		o.say("storm %d: %d ms", n, turn.took.Milliseconds())
		if n > 0 {
			storms = append(storms, turn)
		}
	}
	figures := []figure{
		shown("all back and as they must be", medianOf(storms, func(t bellTurn) time.Duration { return t.took }), "ms"),
		shown("server's CPU", medianOf(storms, func(t bellTurn) time.Duration { return t.server }), "ms"),
		shown("fleet's CPU", medianOf(storms, func(t bellTurn) time.Duration { return t.fleet }), "ms"),
	}
	memory, err := b.memoryFigures()
	return benchResult{Bench: "storm", Turns: len(storms), Figures: slices.Concat(figures, b.lost(), memory)}, err
}

// storm cuts everybody off, mends the lines and waits until all are back.
func (b *bellBench) storm(ctx context.Context) (bellTurn, error) {
	b.server.Cut()
	deadline := time.Now().Add(bellWait)
	for b.server.Devices.Board().Counts[mdm.Offline] < b.devices {
		if time.Now().After(deadline) {
			return bellTurn{}, fmt.Errorf("of %d devices only %v are gone", b.devices, b.server.Devices.Board().Counts)
		}
		if err := wait.For(ctx, 2*time.Millisecond); err != nil {
			return bellTurn{}, err
		}
	}
	return b.timed(func() error {
		b.server.Mend()
		return b.settled(ctx)
	})
}

// restart ends the broker, starts it again without a memory, and waits until every
// device has come back and said what it is, and is as it must be.
func (b *bellBench) restart(ctx context.Context, back *census) (bellTurn, error) {
	if err := b.broker.stop(); err != nil {
		return bellTurn{}, err
	}
	back.anew()
	return b.timed(func() error {
		if err := b.broker.start(ctx); err != nil {
			return err
		}
		if err := back.await(ctx, b.devices); err != nil {
			return err
		}
		return b.settled(ctx)
	})
}

// census counts topics on which something was said, live or retained.
type census struct {
	mu    sync.Mutex
	seen  map[string]bool
	grown wait.Signal
}

func (c *census) hear(topic string, _ []byte, _ bool) {
	c.mu.Lock()
	c.seen[topic] = true
	c.mu.Unlock()
	c.grown.Ring()
}

func (c *census) anew() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.seen)
}

func (c *census) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.seen)
}

func (c *census) await(ctx context.Context, n int) error {
	ctx, cancel := context.WithTimeout(ctx, bellWait)
	defer cancel()
	if err := c.grown.Until(ctx, func() bool { return c.count() >= n }); err != nil {
		return fmt.Errorf("%d of %d devices came back: %w", c.count(), n, err)
	}
	return nil
}
