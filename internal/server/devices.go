package server

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/exceptions"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet"
	"github.com/bellkeep/bellkeep/mdm/history"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

// openDevices prepares what is desired of every device.
func (s *Server) openDevices() (err error) {
	key := s.Authority.SigningKey()
	here := func() time.Time { return s.Now().Wall.In(s.School.Calendar.Zone) }
	s.History = history.New(history.Config{
		Dir: filepath.Join(s.Dir, "device-history"), Book: s.DeviceBells, Board: deviceBoard{s}, Day: s.Day, Now: here,
		Years: func() int { return s.Policy.Now().Retention.HardwareYears }, Log: slog.Default(),
	})
	s.rehearsals = &rehearsals{Devices: exceptions.Devices{Book: s.Exceptions, Fleet: s.Fleet}, on: map[string]mdm.Exception{}}
	s.Devices, err = shadow.New(shadow.Config{
		Root: s.Root, Bus: s.Bus, Fleet: s.Fleet, Rules: s.DeviceRules, Revs: shadow.RevFile(filepath.Join(s.Dir, "devices", "revs.json")),
		Seal: func(t wire.Type, payload []byte) ([]byte, error) { return wire.Seal(key, t, payload) },
		Day:  s.Day, Now: func() time.Time { return s.Now().Wall },
		Exceptions: s.rehearsals, Commands: s.Commands,
		Watch: s.History.Watch,
	})
	return err
}

// deviceBoard is the board of devices, once there is one.
type deviceBoard struct{ *Server }

func (b deviceBoard) Board() shadow.Board { return b.Devices.Board() }

// Day gives the periods of a moment's day.
func (s *Server) Day(t time.Time) []mdm.Period {
	day, ok := s.School.Calendar.Day(school.DateOf(t.In(s.School.Calendar.Zone)))
	if !ok {
		return nil
	}
	var list []mdm.Period
	for _, p := range day.Periods {
		list = append(list, mdm.Period{Kind: mdm.Mode(p.Kind), Name: p.Name, From: p.From, Until: p.Until})
	}
	return list
}

// openBells tells devices what is desired of them. While the clock may be wrong
// they are told nothing, and go on by what they were told before.
func (s *Server) openBells(ctx context.Context) error {
	if s.bells || !s.Now().Trusted {
		return nil
	}
	if err := s.Devices.Open(ctx); err != nil {
		return err
	}
	s.bells = true
	return nil
}

// ringBells rings every bell until ctx ends, whenever the clock is trusted.
func (s *Server) ringBells(ctx context.Context) error {
	for s.awaitClock(ctx, true) {
		err := s.openBells(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case isAway(err):
			_ = wait.For(ctx, brokerAgain) // the loop looks at ctx
			continue
		case err != nil:
			return err
		}
		s.ringWhileTrusted(ctx)
	}
	return nil
}

func (s *Server) ringWhileTrusted(ctx context.Context) {
	ringing, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		defer stop()
		if s.awaitClock(ringing, false) {
			slog.Warn("the clock is not trusted any more; no bells are rung for devices")
		}
	}()
	_ = s.Devices.Run(ringing, func(err error) { // it ends with ringing and never before
		slog.Error("a bell could not be told to the devices; it is tried again", "err", err, "next", errs.HintOf(err))
	})
}

// awaitClock waits until the clock is trusted, or is not. It is false once ctx
// has ended.
func (s *Server) awaitClock(ctx context.Context, trusted bool) bool {
	for ctx.Err() == nil {
		if s.Now().Trusted == trusted {
			return true
		}
		_ = wait.For(ctx, clockEvery) // the loop looks at ctx
	}
	return false
}

// listDevice puts a device on the fleet's list, unless it stands there.
func (s *Server) listDevice(ctx context.Context, in Invitation) error {
	if l, listed := s.Fleet.Device(in.ID); listed {
		if !l.Retired.IsZero() {
			return errs.New(errs.Conflict, "Device "+in.ID+" is retired.", "Give a device that comes back a new id.")
		}
		return s.Fleet.MayAlter(in.ID)
	}
	groups := strings.FieldsFunc(in.Group, func(r rune) bool { return r == ',' || r == ' ' })
	return s.Fleet.List(ctx, in.By, fleet.NewDevice(in.ID, in.Label, in.Platform, groups, nil))
}

// passcode says how a device stands to the passcode that is wanted of it now, by
// its own last report.
func (s *Server) passcode(device string) fleet.Confirmation {
	for _, row := range s.Devices.Board().Rows {
		if row.Device.ID == device {
			return confirmation(row)
		}
	}
	return fleet.Unconfirmed
}

// heard reports whether a device has ever said how it is, itself or through a gateway.
func (s *Server) heard(device string) bool {
	return slices.ContainsFunc(s.Devices.Board().Rows, func(r shadow.Row) bool { return r.Device.ID == device && r.Said != nil })
}

// confirmation needs a rule that asks for a passcode, and a report that has just
// that value.
func confirmation(row shadow.Row) fleet.Confirmation {
	want := row.Want.Set[mdm.PasscodeSetting]
	if row.Said == nil || want == "" || want == (mdm.Passcode{}).Value() {
		return fleet.Unconfirmed
	}
	said := row.Said.Set[mdm.PasscodeSetting]
	switch {
	case said.State == mdm.Assumed:
		return fleet.Assumed
	case said.State == mdm.Applied && said.Value == want:
		return fleet.Reported
	}
	return fleet.Unconfirmed
}

// keepHistory keeps what devices do until ctx ends. Days and bells need a clock that
// is trusted: without one what devices do waits, bounded, and is not known later.
func (s *Server) keepHistory(ctx context.Context) error {
	if !s.awaitClock(ctx, true) {
		return nil
	}
	return s.History.Run(ctx)
}
