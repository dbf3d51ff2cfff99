package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/firmware-bridge/cabinet"
	"github.com/bellkeep/bellkeep/firmware-bridge/machine"
	"github.com/bellkeep/bellkeep/firmware-bridge/station"
	"github.com/bellkeep/bellkeep/firmware-bridge/watchdog"
	"github.com/bellkeep/bellkeep/internal/cli"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pins"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// bank is what a command line and a data folder make of a bank.
type bank struct {
	station station.Config
	data    string              // its folder
	member  *station.Membership // nil for a bank without a school server
	beacons *bridge.Beacons
}

func (o options) load() (b bank, err error) {
	c := &b.station
	if c.Cabinet, err = cabinet.Load(o.config, o.devices); err != nil {
		return b, err
	}
	if b.member, err = o.membership(c.Cabinet.Setup.Bank); err != nil {
		return b, err
	}
	if b.member != nil {
		c.Told = b.member.Told
	}
	if c.Rules, c.JoinTo, err = o.rules(b.member); err != nil {
		return b, err
	}
	b.data = o.data
	c.Notice, _ = station.Superseded(o.data)
	clock, err := bridge.KernelClock()
	if err != nil {
		return b, err
	}
	switch {
	case o.assumeTime:
		clock = bridge.Assume(clock)
	case o.distrustTime:
		clock = distrust(clock)
	}
	b.beacons = bridge.NewBeacons(clock)
	c.Now = b.beacons.Now
	c.Data = filepath.Join(o.data, station.LedgerFolder)
	c.Version = cli.Version()
	c.PINs = pins.Checker{}
	c.Watch = watchdog.New()
	c.Machine = machine.Here(o.data)
	return b, nil
}

// membership is that of the bank of this name; nil when it has not joined.
func (o options) membership(bank string) (*station.Membership, error) {
	m, err := station.OpenMembership(o.data)
	switch {
	case errs.CodeOf(err) == errs.NotFound:
		return nil, nil
	case err != nil:
		return nil, err
	}
	if id := m.Identity.About().ID; id != bank {
		return nil, errs.New(errs.Conflict, fmt.Sprintf("The data folder is bank %s's, the file is bank %s's.", id, bank),
			"Name the file or the folder of the same bank.")
	}
	return m, nil
}

// rules are those the school server gave, or those somebody put into the data
// folder of a bank that has none. A bank with neither, or one that is told to,
// must join a school first, to the folder that is given then.
func (o options) rules(m *station.Membership) (rules locker.Rules, joinTo string, err error) {
	_, over := station.Superseded(o.data)
	switch _, err := os.Stat(filepath.Join(o.data, station.DirectoryFile)); {
	case o.rejoin, over, m == nil && errors.Is(err, fs.ErrNotExist):
		return locker.Rules{Directory: &locker.Directory{}}, o.data, nil
	case m == nil:
		rules, err := station.LoadRules(o.data)
		return rules, "", err
	}
	rules, _ = m.Store.Rules() // a bank without rules still serves whoever needs the office
	return rules, "", nil
}

// distrust is clock with time that nobody vouches for.
func distrust(clock func() school.Instant) func() school.Instant {
	return func() school.Instant {
		now := clock()
		now.Trusted = false
		return now
	}
}

// work runs the bank until ctx ends.
func (b bank) work(ctx context.Context, stdout io.Writer) error {
	manager, err := watchdog.Systemd()
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "What the service manager says of its watchdog makes no sense.", "Look at WatchdogSec= in the unit, or unset WATCHDOG_USEC.")
	}
	s, err := station.Open(b.station)
	if err != nil {
		return err
	}
	state := "at work"
	if b.station.JoinTo != "" {
		state = "waiting for its joining code"
	}
	fmt.Fprintf(stdout, "%s is %s. Kiosk page: %s\n", b.station.Cabinet.Label, state, s.KioskURL())
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.Run(ctx) })
	group.Go(func() error { b.connect(ctx, s); return nil })
	group.Go(func() error { b.station.Watch.Tell(ctx, manager); return nil })
	return group.Wait()
}

// connect keeps a bank that belongs to a school in touch with it, once it does.
// Doors need nobody to be in touch: what ends the line leaves them at work.
func (b bank) connect(ctx context.Context, s *station.Station) {
	m := b.member
	if b.station.JoinTo != "" {
		var err error
		if m, err = s.Joined(ctx); err != nil {
			return // ctx ended
		}
	}
	if m == nil {
		return
	}
	err := s.Connect(ctx, m, b.beacons.Hear)
	switch {
	case err == nil || ctx.Err() != nil:
	case errors.Is(err, station.ErrSuperseded):
		slog.Error("another computer is this bank now; its doors are left to that one", "err", err, "next", errs.HintOf(err))
		if err := s.Retire(b.data, err); err != nil {
			slog.Error("that cannot be kept; after a restart the school has to say so again", "err", err, "next", errs.HintOf(err))
		}
	default:
		slog.Error("the bank is out of touch with its school until it is started again; its doors go on", "err", err, "next", errs.HintOf(err))
	}
}

// join makes the bank a member of a school with a code typed or scanned at a
// terminal.
func (o options) join(ctx context.Context, stdout io.Writer) error {
	c, err := cabinet.Load(o.config, o.devices)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.data, 0o700); err != nil {
		return errs.Wrap(err, errs.Unavailable, "The data folder cannot be made.", "Choose a folder this user may write to with --data.")
	}
	code, err := joining.ParseCode(o.code)
	if err != nil {
		return err
	}
	clock, err := bridge.KernelClock()
	if err != nil {
		return err
	}
	m, err := station.Newcomer{Bank: c.Setup.Bank, Data: o.data, Force: o.force, Now: clock}.Join(ctx, code)
	if err != nil {
		return err
	}
	slog.Info("joined a school", "bank", c.Setup.Bank, "server", code.Server)
	fmt.Fprintf(stdout, "%s has joined the school at %s until %s; it renews that by itself.\n", c.Label, code.Server, m.Identity.NotAfter().UTC().Format(day))
	return nil
}
