package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/bellkeep/bellkeep/internal/cli"
	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/server"
)

const staffHelp = `Says which members of staff may act at a bank's kiosk, with their badge and a PIN:
open the collection window while nobody knows the time, or let one device out. The
school server must be running. The words:

  pin PERSON   ask for somebody's PIN and set it, or take it away
  list         the staff, and who has a badge and a PIN

Each has --help with an example: bellkeep staff pin --help`

func staffCommand(ctx context.Context, args []string, stdout, _ io.Writer) error {
	word, rest := firstWord(args)
	switch word {
	case "pin":
		return staffPIN(ctx, rest, os.Stdin, stdout)
	case "list":
		return staffList(ctx, rest, stdout)
	case "help", "--help", "-h":
		fmt.Fprintln(stdout, staffHelp)
		return cli.ErrHelp
	}
	return misuse("There are: bellkeep staff pin and list. Run: bellkeep staff --help")
}

const staffPINHelp = `Asks for the PIN of a member of staff, twice and without showing it, and sets it; it
is read from standard input where that is no terminal. It has 6 to 12 digits and
counts at every bank as soon as that has the new directory. PERSON is an id of
ours or of the school's information system. Their badge comes from: bellkeep
badges issue --person ID

Examples:
  bellkeep staff pin s-0007 --data /var/lib/bellkeep
  bellkeep staff pin s-0042 --technician --data /var/lib/bellkeep
  bellkeep staff pin s-0007 --remove --data /var/lib/bellkeep`

func staffPIN(ctx context.Context, args []string, from *os.File, stdout io.Writer) error {
	var in server.PINChange
	fs := newFlags("staff pin", staffPINHelp)
	data := fs.String("data", "", "the school server's data `folder`")
	fs.StringVar(&in.By, "by", "it", "staff `id` of who does this, rather than a name")
	fs.BoolVar(&in.Remove, "remove", false, "take the PIN away")
	fs.BoolVar(&in.Technician, "technician", false, "they may also have an empty bank's doors mapped at its kiosk")
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		in.Person, args = args[0], args[1:]
	}
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	if in.Person == "" || *data == "" {
		return misuse("Say who and where the server keeps its data: bellkeep staff pin PERSON --data FOLDER")
	}
	if !in.Remove {
		var err error
		if in.PIN, err = askTwice("PIN", stdout, from); err != nil {
			return err
		}
	}
	var line server.StaffLine
	if err := control.Ask(ctx, *data, "/staff-pin", in, &line); err != nil {
		return err
	}
	switch {
	case in.Remove:
		fmt.Fprintf(stdout, "%s has no PIN any more.\n", line.ID)
	case line.Badge == 0:
		fmt.Fprintf(stdout, "%s has a PIN, and needs a badge: bellkeep badges issue --person %s\n", line.ID, line.ID)
	default:
		fmt.Fprintf(stdout, "%s may act at every bank that has the new directory: see bellkeep bank list.\n", line.ID)
	}
	return nil
}

const staffListHelp = `Shows the staff on the roll: who has a badge, by its number, and who has a PIN.

Example: bellkeep staff list --data /var/lib/bellkeep`

func staffList(ctx context.Context, args []string, stdout io.Writer) error {
	fs := newFlags("staff list", staffListHelp)
	data := fs.String("data", "", "the school server's data `folder`")
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	if *data == "" {
		return misuse("Say where the server keeps its data: bellkeep staff list --data FOLDER")
	}
	var list []server.StaffLine
	if err := control.Ask(ctx, *data, "/staff", struct{}{}, &list); err != nil {
		return err
	}
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "PERSON\tMIS ID\tNAME\tBADGE\tPIN SINCE")
	for _, p := range list {
		badge, since := "-", "-"
		if p.Badge != 0 {
			badge = fmt.Sprint(p.Badge)
		}
		if !p.PIN.IsZero() {
			since = p.PIN.Local().Format(time.DateTime)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", p.ID, p.MIS, p.Name, badge, since)
	}
	return w.Flush()
}
