package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

const demoHelp = `Plays a school day on this machine: 900 pupils of the fictional Elmfield Academy
queue at three kiosks, hand their phones in at banks of simulated lock boards and
take them home in waves, while school devices follow the bell and the office locks
one phone away. No hardware, no other server, no root. Quiet hours are skipped.

Examples:
  bellkeep demo
  bellkeep demo --once --seed 2                  play one day, compare every ledger with the truth, end
  bellkeep demo --cut broker@08:31+90s           ... while banks and devices lose the server for 90 s
  bellkeep demo --kill-bank b@08:33              ... and bank B dies and comes back
  bellkeep demo --kill-bank b --replace          ... at 11:00, and another computer takes its place
  bellkeep demo --ipads 10                       ... and ten iPads follow the bell as well
  bellkeep demo --school mill-lane               a small school: 60 pupils, one bank
  bellkeep demo --school ash-cartwright-kelsey   a primary school by its own rules: the office takes phones in`

// demoOptions is what the command line says.
type demoOptions struct {
	data, listen, kiosk string
	mqtt, join          string
	school              string
	speed               float64
	seed                uint64
	devices, ipads      int
	once, verbose       bool
	replace             bool
	faults              []demoFault
}

const (
	watchSpeed  = 8  // a person can follow it
	onceSpeed   = 30 // a day in three minutes
	topSpeed    = 40
	mostDevices = 2000
	demoUser    = "office"
	demoSecond  = "head" // for what takes two people
	demoTeacher = "teacher"
	demoSecret  = "bell-to-bell"
	demoIdle    = 8 * time.Hour // nobody wants to sign in again while watching
	demoSchool  = "elmfield"
)

func demoCommand(ctx context.Context, args []string, stdout, _ io.Writer) error {
	var o demoOptions
	flags := newFlags("demo", demoHelp)
	flags.StringVar(&o.data, "data", "", "keep the state in this `folder`; without it a new one is made and removed")
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8080", "`address` of the school's pages")
	flags.StringVar(&o.kiosk, "kiosk", "127.0.0.1:8081", "`address` of the first kiosk's page; the others follow it")
	flags.StringVar(&o.mqtt, "mqtt", "127.0.0.1:0", "`address` of the broker; with --data name a port that stays the same")
	flags.StringVar(&o.join, "join", "127.0.0.1:0", "`address` for joining; as above")
	flags.StringVar(&o.school, "school", demoSchool, "`name` of a school that is built in (elmfield, mill-lane, ash-cartwright-kelsey, northbourne), or a folder")
	flags.Float64Var(&o.speed, "speed", 0, fmt.Sprintf("school seconds in a real second (default %d; %d with --once)", watchSpeed, onceSpeed))
	flags.Uint64Var(&o.seed, "seed", 1, "what chance starts from")
	flags.IntVar(&o.devices, "devices", 12, "how many pretend devices follow the bell; from three on a staff phone does too, from six on two")
	flags.IntVar(&o.ipads, "ipads", 0, "how many pretend iPads follow the bell too, through Apple's device management and a pretend Apple")
	flags.Func("cut", "cut the line to `broker@08:31+90s`: from when and for how long, by the school's clock", o.addCut)
	flags.Func("kill-bank", "let a bank die at a time, `b@08:33`, at 11:00 without one; it comes back half a minute later", o.addKill)
	flags.BoolVar(&o.replace, "replace", false, "with --kill-bank: the dead bank does not come back, another computer with an empty card takes its place")
	flags.BoolVar(&o.once, "once", false, "play one day, print a summary, compare ledgers and truth, end")
	flags.BoolVar(&o.verbose, "v", false, "with --once: print every line of the comparison")
	if err := parse(flags, args, stdout); err != nil {
		return err
	}
	switch {
	case o.replace && !slices.ContainsFunc(o.faults, func(f demoFault) bool { return f.bank != "" }):
		return misuse("--replace goes with --kill-bank: say which bank dies")
	case o.speed < 0 || o.speed > topSpeed:
		return misuse("--speed is between 0.1 and %d: beyond that the pupils' hands are slower than their clocks", topSpeed)
	case o.devices < 0 || o.devices > mostDevices:
		return misuse("--devices is between 0 and %d", mostDevices)
	case o.ipads < 0 || o.ipads > mostIPads:
		return misuse("--ipads is between 0 and %d", mostIPads)
	case o.speed == 0 && o.once:
		o.speed = onceSpeed
	case o.speed == 0:
		o.speed = watchSpeed
	}
	return runDemo(ctx, o, stdout)
}

func runDemo(ctx context.Context, o demoOptions, stdout io.Writer) (err error) {
	if o.data == "" {
		dir, err := os.MkdirTemp("", "bellkeep-demo-")
		if err != nil {
			return errs.Wrap(err, errs.Unavailable, "No folder could be made for the demonstration.", "Name one with --data.")
		}
		o.data = dir
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	d, err := openDemo(ctx, o, stdout)
	if err != nil {
		return err
	}
	return d.run(ctx)
}

// schoolFolder gives the folder of the school to play.
func (o demoOptions) schoolFolder() (string, error) {
	return schoolFolder(o.school, filepath.Join(o.data, "school"))
}
