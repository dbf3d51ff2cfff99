package board

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
)

// deviceStates are the states of a device, gravest first.
var deviceStates = []DeviceState{DeviceViolating, DeviceRejected, DeviceLate, DeviceAwaits, DeviceOffline, DeviceUnknown, DeviceAssumed, DevicePending, DeviceInForce}

// gravestFirst sorts devices as the board shows them.
func gravestFirst(rows []DeviceRow) []DeviceRow {
	byState := map[DeviceState][]DeviceRow{}
	for _, row := range rows {
		byState[row.State] = append(byState[row.State], row)
	}
	sorted := make([]DeviceRow, 0, len(rows))
	for _, state := range deviceStates {
		sorted = append(sorted, byState[state]...)
	}
	return sorted
}

// deviceLine is one device in words.
type deviceLine struct {
	DeviceRow
	Words   string
	SinceAt string
	Heard   string // when it last said anything; "" for never
	Has     string // which rules it has, where that is in question
	Parts   []settingLine
}

// Name is the device's label, or its id.
func (d deviceLine) Name() string { return cmp.Or(d.Label, d.ID) }

// hasWords says which rules a device has that does not answer for the newest.
func hasWords(row DeviceRow) string {
	switch {
	case row.State == DeviceInForce || row.State == DeviceViolating || row.Rev == 0:
		return ""
	case row.Applied == 0:
		return "It has confirmed no rules yet."
	case row.Applied == row.Rev:
		return "It confirmed the newest rules before."
	}
	return fmt.Sprintf("The last rules it confirmed are number %d; the newest are %d.", row.Applied, row.Rev)
}

// settingLine is one setting of a device in words.
type settingLine struct {
	Name, Words, Want, Have, Detail string
	Ok, Waits                       bool // Waits: no fault, and not known to be as wanted
}

func (s *scene) deviceLine(row DeviceRow) deviceLine {
	d := deviceLine{DeviceRow: row, Words: deviceWords(row.State), SinceAt: s.seconds(row.Since), Heard: s.seconds(row.AsOf),
		Has: hasWords(row)}
	for _, p := range row.Settings {
		d.Parts = append(d.Parts, settingLine{Name: change.SettingWords(p.Name), Words: settingState(p), Want: change.StateWords(p.Name, p.Want),
			Have: change.StateWords(p.Name, p.Have), Detail: p.Detail, Ok: p.ok(), Waits: p.waits() || p.State == "assumed"})
	}
	return d
}

// deviceData is what the sections of one device's page get.
type deviceData struct {
	moment
	deviceLine
}

func devicePage(get func(string) string, _ reader, s *scene) (livePage, error) {
	id := get("id")
	if _, ok := s.device(id); !ok {
		return livePage{}, errs.New(errs.NotFound, "This school has no device of that name.", "Look at the device board.")
	}
	return livePage{name: "device", title: "Device " + id, query: url.Values{"id": {id}}, draw: func(s *scene) (any, []part) {
		row, _ := s.device(id)
		d := deviceData{s.moment(), s.deviceLine(row)}
		return d, parts(d, "device", "asof")
	}}, nil
}

func (s *scene) device(id string) (DeviceRow, bool) {
	for _, row := range s.devices {
		if row.ID == id {
			return row, true
		}
	}
	return DeviceRow{}, false
}

// deviceTrouble is one kind of what is wrong with devices, with what to do.
type deviceTrouble struct {
	key        string
	state      DeviceState
	suits      func(DeviceRow) bool
	what, next string
}

// deviceTroubles are all kinds, gravest first.
var deviceTroubles = []deviceTrouble{
	{"violating", DeviceViolating, func(d DeviceRow) bool { return d.State == DeviceViolating && !d.unable() },
		"Not as it must be now: ", "Find the device and see what was changed. It is set right again as soon as it can be."},
	{"unable", DeviceViolating, DeviceRow.unable,
		"Not able to do all that the rules ask: ", "See on the device’s page what it cannot do. Move it to a group whose rules it can keep, or ask for other rules."},
	{"rejected", DeviceRejected, func(d DeviceRow) bool { return d.State == DeviceRejected },
		"Their reports were refused: ", "See on the device’s page why. Restart it; if that does not help, let it join anew."},
	{"late", DeviceLate, func(d DeviceRow) bool { return d.State == DeviceLate },
		"Connected, and has not answered in time: ", "Restart the device. Until it answers, take it that its rules are not in force."},
}

// unable reports whether a device is otherwise than it must be only in what it has
// no way to do.
func (d DeviceRow) unable() bool {
	return d.State == DeviceViolating && !slices.ContainsFunc(d.Settings, func(p DeviceSetting) bool {
		return !p.ok() && !p.waits() && p.State != "unsupported" && p.State != "assumed" && p.State != "user_action"
	})
}

// ok reports whether a setting is as wanted, by the device's own word.
func (p DeviceSetting) ok() bool { return p.State == "applied" && p.Want == p.Have }

// waits reports whether it may yet settle by itself.
func (p DeviceSetting) waits() bool { return p.State == "updating" || p.State == "" }

// deviceProblems has at most one problem of each kind.
func (s *scene) deviceProblems() []advice {
	var list []advice
	for _, kind := range deviceTroubles {
		var names []string
		a := advice{Key: "devices-" + kind.key, gravity: graveDevice, Ask: kind.state == DeviceLate}
		for _, row := range s.devices {
			if !kind.suits(row) {
				continue
			}
			names = append(names, cmp.Or(row.Label, row.ID))
			if a.since.IsZero() || row.Since.Before(a.since) {
				a.since = row.Since
			}
		}
		if len(names) == 0 {
			continue
		}
		who := fmt.Sprintf("%d devices", len(names))
		if len(names) <= fewOnDay {
			who = strings.Join(names, ", ")
		}
		a.What, a.Next = kind.what+who+".", kind.next
		a.Links = []link{{a.Key + "-list", "/devices?state=" + string(kind.state), "These devices"}}
		list = append(list, a)
	}
	return list
}

// deviceWords says how a device stands.
func deviceWords(s DeviceState) string {
	switch s {
	case DeviceViolating:
		return "Not as it must be"
	case DeviceLate:
		return "Late to answer"
	case DeviceOffline:
		return "Offline"
	case DeviceRejected:
		return "Says what cannot be true"
	case DeviceAwaits:
		return "Waits for its user"
	case DeviceAssumed:
		return "Assumed, not confirmed"
	case DevicePending:
		return "Being set"
	case DeviceInForce:
		return "In force"
	}
	return "Not known"
}

// settingState says how a setting stands, by the device's own word.
func settingState(p DeviceSetting) string {
	switch p.State {
	case "":
		return "Not reported"
	case "applied":
		if p.Want != p.Have {
			return "Otherwise"
		}
		return "In force"
	case "updating":
		return "Being set"
	case "overridden":
		return "Changed on the device"
	case "invalid":
		return "Not understood by the device"
	case "failure":
		return "Refused by the device"
	case "user_action":
		return "Waits for its user"
	case "unsupported":
		return "The device cannot do this"
	case "assumed":
		return "Asked for; the device cannot confirm"
	}
	return "Not known"
}
