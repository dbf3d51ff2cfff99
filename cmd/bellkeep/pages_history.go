package main

import (
	"cmp"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/mdm/history"
	"github.com/bellkeep/bellkeep/web/school/devicehistory"
)

// historyPages say what devices did.
func historyPages(s *server.Server) devicehistory.Config {
	return devicehistory.Config{
		Days: deviceDays{s}, Bells: s.DeviceBells, Periods: s.Day, Told: s.Notices.Told,
		Name: func(id string) string {
			d, ok := s.Fleet.Device(id)
			if !ok {
				return ""
			}
			return cmp.Or(d.Device.Label, id)
		},
	}
}

// deviceDays are the days that were kept, to whoever looks.
type deviceDays struct{ *server.Server }

// Read gives a day.
func (d deviceDays) Read(day school.Date) (*history.Day, error) { return d.DeviceDay(day) }
