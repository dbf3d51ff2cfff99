package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

const benchHelp = `Measures this machine, each figure beside the limit it is held against, in the
same run, turn by turn. Five turns; the median counts. A figure that is missed
ends the command with exit code 1.

  scan    from a badge's last byte on the scanner's line to the last byte of the
          unlock frame on the bus, durable intent in between; beside a plain put
  log     durable events a second, 64 writers; beside the plain store
  bell    a lesson bell for --devices devices on mutual TLS, until the last report
          is on the board, and the server's memory then with 2,000 pupils; beside
          the same bytes over the same connections and nobody who reads them
  storm   as many devices cut off at once: until all are back and as they must be,
          and the server's memory then. With --broker mosquitto it is started anew
  revoke  a badge revoked or a hold placed until every bank of three has it in
          force on its ledger, 900 people; beside a durable write at each bank
  start   from the start of the server's process until its pages show a school
          year of 2 million records; the year is made once and kept in --dir
  dashboard
          every page of a school of 2,000 pupils after a year, while doors open;
          and 200 open dashboards: from a door's record to what each shows
  apple   --devices iPads enrol, and do what one lesson after the other asks; how many
          in a second, and the server's memory for them; beside the bare store
  kiosk   three kiosks with 14 doors open and dashboards watching: from a scan to
          what the kiosk shows

Examples:
  bellkeep bench scan --json
  bellkeep bench bell --devices 5000
  bellkeep bench storm --devices 1000 --broker mosquitto
  bellkeep bench apple -n 500
  bellkeep bench start --dir /var/tmp/year`

// benchOptions is what the command line says.
type benchOptions struct {
	dir     string // to work in
	keep    string // for what is worth keeping; "" for none
	doors   int    // that scan opens in a turn, at most scanDoors
	devices int
	broker  string
	records int // on the copies of the banks' ledgers
	scans   int // of each kiosk in a turn
	turns   int
	log     io.Writer
}

func (o benchOptions) say(format string, args ...any) {
	fmt.Fprintf(o.log, format+"\n", args...)
}

type bench struct {
	name string
	run  func(ctx context.Context, o benchOptions) (benchResult, error)
}

// benches are all that can be measured.
var benches = []bench{
	{"scan", benchScan},
	{"log", benchLog},
	{"bell", benchBell},
	{"storm", benchStorm},
	{"revoke", benchRevoke},
	{"start", benchStart},
	{"kiosk", benchKiosk},
	{"dashboard", benchDashboard},
	{"apple", benchApple},
}

// figure is one number, beside its limit. One without Reach is only shown.
type figure struct {
	Name  string  `json:"name"`
	Got   float64 `json:"got"`
	Limit float64 `json:"limit,omitempty"`
	Unit  string  `json:"unit"`
	Ratio float64 `json:"ratio,omitempty"`
	Reach string  `json:"reach,omitempty"`
	Met   bool    `json:"met"`
}

type benchResult struct {
	Bench   string   `json:"bench"`
	Turns   int      `json:"turns"`
	Figures []figure `json:"figures"`
}

const turns = 5

func benchCommand(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	name := ""
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		name, args = args[0], args[1:]
	}
	if part, ok := benchParts[name]; ok {
		return part(ctx, args, os.Stdin, stdout)
	}
	o := benchOptions{log: stderr, turns: turns, doors: scanDoors}
	flags := newFlags("bench NAME", benchHelp)
	asJSON := flags.Bool("json", false, "print the figures as JSON")
	flags.StringVar(&o.keep, "dir", "", "measure on the disk of this `folder`; the system's temporary one without it")
	flags.IntVar(&o.devices, "devices", 1000, "bell, storm, apple: how many devices, 1 to 5000")
	flags.IntVar(&o.devices, "n", 1000, "the same as --devices")
	flags.StringVar(&o.broker, "broker", ownBroker, "bell, storm: "+ownBroker+", or "+mosquittoBroker+" as a process of its own")
	flags.IntVar(&o.records, "records", 2_000_000, "start, dashboard: how many records the banks have made in the year")
	flags.IntVar(&o.scans, "scans", 20, "kiosk: how many badges come to each kiosk in a turn")
	if err := parse(flags, args, stdout); err != nil {
		return err
	}
	i := slices.IndexFunc(benches, func(b bench) bool { return b.name == name })
	switch {
	case i < 0:
		return misuse("There is %s. Run: bellkeep bench --help", benchNames())
	case o.devices < 1 || o.devices > mostBenchDevices:
		return misuse("--devices is between 1 and %d", mostBenchDevices)
	case o.broker != ownBroker && o.broker != mosquittoBroker:
		return misuse("--broker is %s or %s", ownBroker, mosquittoBroker)
	case o.records < 1 || o.scans < 1:
		return misuse("--records and --scans are at least 1")
	}
	dir, clean, err := scratch(o.keep)
	if err != nil {
		return err
	}
	defer clean()
	o.dir = dir
	o.say("measuring %s, %d turns", name, o.turns)
	result, err := benches[i].run(ctx, o)
	if err != nil {
		return err
	}
	if *asJSON {
		err = json.NewEncoder(stdout).Encode(result)
	} else {
		result.print(stdout)
	}
	return errors.Join(err, result.verdict())
}

const mostBenchDevices = 5000

// benchParts are processes that only a bench starts.
var benchParts = map[string]func(ctx context.Context, args []string, in io.Reader, out io.Writer) error{
	fleetWord: func(ctx context.Context, _ []string, in io.Reader, out io.Writer) error {
		return runBenchFleet(ctx, in, out)
	},
	startWord: runBenchServer,
	ipadsWord: func(ctx context.Context, _ []string, in io.Reader, out io.Writer) error {
		return runBenchIPads(ctx, in, out)
	},
}

func benchNames() string {
	var names []string
	for _, b := range benches {
		names = append(names, "bench "+b.name)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

func (r benchResult) print(w io.Writer) {
	for _, f := range r.Figures {
		fmt.Fprintf(w, "%-28s %10.3f %-8s", f.Name, f.Got, f.Unit)
		if f.Limit != 0 {
			fmt.Fprintf(w, " limit %10.3f   ratio %.2f", f.Limit, f.Ratio)
		}
		switch {
		case f.Reach != "" && f.Met:
			fmt.Fprintf(w, "   reach %s   reached", f.Reach)
		case f.Reach != "":
			fmt.Fprintf(w, "   reach %s   NOT REACHED", f.Reach)
		}
		fmt.Fprintln(w)
	}
}

// verdict is an error that names the figures that were missed.
func (r benchResult) verdict() error {
	var missed []string
	for _, f := range r.Figures {
		if !f.Met {
			missed = append(missed, f.Name)
		}
	}
	if len(missed) == 0 {
		return nil
	}
	return errs.New(errs.Unavailable, "Not reached: "+strings.Join(missed, "; ")+".", "Measure again while this machine does nothing else.")
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

// within holds a figure against a fixed bar.
func within(name string, got, bar float64, unit string) figure {
	return figure{name, got, bar, unit, got / bar, fmt.Sprintf("<= %g %s", bar, unit), got <= bar}
}

// beside is a figure with its limit, of which nothing was promised.
func beside(name string, got, limit float64, unit string) figure {
	return figure{Name: name, Got: got, Limit: limit, Unit: unit, Ratio: got / limit, Met: true}
}

// none is a count that must be nought.
func none(name string, got int64) figure {
	return figure{Name: name, Got: float64(got), Reach: "<= 0", Met: got == 0}
}

// shown is a figure nothing was promised of.
func shown(name string, got float64, unit string) figure {
	return figure{Name: name, Got: got, Unit: unit, Met: true}
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
