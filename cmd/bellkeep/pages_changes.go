package main

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/exceptions"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/web/school/devicerules"
)

// deviceRulePages show what school devices must be, and let it be changed.
func deviceRulePages(s *server.Server) devicerules.Config {
	return devicerules.Config{
		Versions: s.DeviceRules, Requests: s.DeviceRules, Effects: s.DeviceRules, Asking: s.DeviceRules, Deciding: s.DeviceRules, Moves: s.Fleet,
		Devices: explained{s}, Day: s.Day, Kinds: s.Periods(), Told: s.Notices.Told,
	}
}

// explained are the devices whose settings a page explains.
type explained struct{ *server.Server }

func (e explained) Device(id string) (mdm.Device, bool) {
	for _, d := range e.Fleet.Devices() {
		if d.ID == id {
			return d, true
		}
	}
	return mdm.Device{}, false
}

func (e explained) Exceptions(d mdm.Device, at time.Time) []mdm.Exception {
	return exceptions.Devices{Book: e.Server.Exceptions, Fleet: e.Fleet}.For(d, at)
}
