package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/bellkeep/bellkeep/internal/cli"
)

// newFlags prepares the flags of a command, whose name in small letters may be
// followed by what else it takes, in capitals: "backup check FILE". The help text
// ends with an example.
func newFlags(usage, help string) *flag.FlagSet {
	name := usage
	if i := strings.IndexFunc(usage, unicode.IsUpper); i >= 0 {
		name = strings.TrimSpace(usage[:i])
	}
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {
		fmt.Fprintf(fs.Output(), "Usage: bellkeep %s [flags]\n\n%s\n\nFlags:\n", usage, help)
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
