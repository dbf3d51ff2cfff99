package main

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/fleet"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/mdm/headwind"
	"github.com/bellkeep/bellkeep/web/school/agreements"
	devices "github.com/bellkeep/bellkeep/web/school/fleet"
)

// fleetPages are the pages about the school's devices.
func fleetPages(s *server.Server) devices.Config {
	return devices.Config{
		Book: s.Fleet, Desk: s.Fleet, Ends: s, Evidence: s.Fleet, Joining: deviceDoor{s}, Checks: deviceChecks{s}, People: s.People, Visitors: s.Agreements, Rules: s.DeviceRules,
		Groups: s.Groups, GroupWords: groupWords(s), Notice: helpPages(s).Short, Machine: time.Now,
	}
}

// groupWords is what people call a group of devices.
func groupWords(s *server.Server) func(id string) string {
	return func(id string) string {
		rules, _ := s.DeviceRules.At(s.Now().Wall)
		return change.GroupWords(rules, id)
	}
}

// agreementPages are the pages about agreements on acceptable use.
func agreementPages(s *server.Server) agreements.Config {
	return agreements.Config{Texts: s.Agreements, Signing: s.Agreements, Visits: s.Agreements, People: s.People, Devices: func() map[string]int {
		has := map[string]int{}
		for _, l := range s.Fleet.Listings() {
			if l.Holder != "" {
				has[l.Holder]++
			}
		}
		return has
	}}
}

// deviceDoor lets devices join.
type deviceDoor struct{ *server.Server }

// InviteDevice makes the joining code of a device that is listed.
func (d deviceDoor) InviteDevice(ctx context.Context, by, id string, replace bool) (joining.Code, time.Time, error) {
	return d.Invite(ctx, server.Invitation{By: by, Kind: cert.Device, ID: id, Replace: replace})
}

// SetUp is the page with the set-up code of a phone with the stock agent, or with the
// enrolment of an iPad.
func (d deviceDoor) SetUp(id string) string {
	l, ok := d.Fleet.Device(id)
	switch {
	case ok && l.Device.Platform == headwind.Platform:
		return "/phones/" + id
	case ok && l.Device.Platform == apple.Platform:
		return "/ipads/device/" + id
	}
	return ""
}

// Certificates are the serials of the devices' newest certificates. One that a gateway
// speaks for has none: it is there once it has said something.
func (d deviceDoor) Certificates() map[string]string {
	list := map[string]string{}
	for _, m := range d.Roll.Members() {
		if m.Kind == cert.Device {
			list[m.ID] = m.Serial
		}
	}
	for _, row := range d.Devices.Board().Rows {
		if of := row.Device.Platform; row.Said != nil && (of == headwind.Platform || of == apple.Platform && enrolled(*row.Said)) {
			list[row.Device.ID] = of
		}
	}
	return list
}

// enrolled reports whether an iPad is: the gateway speaks for one that is not, too, and
// calls everything a failure.
func enrolled(said mdm.Reported) bool {
	for _, o := range said.Set {
		if o.State != mdm.Failure {
			return true
		}
	}
	return false
}

// deviceChecks say what stands between a person and a device.
type deviceChecks struct{ *server.Server }

// MayHave says why somebody may have no device.
func (d deviceChecks) MayHave(person string) error { return d.Agreements.MayHave(person) }

// Passcode is how a device stands to its passcode.
func (d deviceChecks) Passcode(device string) fleet.Confirmation { return d.Fleet.Passcode(device) }
