package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/firmware-bridge/station"
	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/democlock"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/roster"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/testdata/schools"
)

const demoHelp = `Plays a school day on this machine: pupils queue at a kiosk, scan their badges and
hand their phones in at a bank of simulated lock boards, and take them home at
15:10. No hardware, no network, no root. Quiet hours are skipped.

Examples:
  bellkeep demo
  bellkeep demo --once --seed 2    play one day, compare ledger and truth, end`

// demoOptions is what the command line says.
type demoOptions struct {
	data, listen, kiosk string
	school              string
	speed               float64
	seed                uint64
	once, verbose       bool
}

const (
	watchSpeed = 8  // a person can follow it
	onceSpeed  = 40 // a day in a minute or so
	demoUser   = "office"
	demoSecret = "bell-to-bell"
	demoIdle   = 8 * time.Hour // nobody wants to sign in again while watching
)

func demoCommand(ctx context.Context, args []string, stdout, _ io.Writer) error {
	var o demoOptions
	flags := newFlags("demo", demoHelp)
	flags.StringVar(&o.data, "data", "", "keep the state in this `folder`; without it a new one is made and removed")
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8080", "`address` of the office board")
	flags.StringVar(&o.kiosk, "kiosk", "127.0.0.1:8081", "`address` of the kiosk's page")
	flags.StringVar(&o.school, "school", "", "`folder` of another school than Mill Lane")
	flags.Float64Var(&o.speed, "speed", 0, fmt.Sprintf("school seconds in a real second (default %d; %d with --once)", watchSpeed, onceSpeed))
	flags.Uint64Var(&o.seed, "seed", 1, "what chance starts from")
	flags.BoolVar(&o.once, "once", false, "play one day, print a summary, compare ledger and truth, end")
	flags.BoolVar(&o.verbose, "v", false, "with --once: print every line of the comparison")
	if err := parse(flags, args, stdout); err != nil {
		return err
	}
	switch {
	case o.speed < 0 || o.speed > onceSpeed:
		return misuse("--speed is between 0.1 and %d: beyond that the pupils' hands are slower than their clocks", onceSpeed)
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

// demo is a whole school in one process.
type demo struct {
	demoOptions
	out     io.Writer
	school  roster.School
	bank    string
	clock   *democlock.Clock
	now     func() school.Instant
	day     school.Date
	station *station.Station
	world   *world.World
	cast    cast
	office  *office
	board   *view.Live
}

func openDemo(ctx context.Context, o demoOptions, out io.Writer) (*demo, error) {
	d := &demo{demoOptions: o, out: out}
	devices := filepath.Join(o.data, "devices")
	for _, dir := range []string{o.data, devices} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, errs.Wrap(err, errs.Unavailable, "The data folder cannot be written.", "Choose a folder you may write to with --data.")
		}
	}
	bank, err := d.loadSchool(devices)
	if err != nil {
		return nil, err
	}
	if err := d.startClock(); err != nil {
		return nil, err
	}
	d.cast = castDay(d.school, o.seed)
	d.station, err = station.Open(station.Config{
		Cabinet: bank, Rules: d.rules(1), Data: d.bankData(), Version: "demo", Now: d.now,
	})
	if err != nil {
		return nil, err
	}
	d.board = view.NewLive(bank.Setup, d.rules(1), d.past(), d.station.Log, d.now, d.school.Calendar.Zone)
	if d.office, err = openOffice(ctx, d); err != nil {
		return nil, errors.Join(err, d.station.Close())
	}
	if d.world, err = openWorld(ctx, d, devices); err != nil {
		return nil, errors.Join(err, d.office.Close(), d.station.Close())
	}
	return d, nil
}

// loadSchool reads the school named, or the one compiled in, and its first
// bank. The demonstration's boards need no pause between pulses.
func (d *demo) loadSchool(devices string) (cabinet.Cabinet, error) {
	dir := d.demoOptions.school
	if dir == "" {
		dir = filepath.Join(d.data, "school")
		if err := os.RemoveAll(dir); err != nil {
			return cabinet.Cabinet{}, err
		}
		if err := copySchool(dir); err != nil {
			return cabinet.Cabinet{}, errs.Wrap(err, errs.Unavailable, "The data folder cannot be written.", "Choose another with --data.")
		}
	}
	s, banks, err := loadSchool(dir, devices)
	if err != nil {
		return cabinet.Cabinet{}, err
	}
	d.school, d.bank = s, banks[0].Setup.Bank
	bank := banks[0]
	bank.Kiosk.Listen = d.kiosk
	for i := range bank.Buses {
		bank.Buses[i].PulseGap = 0
	}
	return bank, nil
}

// copySchool writes the school compiled in to dir.
func copySchool(dir string) error {
	files, err := fs.Sub(schools.Files, "mill-lane")
	if err != nil {
		return err
	}
	return os.CopyFS(dir, files)
}

func (d *demo) bankData() string { return filepath.Join(d.data, "bank-"+d.bank) }

// lastPlayed is the day of the newest record kept in dir, or no day.
func lastPlayed(dir string, zone *time.Location) school.Date {
	var last school.Date
	names, err := boltlog.List(dir)
	if err != nil || len(names) == 0 {
		return last
	}
	file, err := boltlog.OpenFile(names[len(names)-1].Path())
	if err != nil {
		return last // opening it for writing will say why
	}
	defer file.Close()
	_ = file.Read(context.Background(), 0, func(r ledger.Record) error { // as above
		last = school.DateOf(r.Stamp.Wall.In(zone))
		return nil
	})
	return last
}

// startClock sets school time to ten past eight on the next school Monday: never
// today, so that nobody takes the demonstration for the school.
func (d *demo) startClock() error {
	cal := d.school.Calendar
	day, ok := cal.NextMonday(school.DateOf(time.Now().In(cal.Zone)))
	if !ok {
		return errs.New(errs.Invalid, "The calendar has no school Monday in the coming year.", "Add a term to school.yaml.")
	}
	if played := lastPlayed(d.bankData(), cal.Zone); !played.Before(day) {
		day = nextSchoolDay(cal, played) // kept state goes on with the day after
	}
	d.day = day
	start := day.At(school.Clock{Hour: 8, Minute: 10}, cal.Zone)
	d.clock = democlock.New(start, d.speed)
	boot := bootID()
	d.now = func() school.Instant {
		return school.Instant{Wall: d.clock.Now().UTC(), Trusted: true, Boot: boot, Mono: d.clock.Mono()}
	}
	return nil
}

// rules are the directory and plan at a version. From version 2 on lost badges
// are revoked and their replacements known.
func (d *demo) rules(version uint64) locker.Rules {
	s := d.school
	if version > 1 {
		s = d.cast.replaceBadges(s)
	}
	return locker.Rules{Directory: s.Directory(version), Plan: s.Plan(version, d.clock.Now())}
}

// past are the ledgers before the current one, as the board reads them.
func (d *demo) past() []view.Past {
	var list []view.Past
	for _, p := range d.station.Past() {
		list = append(list, p)
	}
	return list
}

func (d *demo) run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return ended(ctx, d.station.Run(ctx)) })
	group.Go(func() error { return ended(ctx, d.board.Run(ctx)) })
	group.Go(func() error { return ended(ctx, d.office.run(ctx)) })
	group.Go(func() error {
		defer stop()
		return ended(ctx, d.play(ctx))
	})
	return errors.Join(group.Wait(), d.world.Close())
}

// ended is err, unless it only says that everything is being stopped.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}
