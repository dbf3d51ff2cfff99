package main

import (
	"context"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/mdm"
	told "github.com/bellkeep/bellkeep/mdm/fleet/command"
	"github.com/bellkeep/bellkeep/mdm/shadow"
	"github.com/bellkeep/bellkeep/web/school/fleetcommands"
)

// commandPages are the pages on which devices are told what to do.
func commandPages(s *server.Server) fleetcommands.Config {
	return fleetcommands.Config{
		Book: commandBook{s}, Decisions: s.Commands,
		Device: func(id string) (d mdm.Device, online, ok bool) {
			devices, rows := s.Fleet.Devices(), s.Devices.Board().Rows
			n := slices.IndexFunc(devices, func(d mdm.Device) bool { return d.ID == id })
			if n < 0 {
				return mdm.Device{}, false, false
			}
			online = slices.ContainsFunc(rows, func(r shadow.Row) bool { return r.Device.ID == id && r.Link.Online })
			return devices[n], online, true
		},
		Lost: s.Commands.Lost,
		Account: func(account string) string {
			if standing, _ := s.Users.Standing(account); standing.Name != "" {
				return standing.Name
			}
			return account
		},
	}
}

// commandBook are the commands for devices, to whoever looks.
type commandBook struct{ *server.Server }

// Of are the commands for a device. That a quarantine ended one is not said to whom
// it concerns.
func (b commandBook) Of(device string, now time.Time) []told.Line {
	list := b.Commands.Of(device, now)
	for i, l := range list {
		if l.Progress == told.Quarantined && b.Fleet.Conceals(device) {
			list[i].Progress = told.Withdrawn
		}
	}
	return list
}

// Unapproved are those that wait for a second person.
func (b commandBook) Unapproved(now time.Time) []told.Line { return b.Commands.Unapproved(now) }

// Ask asks for a command.
func (b commandBook) Ask(ctx context.Context, by school.Actor, device string, op mdm.Op, args mdm.Args, exp time.Time) (string, error) {
	return b.Commands.Ask(ctx, by, device, op, args, exp)
}
