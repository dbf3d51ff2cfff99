package main

import (
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/bellkeep/bellkeep/internal/cli"
)

// newFlags prepares a command's flags. The help text ends with an example.
func newFlags(name, help string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {
		fmt.Fprintf(fs.Output(), "Usage: bellkeep %s [flags]\n\n%s\n\nFlags:\n", name, help)
		fs.PrintDefaults()
	}
	return fs
}

// parse reads args, prints help on request and takes no stray words.
func parse(fs *flag.FlagSet, args []string, stdout io.Writer) error {
	err := fs.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fs.SetOutput(stdout)
		fs.Usage()
		return cli.ErrHelp
	case err != nil:
		return misuse("%v. Run: bellkeep %s --help", err, fs.Name())
	case fs.NArg() > 0:
		return misuse("%q is not expected here. Run: bellkeep %s --help", fs.Arg(0), fs.Name())
	}
	return nil
}
