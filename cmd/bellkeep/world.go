package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/bellkeep/bellkeep/hardware/world"
)

// worldCommand runs the pretend school: see worldHelp.
func worldCommand(ctx context.Context, args []string, stdout, _ io.Writer) error {
	o, err := parseWorld(args, stdout)
	if err != nil {
		return err
	}
	cfg, err := o.config()
	if err != nil {
		return err
	}
	clock, err := o.clock(time.Now())
	if err != nil {
		return err
	}
	cfg.Now, cfg.Sleep = clock.Now, clock.Sleep
	w, err := world.Open(ctx, cfg)
	if err != nil {
		return err
	}
	err = o.run(ctx, w, cfg, stdout)
	fmt.Fprint(stdout, w.Summary())
	if err == nil && !o.once {
		fmt.Fprintln(stdout, "played; stop with Ctrl-C")
		<-w.Done()
		err = w.Err()
	}
	if errors.Is(err, context.Canceled) {
		err = nil // interrupted, as it is meant to end
	}
	return errors.Join(err, w.Close())
}

// run names the devices, then plays.
func (o worldOptions) run(ctx context.Context, w *world.World, cfg world.Config, stdout io.Writer) error {
	for kiosk, url := range o.screens {
		if err := w.Watch(kiosk, world.HTTPEyes(url)); err != nil {
			return err
		}
	}
	for _, b := range cfg.Buses {
		fmt.Fprintln(stdout, w.BusPath(b.Name))
	}
	for _, k := range cfg.Kiosks {
		fmt.Fprintln(stdout, w.ScannerPath(k))
	}
	for _, door := range o.jammed {
		if err := w.SetFaults(door, world.Faults{Latch: world.LatchJammed}); err != nil {
			return err
		}
	}
	fmt.Fprintln(stdout, "ready")
	for kiosk, url := range o.screens {
		fmt.Fprintf(stdout, "waiting for the kiosk's page at %s\n", url)
		if err := w.AwaitKiosk(ctx, kiosk); err != nil {
			return err
		}
	}
	switch {
	case o.byHand:
		return byHand(ctx, w, cfg.Wiring, os.Stdin, stdout)
	case o.handIn:
		return w.HandIn(ctx, o.gap)
	case o.rush == 0:
		return w.Play(ctx, world.Day(o.seed, cfg.Pupils, world.SchoolDay(cfg.Now())))
	}
	for round := range o.rush {
		if err := w.HandIn(ctx, o.gap); err != nil {
			return err
		}
		fmt.Fprintf(stdout, "rush %d of %d: everybody has handed in\n", round+1, o.rush)
		if err := w.Collect(ctx, o.gap); err != nil {
			return err
		}
		fmt.Fprintf(stdout, "rush %d of %d done\n", round+1, o.rush)
	}
	return nil
}
