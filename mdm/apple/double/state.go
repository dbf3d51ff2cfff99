package double

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// state is what a device is.
type state struct {
	profiles  map[string]installed // by identifier
	bluetooth bool                 // on
	passcode  int                  // its length; 0 for none
	lost      string               // the text it shows in lost mode; "" for none
	battery   float64
}

type installed struct {
	uuid     string
	name     string
	ends     time.Time // zero for never
	payloads []map[string]any
}

func newState(passcode int) state {
	return state{profiles: map[string]installed{}, bluetooth: true, battery: 0.8, passcode: passcode}
}

// supervised are the keys that mean nothing on a device that is not.
var supervisedKeys = []string{
	"allowAirDrop", "allowBluetoothModification", "allowVideoConferencing", "allowPasscodeModification", "allowEraseContentAndSettings",
	"allowUIConfigurationProfileInstallation", "allowAccountModification", "allowVPNCreation", "allowPersonalHotspotModification",
	"forceWiFiPowerOn", "forceAutomaticDateAndTime", "blockedAppBundleIDs", "allowListedAppBundleIDs",
}

// expire removes the profiles whose time has come; the caller holds mu.
func (d *Device) expire() {
	now := d.Now()
	maps.DeleteFunc(d.state.profiles, func(_ string, p installed) bool { return !p.ends.IsZero() && !now.Before(p.ends) })
}

// payloads are all of a type that are in force; the caller holds mu.
func (d *Device) payloads(kind string) (all []map[string]any) {
	d.expire()
	for _, id := range slices.Sorted(maps.Keys(d.state.profiles)) {
		for _, p := range d.state.profiles[id].payloads {
			if p["PayloadType"] == kind {
				all = append(all, p)
			}
		}
	}
	return all
}

// Restriction is what a key of com.apple.applicationaccess comes to: an allow key
// is false when one profile says so, a force key true; nil where none speaks of it.
func (d *Device) Restriction(key string) any {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.restriction(key)
}

func (d *Device) restriction(key string) (v any) {
	if !d.Supervised && slices.Contains(supervisedKeys, key) {
		return nil
	}
	for _, p := range d.payloads("com.apple.applicationaccess") {
		said, ok := p[key]
		if !ok {
			continue
		}
		switch b, isBool := said.(bool); {
		case !isBool || v == nil:
			v = said
		case strings.HasPrefix(key, "allow"):
			v = v.(bool) && b
		default:
			v = v.(bool) || b
		}
	}
	return v
}

// Forbids reports whether an allow key is false.
func (d *Device) Forbids(key string) bool { return d.Restriction(key) == false }

// Bluetooth reports whether it is on, and whether its user can change that.
func (d *Device) Bluetooth() (on, free bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state.bluetooth, d.restriction("allowBluetoothModification") != false
}

// PasscodeRule is the longest length that profiles ask for, whether they ask for a
// passcode at all, and the shortest time to lock in minutes; 0 for none.
func (d *Device) PasscodeRule() (force bool, length, idle uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.passcodeRule()
}

func (d *Device) passcodeRule() (force bool, length, idle uint64) {
	for _, p := range d.payloads("com.apple.mobiledevice.passwordpolicy") {
		if p["forcePIN"] == true {
			force = true
		}
		if n, ok := p["minLength"].(uint64); ok {
			length = max(length, n)
		}
		if n, ok := p["maxInactivity"].(uint64); ok && n > 0 && (idle == 0 || n < idle) {
			idle = n
		}
	}
	return force, length, idle
}

// SetPasscode is its user doing so; 0 takes it away.
func (d *Device) SetPasscode(length int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.state.passcode = length
}

// SetBluetooth is its user doing so, as far as that is allowed.
func (d *Device) SetBluetooth(on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.restriction("allowBluetoothModification") != false {
		d.state.bluetooth = on
	}
}

// Profiles are the versions of those that are installed, by identifier.
func (d *Device) Profiles() map[string]string {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.expire()
	all := map[string]string{}
	for id, p := range d.state.profiles {
		all[id] = p.uuid
	}
	return all
}

// TakeOff is its user removing a profile.
func (d *Device) TakeOff(identifier string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.state.profiles, identifier)
}

// LostMode is the text that is shown; "" for none.
func (d *Device) LostMode() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state.lost
}

// PasscodeLength is that of its passcode; 0 for none.
func (d *Device) PasscodeLength() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state.passcode
}
