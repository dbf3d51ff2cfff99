package main

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"time"

	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/democlock"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/roster"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/headwind"
)

// demo is a whole school in one process: server, banks, devices and the pretend
// world around them. Banks and devices reach the server as they would from
// another machine, over MQTT with certificates.
type demo struct {
	demoOptions
	out    io.Writer
	folder string // of the school's files
	school roster.School
	clock  *democlock.Clock
	now    func() school.Instant
	day    school.Date
	server *server.Server
	banks  []*demoBank
	cards  cards
	byHand []world.Pupil // those without a bank, where no bank is for pupils
	pages  *pages
	agents *agents
	phones *phoneGateway // nil without staff phones
	pads   *demoIPads    // nil without iPads

	visitors *visitors
}

// openDemo claims addresses and folders, so that what is wrong with them is
// said before anything moves.
func openDemo(ctx context.Context, o demoOptions, out io.Writer) (d *demo, err error) {
	d = &demo{demoOptions: o, out: &oneAtATime{w: out}}
	if err := os.MkdirAll(o.data, 0o700); err != nil {
		return nil, errs.Wrap(err, errs.Unavailable, "The data folder cannot be written.", "Choose a folder you may write to with --data.")
	}
	if d.folder, err = o.schoolFolder(); err != nil {
		return nil, err
	}
	var cabinets []cabinet.Cabinet
	if d.school, cabinets, err = loadSchool(d.folder, defaultDevices); err != nil {
		return nil, err
	}
	if err := d.startClock(); err != nil {
		return nil, err
	}
	backups, err := demoBackups(o.data)
	if err != nil {
		return nil, err
	}
	d.server, err = server.Open(ctx, server.Config{
		Dir: d.serverData(), School: d.school, Names: []string{"127.0.0.1", "localhost"}, MQTT: o.mqtt, Join: o.join,
		Now: d.now, Speed: d.clock.Speed, Gateways: []string{headwind.Platform, apple.Platform}, Backups: backups,
	})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	for i, c := range cabinets {
		b, err := d.newBank(i, c)
		if err != nil {
			return nil, err
		}
		d.banks = append(d.banks, b)
	}
	if err := d.openPhones(); err != nil {
		return nil, err
	}
	if err := d.openIPads(); err != nil {
		return nil, err
	}
	d.visitors = newVisitors(d.server.Banks)
	d.pages, err = openPages(d.server, webOptions{listen: o.listen, idle: demoIdle, orders: d.visitors, phones: d.phoneOptions(), ipads: d.pads.pages(), pretend: d.signFor}, d.clock)
	return d, err
}

func (d *demo) serverData() string { return filepath.Join(d.data, "server") }

// close gives up what openDemo claimed, if nothing ran.
func (d *demo) close() error {
	var err error
	if d.pages != nil {
		err = d.pages.close()
	}
	return errors.Join(err, d.pads.close(), d.phones.close(), d.server.Close())
}

// startClock sets school time to ten past eight on the next school Monday: never
// today, so that nobody takes the demonstration for the school.
func (d *demo) startClock() error {
	cal := d.school.Calendar
	day, ok := cal.NextMonday(school.DateOf(time.Now().In(cal.Zone)))
	if !ok {
		return errs.New(errs.Invalid, "The calendar has no school Monday in the coming year.", "Add a term to school.yaml.")
	}
	if played := lastPlayed(filepath.Join(d.serverData(), "school-ledger"), cal.Zone); !played.Before(day) {
		day = nextSchoolDay(cal, played) // kept state goes on with the day after
	}
	d.day = day
	d.clock = democlock.New(d.morning(day), d.speed)
	boot := bootID()
	d.now = func() school.Instant {
		return school.Instant{Wall: d.clock.Now().UTC(), Trusted: true, Boot: boot, Mono: d.clock.Mono()}
	}
	return nil
}

// morning is when a day of the demonstration begins.
func (d *demo) morning(day school.Date) time.Time {
	return day.At(school.Clock{Hour: 8, Minute: 10}, d.school.Calendar.Zone)
}

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

// run plays until ctx ends, or for one day.
func (d *demo) run(ctx context.Context) error { return d.while(ctx, d.play) }

// while has the whole school at work until ctx ends, or what is to be done there
// is done.
func (d *demo) while(ctx context.Context, do func(ctx context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return ended(ctx, d.server.Run(ctx)) })
	group.Go(func() error { return ended(ctx, d.pages.run(ctx)) })
	group.Go(func() error {
		defer stop()
		return ended(ctx, d.live(ctx, do))
	})
	return group.Wait()
}

// live lets everybody in, and does it.
func (d *demo) live(ctx context.Context, do func(ctx context.Context) error) error {
	if err := d.settleIn(ctx); err != nil {
		return errors.Join(err, d.closeBanks(), d.phones.close(), d.pads.close())
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	group, ctx := errgroup.WithContext(ctx)
	for _, b := range d.banks {
		group.Go(func() error { return ended(ctx, b.run(ctx)) })
	}
	group.Go(func() error { return ended(ctx, d.agents.run(ctx)) })
	group.Go(func() error { return ended(ctx, d.runPhones(ctx)) })
	group.Go(func() error { return ended(ctx, d.runIPads(ctx)) })
	group.Go(func() error { return ended(ctx, d.lendDevices(ctx)) })
	group.Go(func() error {
		defer stop()
		return ended(ctx, do(ctx))
	})
	return group.Wait()
}

func (d *demo) closeBanks() error {
	var err error
	for _, b := range d.banks {
		err = errors.Join(err, b.close())
	}
	return err
}

// ended is err, unless it only says that everything is being stopped.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

// nextTo is the address n ports after one, or any free port if it names none.
func nextTo(address string, n int) (string, error) {
	host, port, err := net.SplitHostPort(address)
	number, portErr := strconv.Atoi(port)
	if err = errors.Join(err, portErr); err != nil {
		return "", misuse("%q is not an address like 127.0.0.1:8081", address)
	}
	if number != 0 {
		number += n
	}
	return net.JoinHostPort(host, strconv.Itoa(number)), nil
}
