package api

import (
	"maps"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm/shadow"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// Device is one school device: what is wanted of it, and what it says.
type Device struct {
	ID       string    `json:"id"`
	Label    string    `json:"label,omitempty"`
	Groups   []string  `json:"groups"`
	Platform string    `json:"platform"`
	State    string    `json:"state" enum:"violating,rejected,late,user-action,offline,unknown,assumed,pending,in-force"`
	Since    time.Time `json:"since,omitzero" doc:"of the state"`
	Online   bool      `json:"online"`
	Heard    time.Time `json:"heard,omitzero" doc:"when it last reported"`
	Mode     string    `json:"mode,omitempty" doc:"what is wanted now"`
	Settings []Setting `json:"settings"`
}

// Setting is one setting of a device.
type Setting struct {
	Name  string `json:"name"`
	Want  string `json:"want"`
	Have  string `json:"have,omitempty" doc:"none when not known"`
	State string `json:"state,omitempty" doc:"by the device's own word; none when it has not reported"`
}

// DeviceList is one page of devices, gravest first.
type DeviceList struct {
	Items []Device `json:"items"`
	Next  string   `json:"next,omitempty"`
}

func (a *api) deviceOperations() []operation {
	return []operation{
		read("/devices", roles.SeeDevices, "School devices", a.deviceList).asking(paging...),
		read("/devices/:id", roles.SeeDevices, "One school device", a.device),
	}
}

func (a *api) deviceList(c echo.Context) (DeviceList, error) {
	part, next, err := window(c, a.Devices.Board().Rows, func(r shadow.Row) string { return r.Device.ID })
	list := DeviceList{Items: make([]Device, len(part)), Next: next}
	for i, r := range part {
		list.Items[i] = deviceOf(r)
	}
	return list, err
}

func (a *api) device(c echo.Context) (Device, error) {
	for _, r := range a.Devices.Board().Rows {
		if r.Device.ID == kit.Param(c, "id") {
			return deviceOf(r), nil
		}
	}
	return Device{}, errs.New(errs.NotFound, "This school has no device of that name.", "Ask for /api/v1/devices.")
}

func deviceOf(r shadow.Row) Device {
	d := Device{ID: r.Device.ID, Label: r.Device.Label, Groups: r.Device.Groups, Platform: r.Device.Platform, State: string(r.Verdict),
		Since: r.Since, Online: r.Link.Online, Heard: r.Heard, Mode: string(r.Want.Mode), Settings: []Setting{}}
	for _, name := range slices.Sorted(maps.Keys(r.Want.Set)) {
		s := Setting{Name: string(name), Want: r.Want.Set[name].String()}
		if r.Said != nil && r.Said.Rev == r.Rev {
			said := r.Said.Set[name]
			s.State, s.Have = string(said.State), said.Value.String()
		}
		d.Settings = append(d.Settings, s)
	}
	return d
}
