package board

import (
	"cmp"
	"fmt"
	"net/url"
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
	Group   string // all of them
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
	Ok, Waits                       bool // it may yet settle by itself
}

func (s *scene) deviceLine(row DeviceRow) deviceLine {
	d := deviceLine{DeviceRow: row, Words: deviceWords(row.State), SinceAt: s.seconds(row.Since), Heard: s.seconds(row.AsOf),
		Group: strings.Join(row.Groups, ", "), Has: hasWords(row)}
	for _, p := range row.Settings {
		d.Parts = append(d.Parts, settingLine{Name: change.SettingWords(p.Name), Words: settingState(p), Want: change.StateWords(p.Name, p.Want),
			Have: change.StateWords(p.Name, p.Have), Detail: p.Detail, Ok: p.State == "applied" && p.Want == p.Have, Waits: p.State == "updating" || p.State == ""})
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

// deviceProblems are at most three: devices that are otherwise than they must be,
// those that say what cannot be true, and those that should have answered.
func (s *scene) deviceProblems() []advice {
	var list []advice
	for _, state := range []DeviceState{DeviceViolating, DeviceRejected, DeviceLate} {
		var names []string
		a := advice{Key: "devices-" + string(state), gravity: graveDevice, Ask: state == DeviceLate}
		for _, row := range s.devices {
			if row.State != state {
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
		a.What, a.Next = deviceAdvice(state, names)
		a.Links = []link{{a.Key + "-list", "/devices?state=" + string(state), "These devices"}}
		list = append(list, a)
	}
	return list
}

func deviceAdvice(state DeviceState, names []string) (what, next string) {
	who := fmt.Sprintf("%d devices", len(names))
	if len(names) <= fewOnDay {
		who = strings.Join(names, ", ")
	}
	switch state {
	case DeviceRejected:
		return "Their reports were refused: " + who + ".", "See on the device’s page why. Restart it; if that does not help, let it join anew."
	case DeviceViolating:
		return "Not as it must be now: " + who + ".", "Find the device and see what was changed. It is set right again as soon as it can be."
	}
	return "Connected, and has not answered in time: " + who + ".", "Restart the device. Until it answers, take it that its rules are not in force."
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
