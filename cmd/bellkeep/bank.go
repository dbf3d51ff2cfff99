package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/cli"
	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/server"
)

const bankHelp = `Works with the banks of a school. The words:

  add ID        list a bank at the running server and print its joining code
  replace ID    let a new machine take a dead one's place: print its joining code
  list          how every bank is: connected, copied, in force
  accept-epoch  follow a bank's ledger again, although records may be missing
  revoke ID     end what a bank's certificate allows, at once
  export        write directory and plan for a bank that has no server

Each has --help with an example: bellkeep bank add --help`

func bankCommand(ctx context.Context, args []string, stdout, _ io.Writer) error {
	word, rest := firstWord(args)
	switch word {
	case "add", "replace":
		return bankAddCommand(ctx, rest, stdout, word == "replace")
	case "list":
		return bankList(ctx, rest, stdout)
	case "accept-epoch":
		return acceptEpoch(ctx, rest, stdout)
	case "revoke":
		return revokeCommand(ctx, "bank revoke", bankRevokeHelp, rest, stdout)
	case "export":
		return bankExport(rest, stdout)
	case "help", "--help", "-h":
		fmt.Fprintln(stdout, bankHelp)
		return cli.ErrHelp
	}
	return misuse("There are: bellkeep bank add, replace, list, accept-epoch, revoke and export. Run: bellkeep bank --help")
}

// firstWord takes the first word off a command line.
func firstWord(args []string) (word string, rest []string) {
	if len(args) == 0 {
		return "", nil
	}
	return args[0], args[1:]
}

const bankListHelp = `Shows how every bank is: whether it is connected and since when, how much of its
ledger this server has, and which directory it goes by.

Example: bellkeep bank list --data /var/lib/bellkeep`

func bankList(ctx context.Context, args []string, stdout io.Writer) error {
	fs := newFlags("bank list", bankListHelp)
	data := fs.String("data", "", "the school server's data `folder`")
	asJSON := fs.Bool("json", false, "print the list as JSON")
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	if *data == "" {
		return misuse("Say where the server keeps its data: bellkeep bank list --data FOLDER")
	}
	var list []server.BankLine
	if err := control.Ask(ctx, *data, "/banks", struct{}{}, &list); err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(stdout).Encode(list)
	}
	for _, b := range list {
		fmt.Fprintf(stdout, "%-10s doors %-9s %-33s  %d of %d records copied  directory %d of %d\n",
			b.ID, b.Doors, standing(b), b.Copied, b.Recorded, b.Directory, b.Given)
		if b.Refused != "" {
			fmt.Fprintln(stdout, "          ", b.Refused)
		}
	}
	return nil
}

// standing is whether a bank is connected and since when.
func standing(b server.BankLine) string {
	switch since := b.Since.Local().Format(time.DateTime); {
	case b.Since.IsZero():
		return "never heard of"
	case b.Online:
		return "online  since " + since
	default:
		return "offline since " + since
	}
}

const acceptEpochHelp = `Says that you know that records of a bank may be missing: its ledger began a new
epoch, after a repair or a restore, that does not continue what this server holds.
The server then follows the new epoch; what it holds of the old one stays.

Example: bellkeep bank accept-epoch b --epoch 3 --data /var/lib/bellkeep`

func acceptEpoch(ctx context.Context, args []string, stdout io.Writer) error {
	var in server.Acceptance
	fs := newFlags("bank accept-epoch", acceptEpochHelp)
	data := fs.String("data", "", "the school server's data `folder`")
	fs.StringVar(&in.By, "by", "it", "staff `id` of who says so, rather than a name")
	fs.Uint64Var(&in.Epoch, "epoch", 0, "`number` of the new epoch, as the refusal names it")
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		in.Bank, args = args[0], args[1:]
	}
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	if in.Bank == "" || in.Epoch == 0 || *data == "" {
		return misuse("Say which: bellkeep bank accept-epoch BANK --epoch N --data FOLDER")
	}
	if err := control.Ask(ctx, *data, "/accept-epoch", in, &struct{}{}); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Epoch %d of bank %s is followed from now on.\n", in.Epoch, in.Bank)
	return nil
}

const bankExportHelp = `Writes what a bank may know to a folder: directory.json (badge hashes, ids, grants
and bars; no names) and plan.json (the school days ahead). Put them into the
data folder of a bank that has no school server. Works for a school whose people
are in roll.csv.

Example: bellkeep bank export --school testdata/schools/mill-lane --out /var/lib/bellkeep-bank`

func bankExport(args []string, stdout io.Writer) error {
	fs := newFlags("bank export", bankExportHelp)
	dir := fs.String("school", "", "the school's `folder`")
	out := fs.String("out", "", "the `folder` to write to")
	version := fs.Uint64("version", 1, "version of both files; must grow with every change")
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	if *dir == "" || *out == "" {
		return misuse("Say which school and where to: bellkeep bank export --school FOLDER --out FOLDER")
	}
	s, _, err := loadSchool(*dir, defaultDevices)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(*out, 0o700); err != nil {
		return errs.Wrap(err, errs.Unavailable, "The folder cannot be made.", "Choose a folder you may write to.")
	}
	for name, content := range map[string]any{"directory.json": s.Directory(*version), "plan.json": s.Plan(*version, time.Now())} {
		if err := writeJSON(filepath.Join(*out, name), content); err != nil {
			return err
		}
	}
	fmt.Fprintf(stdout, "Wrote directory.json and plan.json, version %d, to %s\n", *version, *out)
	return nil
}

func writeJSON(path string, content any) error {
	data, err := json.Marshal(content)
	if err != nil {
		return err
	}
	return durable.WriteFile(path, data, 0o600)
}
