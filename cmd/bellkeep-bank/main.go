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
	"syscall"
	"time"

	"github.com/bellkeep/bellkeep/internal/cli"
)

const usage = `Bellkeep's bank firmware works one bank of lockers, with or without a network.

Usage: bellkeep-bank run|join|check|commission|approvers|slave|off|scanner-sheet|scanner-try [flags]

  run     work the bank until it is told to stop. A bank with nothing in its data
          folder first asks for a joining code at its scanner
  join    become a member of the school whose joining code is given
  check   check the bank's file and what is in its data folder, say whether it has
          joined a school, name every fault
  commission
          find out which door hangs on which lock, with you beside the cabinet; it says
          what to do. The bank must not run meanwhile, and its doors must be empty
  approvers
          say whose passkeys the bank goes by when something takes two people; with
          --learn and --fingerprint, put others in their place. The bank must not run
          meanwhile
  slave   give the one relay board that is plugged into a bus its slave id; all are
          delivered with the same one. The bank must not run meanwhile
  off     switch off every relay whose pulse no board ends by itself; a bank on GPIO
          pins has this done for it should it be killed
  scanner-sheet
          write a page to print: how to set a scanner up, and a code to try it with
  scanner-try
          say what becomes of that code at each of the bank's scanners

Examples:
  bellkeep-bank run --config bank-a.yaml --data /var/lib/bellkeep-bank
  bellkeep-bank run --join --config bank-a.yaml --data /var/lib/bellkeep-bank
  bellkeep-bank join --code BKJ1... --config bank-a.yaml --data /var/lib/bellkeep-bank
  bellkeep-bank commission --config bank-a.yaml --data /var/lib/bellkeep-bank
  bellkeep-bank approvers --learn approvers.json --fingerprint AB2D-EF3H-IJ4L --config bank-a.yaml
  bellkeep-bank slave --config bank-a.yaml --bus left --id 2

Flags:
`

// errMisuse is a command line that cannot be meant; why has been said.
var errMisuse = cli.MisuseError{}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(cli.Exit("bellkeep-bank", run(ctx, os.Args[1:], os.Stdout, os.Stderr), os.Stderr))
}

type options struct {
	config, data, devices, code string
	rejoin, force               bool
	assumeTime, distrustTime    bool
	afterStdin                  bool
	doors                       string
	afresh, print, page         bool
	bus, learn, fingerprint     string
	id                          int
}

// flags are those of all words.
func (o *options) flags(stderr io.Writer) *flag.FlagSet {
	fs := flag.NewFlagSet("bellkeep-bank", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() { fmt.Fprint(fs.Output(), usage); fs.PrintDefaults() }
	fs.StringVar(&o.config, "config", "bank.yaml", "the bank's `file`")
	fs.StringVar(&o.data, "data", "/var/lib/bellkeep-bank", "`folder` of ledger, directory and plan")
	fs.StringVar(&o.devices, "devices", "/dev/serial/by-path", "`folder` of the serial ports the file names without a path")
	fs.StringVar(&o.code, "code", "", "with join: the joining `code` that bellkeep bank add printed")
	fs.BoolVar(&o.force, "force", false, "with join: give up what this bank was, at another school or under another name; its ledger stays")
	fs.BoolVar(&o.rejoin, "join", false, "with run: ask for a joining code first, for a bank that was away too long; its ledger stays")
	fs.BoolVar(&o.assumeTime, "assume-time-trusted", false, "take this machine's clock as right; for benches and demonstrations only")
	fs.BoolVar(&o.distrustTime, "distrust-time", false, "take this machine's clock as unsure until the school server agrees with it; for tests only")
	fs.BoolVar(&o.afterStdin, "after-stdin", false, "with off: wait for the end of the standard input first")
	fs.StringVar(&o.doors, "doors", "", "with commission: only these `doors`, with commas; the others keep their places")
	fs.BoolVar(&o.afresh, "afresh", false, "with commission: begin anew, whatever was found out before it was interrupted")
	fs.BoolVar(&o.print, "print", false, "with commission: only print the map that there is")
	fs.BoolVar(&o.page, "page", false, "with commission: like --print, as a page for a browser")
	fs.StringVar(&o.learn, "learn", "", "with approvers: `file` of the list that the page Approvers gives out")
	fs.StringVar(&o.fingerprint, "fingerprint", "", "with approvers: the list's `fingerprint` as that page shows it")
	fs.StringVar(&o.bus, "bus", "", "with slave: `name` of the bus in the bank's file")
	fs.IntVar(&o.id, "id", 0, "with slave: the board's `number` on it from now on")
	return fs
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	slog.SetDefault(slog.New(slog.NewJSONHandler(stderr, nil)))
	var o options
	fs := o.flags(stderr)
	word := ""
	if len(args) > 0 {
		word = args[0]
	}
	switch word {
	case "run", "join", "check", "commission", "approvers", "slave", "off", "scanner-sheet", "scanner-try":
	case "version", "--version":
		fmt.Fprintln(stdout, "bellkeep-bank", cli.Version())
		return nil
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
	return o.do(ctx, word, stdout)
}

// do does what a word of the command line stands for.
func (o options) do(ctx context.Context, word string, stdout io.Writer) error {
	switch word {
	case "join":
		return o.join(ctx, stdout)
	case "off":
		return o.off(ctx, os.Stdin)
	case "slave":
		return o.slave(ctx, stdout)
	case "scanner-sheet":
		return scannerSheet(stdout)
	case "scanner-try":
		return o.scannerTry(ctx, stdout)
	case "commission":
		return o.commission(ctx, os.Stdin, stdout)
	case "approvers":
		return o.approvers(ctx, stdout)
	}
	b, err := o.load()
	if err != nil {
		return err
	}
	if word == "check" {
		return b.check(time.Now(), stdout)
	}
	guard, err := o.guard(b.station.Cabinet)
	if err != nil {
		return err
	}
	return errors.Join(b.work(ctx, stdout), guard.Close())
}
