package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/locker"
)

const bankAddHelp = `Lists a bank at the running school server and prints its joining code. Hold the
code to the new bank's scanner, or give it to: bellkeep-bank join. It holds for
half an hour and for one machine.

Examples:
  bellkeep bank add b --doors 301-600 --label "Bank B, east gate" --data /var/lib/bellkeep
  bellkeep bank add d --confiscation 1001-1012 --label "Bank D, office" --data /var/lib/bellkeep`

const bankReplaceHelp = `Prints the joining code of a new machine that takes a dead bank's place. Give the new
one the same bank's file and an empty data folder, start it, and hold the code to its
scanner. What is behind the doors keeps its names, every door unverified until somebody
has looked (page "Doors to look at"). The old machine counts no more: should it start
again, it says so on its screen and leaves the doors alone.

Example: bellkeep bank replace b --data /var/lib/bellkeep`

const deviceAddHelp = `Lists a school device at the running school server and prints its joining code,
for: bellkeep-agent join. It holds for half an hour and for one device.

Example: bellkeep device add ipad-7 --label "iPad 7" --group year-7 --data /var/lib/bellkeep`

// invite is bank add, bank replace and device add.
type invite struct {
	server.Invitation
	data, doors, confiscation, evidence, trays string
}

func inviteFlags(name, help string, in *invite) *flag.FlagSet {
	fs := newFlags(name, help)
	fs.StringVar(&in.data, "data", "", "the school server's data `folder`")
	fs.StringVar(&in.By, "by", "it", "staff `id` of who does this, rather than a name")
	return fs
}

// bankAddCommand lists a bank and lets its machine join.
func bankAddCommand(ctx context.Context, args []string, stdout io.Writer, replace bool) error {
	in := invite{Invitation: server.Invitation{Kind: cert.Bank, Replace: replace, Allotment: locker.Fixed}}
	word, help := "bank add", bankAddHelp
	if replace {
		word, help = "bank replace", bankReplaceHelp
	}
	fs := inviteFlags(word, help, &in)
	if !replace {
		fs.StringVar(&in.Label, "label", "", "what people `call` the bank")
		fs.StringVar(&in.doors, "doors", "", "its pupil doors as painted, `first-last`; not needed for a bank that is listed")
		fs.StringVar(&in.confiscation, "confiscation", "", "its confiscation doors, `first-last`")
		fs.StringVar(&in.evidence, "evidence", "", "its evidence doors, `first-last`")
		fs.StringVar(&in.trays, "trays", "", "its doors for the trays of classes, `first-last`")
		fs.Func("allotment", "fixed: everybody has a door of their own; or `dynamic`", func(s string) error {
			in.Allotment = locker.Allotment(s)
			return nil
		})
	}
	return in.run(ctx, fs, word, args, stdout)
}

// deviceAddCommand lists a device and lets it join.
func deviceAddCommand(ctx context.Context, args []string, stdout io.Writer) error {
	in := invite{Invitation: server.Invitation{Kind: cert.Device}}
	fs := inviteFlags("device add", deviceAddHelp, &in)
	fs.StringVar(&in.Label, "label", "", "what is `painted` on it; never a person's name")
	fs.StringVar(&in.Group, "group", "", "the `groups` whose profiles it follows, with commas")
	fs.StringVar(&in.Platform, "platform", "pretend", "what it is: ipad, android, headwind, linux, `pretend`")
	fs.BoolVar(&in.Replace, "replace", false, "the device was set up anew: its old certificate ends")
	return in.run(ctx, fs, "device add", args, stdout)
}

func (in *invite) run(ctx context.Context, fs *flag.FlagSet, word string, args []string, stdout io.Writer) error {
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		in.ID, args = args[0], args[1:]
	}
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	if in.ID == "" || in.data == "" {
		return misuse("Say which one and where the server keeps its data: bellkeep %s ID --data FOLDER", word)
	}
	var doors banks.Run
	for run, text := range map[*banks.Run]string{&doors: in.doors, &in.Confiscation: in.confiscation, &in.Evidence: in.evidence, &in.Trays: in.trays} {
		if err := readRun(text, run); err != nil {
			return err
		}
	}
	in.First, in.Last = doors.First, doors.Last
	var out server.Invited
	if err := control.Ask(ctx, in.data, "/invite", in.Invitation, &out); err != nil {
		return err
	}
	if out.Page != "" {
		fmt.Fprintf(stdout, "%s is listed. It is set up with the code at %s\n", in.ID, out.Page)
		return nil
	}
	return showCode(stdout, in.ID, out)
}

// readRun reads doors as painted; "" says nothing.
func readRun(text string, run *banks.Run) error {
	if text == "" {
		return nil
	}
	first, last, ok := strings.Cut(text, "-")
	var errFirst, errLast error
	run.First, errFirst = strconv.Atoi(first)
	run.Last, errLast = strconv.Atoi(last)
	if !ok || errFirst != nil || errLast != nil {
		return misuse("Doors are written like 301-600, not %q", text)
	}
	return nil
}

// showCode prints a joining code: as a picture for a scanner where a person
// looks, and as text.
func showCode(stdout io.Writer, id string, out server.Invited) error {
	code, err := joining.ParseCode(out.Code)
	if err != nil {
		return err
	}
	if f, ok := stdout.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		qr, err := code.QR()
		if err != nil {
			return err
		}
		fmt.Fprintln(stdout, qr.Terminal())
	}
	if out.Loss != "" {
		fmt.Fprintln(stdout, out.Loss)
	}
	fmt.Fprintf(stdout, "Joining code of %s, good once until %s:\n%s\n", id, out.Until.Local().Format(time.TimeOnly), out.Code)
	return nil
}

const bankRevokeHelp = `Ends what the certificate of a bank allows, at once: it is disconnected and cannot
come back without a new joining code. Its doors go on working.

Example: bellkeep bank revoke b --data /var/lib/bellkeep`

const deviceRevokeHelp = `Ends what the certificate of a device allows, at once: it is disconnected, keeps what
it was last told, and cannot come back without a new joining code. It stays listed, and
with whoever has it; one that is gone is lost or retired instead.

Example: bellkeep device revoke ipad-7 --data /var/lib/bellkeep`

const gatewayRevokeHelp = `Ends what the certificate of a gateway allows, at once: it is disconnected and cannot
come back without a new joining code. Devices it speaks for keep what they were last told.

Example: bellkeep gateway revoke phones --data /var/lib/bellkeep`

// revokeCommand is bank revoke, device revoke and gateway revoke.
func revokeCommand(ctx context.Context, word, help string, args []string, stdout io.Writer) error {
	var in invite
	fs := newFlags(word, help)
	fs.StringVar(&in.data, "data", "", "the school server's data `folder`")
	fs.StringVar(&in.By, "by", "it", "staff `id` of who does this, rather than a name")
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		in.ID, args = args[0], args[1:]
	}
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	if in.ID == "" || in.data == "" {
		return misuse("Say which one and where the server keeps its data: bellkeep %s ID --data FOLDER", word)
	}
	if err := control.Ask(ctx, in.data, "/revoke", in.Invitation, &struct{}{}); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "The certificate of %s no longer counts.\n", in.ID)
	return nil
}
