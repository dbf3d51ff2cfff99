// Command bellkeep-bank is the firmware of one bank of lockers.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"

	"github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/firmware-bridge/station"
	"github.com/bellkeep/bellkeep/internal/errs"
)

const usage = `Bellkeep's bank firmware works one bank of lockers, with or without a network.

Usage: bellkeep-bank run|check [flags]

  run     work the bank until it is told to stop
  check   check the bank's file and what is in its data folder, name every fault

Example: bellkeep-bank run --config bank-a.yaml --data /var/lib/bellkeep-bank

Flags:
`

var errMisuse = errors.New("misuse")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case err == nil:
	case errors.Is(err, errMisuse):
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "bellkeep-bank:", err)
		if hint := errs.HintOf(err); hint != "" {
			fmt.Fprintln(os.Stderr, "Next step:", hint)
		}
		os.Exit(1)
	}
}

type options struct {
	config, data, devices string
	assumeTime            bool
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	slog.SetDefault(slog.New(slog.NewJSONHandler(stderr, nil)))
	var o options
	fs := flag.NewFlagSet("bellkeep-bank", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() { fmt.Fprint(fs.Output(), usage); fs.PrintDefaults() }
	fs.StringVar(&o.config, "config", "bank.yaml", "the bank's `file`")
	fs.StringVar(&o.data, "data", "/var/lib/bellkeep-bank", "`folder` of ledger, directory and plan")
	fs.StringVar(&o.devices, "devices", "/dev/serial/by-path", "`folder` of the serial ports the file names without a path")
	fs.BoolVar(&o.assumeTime, "assume-time-trusted", false, "take this machine's clock as right; for benches and demonstrations only")
	word := ""
	if len(args) > 0 {
		word = args[0]
	}
	switch word {
	case "run", "check":
	case "help", "--help", "-h":
		fs.SetOutput(stdout)
		fs.Usage()
		return nil
	default:
		fs.Usage()
		return errMisuse
	}
	if err := fs.Parse(args[1:]); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return errMisuse // the flag package has said why
	} else if fs.NArg() > 0 {
		fmt.Fprintf(stderr, "%q is not expected here. Run: bellkeep-bank --help\n", fs.Arg(0))
		return errMisuse
	}
	c, err := o.load()
	if err != nil {
		return err
	}
	if word == "check" {
		fmt.Fprintf(stdout, "%s: %d doors on %d buses; directory %d, plan %d. No faults.\n",
			c.Cabinet.Label, len(c.Cabinet.Setup.Doors), len(c.Cabinet.Buses), c.Rules.Directory.Version, c.Rules.Plan.Version)
		return nil
	}
	return work(ctx, c, stdout)
}

func (o options) load() (c station.Config, err error) {
	if c.Cabinet, err = cabinet.Load(o.config, o.devices); err != nil {
		return c, err
	}
	if c.Rules, err = station.LoadRules(o.data); err != nil {
		return c, err
	}
	if c.Now, err = bridge.KernelClock(); err != nil {
		return c, err
	}
	if o.assumeTime {
		c.Now = bridge.Assume(c.Now)
	}
	c.Data = filepath.Join(o.data, "ledger")
	c.Version = version()
	return c, nil
}

func work(ctx context.Context, c station.Config, stdout io.Writer) error {
	s, err := station.Open(c)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s is at work. Kiosk page: %s\n", c.Cabinet.Label, s.KioskURL())
	return s.Run(ctx)
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "unknown"
}
