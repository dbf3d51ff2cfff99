// Command bellkeep-agent is the reference agent of a managed device: of a Linux
// laptop, or of devices that exist in memory only.
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

	"github.com/bellkeep/bellkeep/internal/cli"
)

const usage = `Bellkeep's device agent holds a device to the school's rules, period by period,
and reports what it reads back. The device is this computer or a pretend one.

Usage: bellkeep-agent join|run|fleet [flags]

  join    make this device a member of its school, with a joining code
  run     hold one device to what is desired of it until told to stop
  fleet   do so for many pretend devices in one process

Example: bellkeep-agent join --code BKJ1... --identity ipad-7
         bellkeep-agent run --identity ipad-7

Every command has --help.
`

// errMisuse is a command line that cannot be meant; why has been said.
var errMisuse = cli.MisuseError{}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(cli.Exit("bellkeep-agent", run(ctx, os.Args[1:], os.Stdout, os.Stderr), os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	log := slog.New(slog.NewJSONHandler(stderr, nil))
	word, rest := "", args
	if len(args) > 0 {
		word, rest = args[0], args[1:]
	}
	var err error
	switch word {
	case "join":
		err = join(ctx, rest, stdout, stderr)
	case "run":
		err = runOne(ctx, rest, stdout, stderr, log)
	case "fleet":
		err = runFleet(ctx, rest, stdout, stderr, log)
	case "help", "--help", "-h":
		fmt.Fprint(stdout, usage)
		return nil
	default:
		fmt.Fprint(stderr, usage)
		return errMisuse
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return nil // told to stop
	}
	return err
}

// parse reads a command's flags and takes no stray words. The help text ends
// with an example.
func parse(fs *flag.FlagSet, help string, args []string, stdout, stderr io.Writer) error {
	fs.SetOutput(stderr)
	fs.Usage = func() {
		fmt.Fprintf(fs.Output(), "Usage: bellkeep-agent %s [flags]\n\n%s\n\nFlags:\n", fs.Name(), help)
		fs.PrintDefaults()
	}
	for _, a := range args {
		if a == "--help" || a == "-help" || a == "-h" || a == "--h" {
			fs.SetOutput(stdout)
		}
	}
	if err := fs.Parse(args); errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil {
		return errMisuse // the flag package has said why
	}
	if fs.NArg() > 0 {
		fmt.Fprintf(stderr, "%q is not expected here. Run: bellkeep-agent %s --help\n", fs.Arg(0), fs.Name())
		return errMisuse
	}
	return nil
}
