package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

const benchHelp = `Measures this machine, each figure beside the limit it is held against: the same
bytes through the plain store, in the same run, turn by turn. Five turns; the
median counts.

  scan   from a badge's last byte on the scanner's line to the last byte of the
         unlock frame on the bus, durable intent in between
  log    durable events a second, 64 writers

Example: bellkeep bench scan --json`

// benches are all that can be measured.
var benches = map[string]func(ctx context.Context, dir string) (benchResult, error){
	"scan": benchScan,
	"log":  benchLog,
}

// figure is one number, beside its limit.
type figure struct {
	Name  string  `json:"name"`
	Got   float64 `json:"got"`
	Limit float64 `json:"limit"`
	Unit  string  `json:"unit"`
	Ratio float64 `json:"ratio"`
	Reach string  `json:"reach"`
	Met   bool    `json:"met"`
}

type benchResult struct {
	Bench   string   `json:"bench"`
	Turns   int      `json:"turns"`
	Figures []figure `json:"figures"`
}

const turns = 5

func benchCommand(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := newFlags("bench scan|log", benchHelp)
	asJSON := flags.Bool("json", false, "print the figures as JSON")
	dir := flags.String("dir", "", "measure on the disk of this `folder`; the system's temporary one without it")
	name := ""
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		name, args = args[0], args[1:]
	}
	if err := parse(flags, args, stdout); err != nil {
		return err
	}
	run, ok := benches[name]
	if !ok {
		return misuse("There is bench scan and bench log. Run: bellkeep bench --help")
	}
	work, clean, err := scratch(*dir)
	if err != nil {
		return err
	}
	defer clean()
	fmt.Fprintf(stderr, "measuring %s, %d turns\n", name, turns)
	result, err := run(ctx, work)
	if err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(stdout).Encode(result)
	}
	for _, f := range result.Figures {
		verdict := "reached"
		if !f.Met {
			verdict = "NOT REACHED"
		}
		fmt.Fprintf(stdout, "%-28s %10.3f %-8s limit %10.3f   ratio %.2f   reach %s   %s\n", f.Name, f.Got, f.Unit, f.Limit, f.Ratio, f.Reach, verdict)
	}
	return nil
}

// percentile is the p-th part of the sample, 0 < p ≤ 1.
func percentile(sample []time.Duration, p float64) time.Duration {
	sorted := slices.Sorted(slices.Values(sample))
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(p*float64(len(sorted))))]
}

func median[T cmp.Ordered](list []T) T {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func atMost(name string, got, limit float64, unit string, times float64) figure {
	ratio := got / limit
	return figure{name, got, limit, unit, ratio, fmt.Sprintf("<= %g x", times), ratio <= times}
}

func atLeast(name string, got, limit float64, unit string, share float64) figure {
	ratio := got / limit
	return figure{name, got, limit, unit, ratio, fmt.Sprintf(">= %g", share), ratio >= share}
}

// fresh makes a folder for one turn.
func fresh(dir, name string, turn int) (string, error) {
	sub := filepath.Join(dir, fmt.Sprint(name, "-", turn))
	return sub, os.Mkdir(sub, 0o700)
}

// scratch makes a folder to measure in, and what removes it.
func scratch(parent string) (dir string, clean func(), err error) {
	dir, err = os.MkdirTemp(parent, "bellkeep-bench-")
	if err != nil {
		return "", nil, errs.Wrap(err, errs.Unavailable, "No folder could be made to measure in.", "Name one with --dir.")
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil // only a temporary folder
}
