package main

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
)

const (
	logWriters = 64
	logFor     = 2 * time.Second // of each side, each turn
)

// benchLog sets the ledger's rate beside that of the plain store with the same
// bytes and the same way of sharing commits.
func benchLog(ctx context.Context, o benchOptions) (benchResult, error) {
	dir := o.dir
	var got, raw []float64
	for turn := range o.turns {
		ours, err := fresh(dir, "log", turn)
		if err != nil {
			return benchResult{}, err
		}
		theirs, err := fresh(dir, "raw", turn)
		if err != nil {
			return benchResult{}, err
		}
		r, err := boltlog.BenchAppend(ctx, ours, logWriters, logFor)
		if err != nil {
			return benchResult{}, err
		}
		limit, err := boltlog.BenchRaw(ctx, theirs, logWriters, logFor)
		if err != nil {
			return benchResult{}, err
		}
		got, raw = append(got, r.PerSecond), append(raw, limit.PerSecond)
	}
	return benchResult{Bench: "log", Turns: o.turns, Figures: []figure{
		atLeast("durable events, 64 writers", median(got), median(raw), "/s", 0.65),
	}}, nil
}
