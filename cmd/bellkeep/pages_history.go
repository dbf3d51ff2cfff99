package main

import (
	"cmp"

	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/web/school/devicehistory"
)

// historyPages say what devices did.
func historyPages(s *server.Server) devicehistory.Config {
	return devicehistory.Config{
		Days: s.History, Bells: s.DeviceBells, Periods: s.Day, Told: s.Notices.Told,
		Name: func(id string) string {
			d, ok := s.Fleet.Device(id)
			if !ok {
				return ""
			}
			return cmp.Or(d.Device.Label, id)
		},
	}
}
