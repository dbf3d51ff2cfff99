package main

import (
	"slices"

	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/shadow"
	"github.com/bellkeep/bellkeep/web/school/fleetcommands"
)

// commandPages are the pages on which devices are told what to do.
func commandPages(s *server.Server) fleetcommands.Config {
	return fleetcommands.Config{
		Book: s.Commands, Decisions: s.Commands,
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
