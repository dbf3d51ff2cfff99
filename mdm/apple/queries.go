package apple

import (
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
)

// queries are what DeviceInformation asks for.
func (t Traits) queries() []any {
	list := []any{"OSVersion", "Model", "BatteryLevel", "IsSupervised"}
	if t.atLeast("9.3") {
		list = append(list, "IsMDMLostModeEnabled", "IsMultiUser")
	}
	return list
}

// informed takes in what a device is, or says why it cannot.
func (d *Device) informed(r response, now time.Time) (events []mdm.Event, why string) {
	q, ok := r["QueryResponses"].(map[string]any)
	if !ok {
		return nil, "it did not say what it is"
	}
	t := &d.Traits
	if v := text(q["OSVersion"]); v != "" {
		t.OSVersion = v
	}
	if v := text(q["Model"]); v != "" {
		t.Model = v
	}
	if shared, said := q["IsMultiUser"].(bool); said {
		t.Shared = shared
	}
	if lost, said := q["IsMDMLostModeEnabled"].(bool); said {
		d.Lost = lost
	}
	supervised, _ := q["IsSupervised"].(bool)
	t.Supervised = new(supervised)
	if d.WasSupervised && !supervised {
		events = append(events, mdm.NewEvent("tamper", "it is not supervised any more", now))
	}
	d.WasSupervised = supervised
	return append(events, d.charged(q["BatteryLevel"], now)...), ""
}

// charged takes in how much is left of a battery, of 1; Apple's -1 is not known.
func (d *Device) charged(level any, now time.Time) []mdm.Event {
	part, ok := level.(float64)
	if !ok || !(part >= 0 && part <= 1) {
		return nil
	}
	was := d.Battery
	d.Battery = max(1, int(part*100))
	if d.Battery > lowBattery || was > 0 && was <= lowBattery {
		return nil
	}
	return []mdm.Event{mdm.NewEvent("battery", fmt.Sprintf("%d %%", d.Battery), now)}
}

// listed takes in which profiles are on a device, or says why it cannot.
func (d *Device) listed(r response, now time.Time) (events []mdm.Event, why string) {
	items, ok := r["ProfileList"].([]any)
	if !ok {
		return nil, "it did not say which profiles it has"
	}
	found := map[string]string{}
	for _, item := range items {
		p, _ := item.(map[string]any)
		id, _ := p["PayloadIdentifier"].(string)
		found[id], _ = p["PayloadUUID"].(string)
	}
	_, was := d.locked(now)
	for _, s := range slots {
		uuid, there := found[identifier(d.ID, s)]
		if d.standing(s).settle(uuid, there, now) {
			events = append(events, mdm.NewEvent("drift", "the profile with the school's rules was taken off", now))
		}
	}
	if _, still := d.locked(now); was && !still {
		d.Bluetooth = nil
	}
	if len(events) > 0 {
		d.Passcode = nil
	}
	return events, ""
}
