package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/bellkeep/bellkeep/internal/cli"
	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/server"
)

const deviceHelp = `Works with school devices. The words:

  add ID              list a device at the running server and print its joining code
  list                every device, who has it and whether its policy is in force
  explain ID          why each of its settings is what it is, now or at another time
  groups ID A,B       the groups it is in; their rules hold for it
  lost ID             nobody knows where it is: cut it off
  found ID            it is back
  replace ID --with X its holder has device X from now on; ID is retired
  retire ID           it is managed no longer, for good
  revoke ID           end what its certificate allows, at once

Devices are issued and taken back on the pages, where agreements are signed.
Each has --help with an example: bellkeep device add --help`

func deviceCommand(ctx context.Context, args []string, stdout, _ io.Writer) error {
	word, rest := firstWord(args)
	switch word {
	case "add":
		return deviceAddCommand(ctx, rest, stdout)
	case "list":
		return deviceList(ctx, rest, stdout)
	case "explain":
		return deviceExplain(ctx, rest, stdout)
	case "revoke":
		return revokeCommand(ctx, "device revoke", deviceRevokeHelp, rest, stdout)
	case "help", "--help", "-h":
		fmt.Fprintln(stdout, deviceHelp)
		return cli.ErrHelp
	}
	for _, w := range deviceWords {
		if w.word == word {
			return w.run(ctx, rest, stdout)
		}
	}
	return misuse("There are: bellkeep device add, list, explain, groups, lost, found, replace, retire and revoke. Run: bellkeep device --help")
}

// deviceWord is a command that changes one thing about a device.
type deviceWord struct {
	word, path, help, done string
}

var deviceWords = []deviceWord{
	{"groups", "/device-groups", `Puts a device into groups, and takes it out of all others. Each group is one that
the school's rules for devices know. Where other rules on sharing, apps or sites would
hold for it in them, a second person must agree, one who knows the pupils: that is
refused here, and asked for on the device's page.

Example: bellkeep device groups ipad-7 year-7,trolley-1 --data /var/lib/bellkeep`, "Device %s is in other groups.\n"},
	{"lost", "/device-lost", `Records that a device is lost, and ends what its certificate allows. With --keep-line
it stays connected, so that it can be locked, located or wiped.

Example: bellkeep device lost ipad-7 --data /var/lib/bellkeep`, "Device %s is lost.\n"},
	{"found", "/device-found", `Records that a lost device is back. If it was cut off it joins anew.

Example: bellkeep device found ipad-7 --data /var/lib/bellkeep`, "Device %s is back.\n"},
	{"replace", "/device-replace", `Gives the holder of a device another one in one step. The first is retired and cut
off. The other one has joined, nobody has it, and its passcode is confirmed; for one
that cannot say so, say with --seen that you saw it ask. It is filtered as the first
one was, or is moved first, which a second person agrees to.

Example: bellkeep device replace ipad-7 --with ipad-31 --data /var/lib/bellkeep`, "Device %s is replaced.\n"},
	{"retire", "/device-retire", `Ends the management of a device for good and cuts it off. Its id is never used again;
the register of who had it stays.

Example: bellkeep device retire ipad-7 --data /var/lib/bellkeep`, "Device %s is retired.\n"},
}

func (w deviceWord) run(ctx context.Context, args []string, stdout io.Writer) error {
	in := server.DeviceChange{}
	fs := newFlags("device "+w.word, w.help)
	data := fs.String("data", "", "the school server's data `folder`")
	fs.StringVar(&in.By, "by", "it", "`account` of who does this, one that may sign in")
	switch w.word {
	case "lost":
		fs.BoolVar(&in.KeepLine, "keep-line", false, "do not cut it off")
	case "replace":
		fs.StringVar(&in.With, "with", "", "the `device` its holder gets")
		fs.BoolVar(&in.Seen, "seen", false, "you have seen that device ask for its passcode")
	}
	in.ID, args = firstWord(args)
	if w.word == "groups" && len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		in.Groups, args = strings.FieldsFunc(args[0], func(r rune) bool { return r == ',' }), args[1:]
	}
	if strings.HasPrefix(in.ID, "-") { // --help, or a flag before the id
		args, in.ID = append([]string{in.ID}, args...), ""
	}
	if err := parse(fs, args, stdout); err != nil {
		return err
	}
	if in.ID == "" || *data == "" || w.word == "replace" && in.With == "" {
		return misuse("Say which one and where the server keeps its data. Run: bellkeep device %s --help", w.word)
	}
	if err := control.Ask(ctx, *data, w.path, in, &struct{}{}); err != nil {
		return err
	}
	fmt.Fprintf(stdout, w.done, in.ID)
	return nil
}
