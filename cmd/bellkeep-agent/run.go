package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/bellkeep/bellkeep/mdm/agent/linux"
	"github.com/bellkeep/bellkeep/mdm/agent/pretend"
)

const runHelp = `Holds this device to what the school desires of it. Without a network it goes
on by what it was last told and by its own clock.

With --platform linux it is this computer: its Bluetooth radios and its USB cameras
are switched, its sessions locked, and everything else is reported as unsupported.
That takes root. With pretend it is a device that exists in memory only.

Example: bellkeep-agent run --identity /var/lib/bellkeep-agent --platform linux`

func runOne(ctx context.Context, args []string, stdout, stderr io.Writer, log *slog.Logger) error {
	var o options
	fs := flag.NewFlagSet("run", flag.ContinueOnError)
	dir := fs.String("identity", "/var/lib/bellkeep-agent", "`folder` of the device's key and certificate")
	platform := fs.String("platform", "pretend", "what is managed: linux or pretend")
	o.declare(fs)
	if err := parse(fs, runHelp, args, stdout, stderr); err != nil {
		return err
	}
	var s surroundings
	switch *platform {
	case "linux":
		s.platform = linux.New("/", linux.Exec)
	case "pretend":
		device := pretend.New(pretend.Nature{}, time.Now)
		s.platform, s.changed = device, device.Changed()
	default:
		fmt.Fprintf(stderr, "There is no platform %q. Run: bellkeep-agent run --help\n", *platform)
		return errMisuse
	}
	u, err := newUnit(ctx, *dir, s, o.newClock(), o, log)
	if err != nil {
		return err
	}
	defer u.Client.Close() // waits for its handlers, also when the device never ran
	fmt.Fprintf(stdout, "Device %s is at work.\n", u.ID())
	return u.run(ctx)
}
