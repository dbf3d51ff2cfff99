package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"

	"github.com/bellkeep/bellkeep/mdm/agent/pretend"
)

const runHelp = `Holds this device to what the school desires of it. Without a network it goes
on by what it was last told and by its own clock.

Example: bellkeep-agent run --identity ipad-7`

func runOne(ctx context.Context, args []string, stdout, stderr io.Writer, log *slog.Logger) error {
	var o options
	fs := flag.NewFlagSet("run", flag.ContinueOnError)
	dir := fs.String("identity", "/var/lib/bellkeep-agent", "`folder` of the device's key and certificate")
	o.declare(fs)
	if err := parse(fs, runHelp, args, stdout, stderr); err != nil {
		return err
	}
	u, err := newUnit(ctx, *dir, pretend.Nature{}, o, log)
	if err != nil {
		return err
	}
	defer u.Client.Close() // waits for its handlers, also when the device never ran
	fmt.Fprintf(stdout, "Device %s is at work.\n", u.ID())
	return u.run(ctx)
}
