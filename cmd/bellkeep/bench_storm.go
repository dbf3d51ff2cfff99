package main

import (
	"context"
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/internal/wait"
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
	var storms []bellTurn
	for n := range o.turns + 1 {
		turn, err := b.storm(ctx)
		if err != nil {
			return benchResult{}, err
		}
		o.say("storm %d: %d ms", n, turn.took.Milliseconds())
		if n > 0 {
			storms = append(storms, turn)
		}
	}
	m, err := memoryUsed()
	if err != nil {
		return benchResult{}, err
	}
	return benchResult{Bench: "storm", Turns: len(storms), Figures: []figure{
		shown("all back and as they must be", medianOf(storms, func(t bellTurn) time.Duration { return t.took }), "ms"),
		shown("server's CPU", medianOf(storms, func(t bellTurn) time.Duration { return t.server }), "ms"),
		shown("fleet's CPU", medianOf(storms, func(t bellTurn) time.Duration { return t.fleet }), "ms"),
		none("messages lost", b.server.Broker.Health().Dropped),
		shown("server's memory, anonymous", m.Anon/mebibyte, "MiB"),
	}}, nil
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
