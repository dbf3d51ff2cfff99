package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/firmware-bridge/sim"
	"github.com/bellkeep/bellkeep/internal/errs"
)

const simHelp = `Plays seeded school days against the custody rules: pupils, doors, clock steps,
jams, noise and power cuts. Rules are checked after every step. A seed that
breaks one tells its story and prints the command that repeats it.

Example:
  bellkeep sim --seed 1..200 --days 5`

// The most that one command plays.
const (
	maxSeeds   = 1_000_000
	maxSimDays = 200
	maxStories = 3
)

// simOptions is what the command line says.
type simOptions struct {
	first, last uint64
	days        int
	story       bool
}

// simCommand plays a seed or a range of seeds, as many at a time as there are
// cores. Each seed runs on one of them from its start to its end.
func simCommand(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parseSim(args, stdout)
	if err != nil {
		return err
	}
	started := time.Now()
	t := &simTally{options: o, stdout: stdout, progress: newProgress(stderr)}
	for result := range o.play(ctx, stdout) {
		t.add(result)
	}
	return t.finish(ctx, time.Since(started))
}

func parseSim(args []string, stdout io.Writer) (o simOptions, err error) {
	f := newFlags("sim", simHelp)
	seeds := f.String("seed", "1", "`seed`, or a range of them like 1..200")
	f.IntVar(&o.days, "days", 5, "school `days` to play")
	f.BoolVar(&o.story, "v", false, "tell everything that happens; one seed only")
	if err := parse(f, args, stdout); err != nil {
		return o, err
	}
	first, last, isRange := strings.Cut(*seeds, "..")
	if !isRange {
		last = first
	}
	o.first, err = strconv.ParseUint(first, 10, 64)
	if err == nil {
		o.last, err = strconv.ParseUint(last, 10, 64)
	}
	switch {
	case err != nil || o.last < o.first || o.last-o.first >= maxSeeds:
		return o, misuse("--seed is a number or a range like 1..200, of at most %d seeds, not %q.", maxSeeds, *seeds)
	case o.days < 1 || o.days > maxSimDays:
		return o, misuse("--days is 1 to %d, not %d.", maxSimDays, o.days)
	case o.story && o.first != o.last:
		return o, misuse("-v tells the story of one seed; %s are too many.", *seeds)
	}
	return o, nil
}

func (o simOptions) seeds() uint64 { return o.last - o.first + 1 }

// play sends the results as they come, until all seeds are played or ctx ends.
func (o simOptions) play(ctx context.Context, story io.Writer) <-chan sim.Result {
	seeds, results := make(chan uint64), make(chan sim.Result)
	if !o.story {
		story = nil
	}
	var players sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		players.Go(func() {
			for seed := range seeds {
				results <- sim.Run(sim.Config{Seed: seed, Days: o.days, Story: story})
			}
		})
	}
	go func() {
		defer close(results)
		defer players.Wait()
		defer close(seeds)
		for i := range o.seeds() {
			select {
			case seeds <- o.first + i:
			case <-ctx.Done():
				return
			}
		}
	}()
	return results
}

// simTally sums up results and tells of failures as they come.
type simTally struct {
	options  simOptions
	stdout   io.Writer
	progress *progress
	count    sim.Count
	played   uint64
	failed   []string // the commands that repeat them
}

func (t *simTally) add(r sim.Result) {
	t.played++
	t.count.Add(r.Count)
	if r.Failure != nil {
		t.failed = append(t.failed, r.Failure.Command)
		t.progress.clear()
		if len(t.failed) <= maxStories {
			fmt.Fprintf(t.stdout, "%v\n\n", r.Failure)
		}
	}
	t.progress.seeds(t.played, t.options.seeds())
}

func (t *simTally) finish(ctx context.Context, took time.Duration) error {
	t.progress.clear()
	c := t.count
	fmt.Fprintf(t.stdout, "Seeds played: %d, of %d school days each, in %.1f s: %d scans, %d openings, %d phones in, %d out,\n"+
		"%d power cuts, %d crashes, %d jams, %d clock steps, %d silent boards, %d replayed receipts.\n"+
		"%d orders from outside and %d refused, %d collection windows and %d doors opened by staff, %d evacuations.\n"+
		"%d records, %d steps, %.0f a second. Seeds that broke a rule: %d.\n",
		t.played, t.options.days, took.Seconds(), c.Scans, c.Openings, c.PutIn, c.TakenOut,
		c.PowerCuts, c.Crashes, c.Jams, c.ClockSteps, c.Silences, c.Replays,
		c.Orders, c.Refusals, c.Windows, c.StaffDoors, c.Evacuations,
		c.Records, c.Steps, float64(c.Steps)/took.Seconds(), len(t.failed))
	switch {
	case len(t.failed) > 0:
		return errs.New(errs.Internal, fmt.Sprintf("A rule was broken by %d of %d seeds.", len(t.failed), t.played), "Repeat one: "+t.failed[0])
	case t.played < t.options.seeds():
		return ctx.Err()
	}
	return nil
}

// seeds shows how many are played: a line written over on a terminal, elsewhere
// a plain line for every tenth of them.
func (p *progress) seeds(done, total uint64) {
	switch {
	case p.terminal:
		fmt.Fprintf(p.w, "\r%d of %d seeds", done, total)
		p.shown = true
	case total >= 10 && done%(total/10) == 0:
		fmt.Fprintf(p.w, "%d of %d seeds\n", done, total)
	}
}
