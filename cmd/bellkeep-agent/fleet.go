package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/identity"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
	"github.com/bellkeep/bellkeep/mdm"
	"golang.org/x/sync/errgroup"
)

const fleetHelp = `Plays many pretend devices in one process. Each has a folder of its own under
--identities. With --codes those that are new join first: one joining code a line.
Numbers of devices may be parts of all, like 5%. Without --seed the first by id are
slow, the next ask their user, who does not answer, the next refuse to block the
camera, then come those that disobey, that leave and whose clocks are wrong; the
rest obey. With --truth what they really do goes into a file.

Example: bellkeep-agent fleet --identities fleet --codes codes.txt -n 1000 --seed 7 \
           --slow 5% --offline 10% --disobedient 10% --skewed 2% --truth truth.jsonl`

// maxFleet bounds the devices of one process.
const maxFleet = 10_000

// joinAtOnce bounds how many devices join at a time.
const joinAtOnce = 8

type fleetOptions struct {
	options
	dir, codes             string
	devices                int
	slow, asking, refusing share
	disobedient            share
	offline, skewed        share
	delay, leave           time.Duration
	seed                   uint64
	truth                  string
}

func runFleet(ctx context.Context, args []string, stdout, stderr io.Writer, log *slog.Logger) error {
	o, err := parseFleet(args, stdout, stderr)
	if err != nil {
		return err
	}
	if err := o.joinAll(ctx); err != nil {
		return err
	}
	dirs, err := o.members()
	if err != nil {
		return err
	}
	t, err := openTruth(o.truth)
	if err != nil {
		return err
	}
	return errors.Join(o.play(ctx, dirs, t, stdout, log), t.close())
}

func (o fleetOptions) play(ctx context.Context, dirs []string, t *truth, stdout io.Writer, log *slog.Logger) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g, ctx := errgroup.WithContext(ctx)
	for n, p := range o.cast(len(dirs)) {
		u, err := newPretend(ctx, dirs[n], p, o.options, t, log)
		if err != nil {
			return err
		}
		defer u.Client.Close() // waits for its handlers, also when the device never ran
		if p.leaves {
			timer := time.AfterFunc(o.leave, func() { _ = u.Client.Close() }) // it says no farewell
			defer timer.Stop()
		}
		g.Go(func() error { return u.run(ctx) })
	}
	fmt.Fprintf(stdout, "%d devices are at work.\n", len(dirs))
	return g.Wait()
}

func parseFleet(args []string, stdout, stderr io.Writer) (o fleetOptions, err error) {
	fs := flag.NewFlagSet("fleet", flag.ContinueOnError)
	fs.StringVar(&o.dir, "identities", "fleet", "`folder` of the devices' folders")
	fs.StringVar(&o.codes, "codes", "", "`file` of joining codes")
	fs.IntVar(&o.devices, "devices", 0, "play only the first `n` devices; 0 for all")
	fs.IntVar(&o.devices, "n", 0, "the same as --devices")
	fs.Var(&o.slow, "slow", "`n` devices are slow")
	fs.DurationVar(&o.delay, "delay", 20*time.Second, "how slow a slow device is")
	fs.Var(&o.asking, "asking", "`n` devices wait for their user")
	fs.Var(&o.refusing, "refusing", "`n` devices refuse to change the camera")
	fs.Var(&o.disobedient, "disobedient", "`n` devices refuse to change one or more switches")
	fs.Var(&o.offline, "offline", "`n` devices leave the network for good")
	fs.DurationVar(&o.leave, "leave", 30*time.Second, "when they leave, after the start")
	fs.Var(&o.skewed, "skewed", "`n` devices have clocks that are up to a day off")
	fs.Uint64Var(&o.seed, "seed", 0, "draw who plays which part by this `number`; 0 for by id")
	fs.StringVar(&o.truth, "truth", "", "`file` for what the devices really do")
	o.declare(fs)
	if err := parse(fs, fleetHelp, args, stdout, stderr); err != nil {
		return o, err
	}
	if o.devices < 0 || o.delay < 0 || o.leave < 0 {
		fmt.Fprintln(stderr, "Numbers of devices and delays are not negative. Run: bellkeep-agent fleet --help")
		return o, errMisuse
	}
	return o, nil
}

// joinAll redeems the codes of devices that have no folder yet.
func (o fleetOptions) joinAll(ctx context.Context) error {
	if o.codes == "" {
		return nil
	}
	codes, err := readCodes(o.codes)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(joinAtOnce)
	for _, text := range codes {
		g.Go(func() error {
			code, err := joining.ParseCode(text)
			if err != nil {
				return err
			}
			dir := filepath.Join(o.dir, code.ID)
			if joined(dir) {
				return nil
			}
			_, err = redeem(ctx, text, dir, false)
			return err
		})
	}
	return g.Wait()
}

// joined reports whether dir holds an identity that works. One that is there
// and damaged is for joining to complain of.
func joined(dir string) bool {
	_, err := identity.Open(dir, time.Now)
	return err == nil
}

func readCodes(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, errs.Wrap(err, errs.NotFound, "The file of joining codes cannot be read.", "Make it with: bellkeep device add")
	}
	defer f.Close()
	var codes []string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if text := strings.TrimSpace(lines.Text()); text != "" {
			codes = append(codes, text)
		}
		if len(codes) > maxFleet {
			return nil, errs.New(errs.Invalid, fmt.Sprintf("There are more than %d joining codes.", maxFleet), "Play the fleet in several processes.")
		}
	}
	return codes, lines.Err()
}

// members gives the folders of the devices to play, by id.
func (o fleetOptions) members() ([]string, error) {
	entries, err := os.ReadDir(o.dir)
	if err != nil {
		return nil, errs.Wrap(err, errs.NotFound, "There is no folder of devices.", "Let them join with --codes.")
	}
	var dirs []string
	for _, e := range entries {
		if dir := filepath.Join(o.dir, e.Name()); e.IsDir() && joined(dir) {
			dirs = append(dirs, dir)
		}
	}
	slices.SortFunc(dirs, mdm.CompareIDs)
	if o.devices > 0 {
		dirs = dirs[:min(len(dirs), o.devices)]
	}
	if len(dirs) == 0 || len(dirs) > maxFleet {
		return nil, errs.New(errs.Invalid, fmt.Sprintf("There are %d devices to play.", len(dirs)), fmt.Sprintf("Let 1 to %d join with --codes.", maxFleet))
	}
	return dirs, nil
}
