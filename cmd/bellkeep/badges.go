package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
)

const badgesHelp = `Usage: bellkeep badges COMMAND [flags]

Makes badges for people and keeps the book of them. Stop the school server
first; it does the same on its pages.

  issue    print badges for people who have none
  replace  revoke a person's badge and print another
  spares   print badges that are nobody's yet
  assign   give a scanned spare to a person
  revoke   make a badge useless for good
  list     show who has which badge; never its secret

A badge is never printed twice: only its hash is kept.

Example: bellkeep badges issue --data /var/lib/bellkeep --form 7A --out 7a.pdf --title "Elmfield Academy"
`

var badgesCommands = map[string]func(ctx context.Context, args []string, stdout io.Writer) error{
	"issue":   badgesIssue,
	"replace": badgesReplace,
	"spares":  badgesSpares,
	"assign":  badgesAssign,
	"revoke":  badgesRevoke,
	"list":    badgesList,
}

func badgesCommand(ctx context.Context, args []string, stdout, _ io.Writer) error {
	if len(args) == 0 || args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		fmt.Fprint(stdout, badgesHelp)
		return nil
	}
	run, ok := badgesCommands[args[0]]
	if !ok {
		return misuse("There is no command %q. Run: bellkeep badges --help", args[0])
	}
	return run(ctx, args[1:], stdout)
}

// badgeFlags are those that every command on badges has.
type badgeFlags struct {
	*flag.FlagSet
	data, by string
}

func newBadgeFlags(name, help string) *badgeFlags {
	f := &badgeFlags{FlagSet: newFlags("badges "+name, help)}
	f.StringVar(&f.data, "data", "", "the school server's data `folder`")
	return f
}

// signed adds who gives the command.
func (f *badgeFlags) signed() {
	f.StringVar(&f.by, "by", "office", "staff `id` of who does this, for the record")
}

func (f *badgeFlags) parse(args []string, stdout io.Writer) error {
	if err := parse(f.FlagSet, args, stdout); err != nil {
		return err
	}
	if f.data == "" {
		return misuse("Say where the school's data is: --data FOLDER. Run: bellkeep %s --help", f.Name())
	}
	return nil
}

// one tells whether exactly one of some flags was given.
func (f *badgeFlags) one(names ...string) bool {
	n := 0
	f.Visit(func(given *flag.Flag) {
		if slices.Contains(names, given.Name) && given.Value.String() != given.DefValue {
			n++
		}
	})
	return n == 1
}
