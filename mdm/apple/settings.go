package apple

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/bellkeep/bellkeep/mdm"
)

// The payloads of a profile, by what a key of theirs begins with.
const (
	restrictions = "com.apple.applicationaccess"
	passcode     = "com.apple.mobiledevice.passwordpolicy"
	webFilter    = "com.apple.webcontent-filter"
)

// The keys that are spoken of by name.
const (
	lockBluetooth = restrictions + "/allowBluetoothModification"
	automaticTime = restrictions + "/forceAutomaticDateAndTime"
	blockedApps   = restrictions + "/blockedAppBundleIDs"
	onlyApps      = restrictions + "/allowListedAppBundleIDs"
	minLength     = passcode + "/minLength"
)

// governs are the keys that each setting is made of.
var governs = map[mdm.Setting][]string{
	mdm.PasscodeSetting: {passcode + "/forcePIN", minLength},
	mdm.AutoLock:        {passcode + "/maxInactivity"},
	mdm.Camera:          {restrictions + "/allowCamera"},
	mdm.Bluetooth:       {lockBluetooth},
	mdm.Share:           {restrictions + "/allowAirDrop"},
	mdm.Screen:          {restrictions + "/allowScreenShot"},
	mdm.Apps:            {blockedApps, onlyApps},
	mdm.Web:             {webFilter + "/FilterType", webFilter + "/DenyListURLs", webFilter + "/AllowListBookmarks"},
}

// unmanaged are the values that ask for nothing.
var unmanaged = mdm.Unmanaged()

// plan is what a stage asks of one device.
type plan struct {
	keys  map[string]any              // of payloads, as they go into a profile
	radio *bool                       // Bluetooth on or off; nil as the user likes
	asked map[mdm.Setting]mdm.Outcome // State "" for what the device can be asked for
}

// compile gives what a stage of a document asks of a device.
func compile(d *mdm.Desired, stage mdm.Stage, t Traits) plan {
	p := plan{keys: map[string]any{}, asked: make(map[mdm.Setting]mdm.Outcome, len(stage.Set))}
	for s, v := range stage.Set {
		if v == unmanaged[s] { // as most are, most of the day
			p.asked[s] = mdm.Outcome{}
			continue
		}
		if err := mdm.CheckValue(s, v); err != nil {
			p.asked[s] = mdm.Outcome{State: mdm.Invalid, Detail: mdm.Cut(err.Error())}
			continue
		}
		o := p.ask(d, s, v, t)
		o.Detail = mdm.Cut(o.Detail)
		p.asked[s] = o
	}
	if t.cannot(true, "12") == "" {
		p.keys[automaticTime] = true
	}
	return p
}

// ask asks for one setting.
func (p *plan) ask(d *mdm.Desired, s mdm.Setting, v mdm.Value, t Traits) mdm.Outcome {
	switch s {
	case mdm.PasscodeSetting:
		return p.passcode(v, t)
	case mdm.AutoLock:
		return p.autoLock(v, t)
	case mdm.Camera:
		o := p.forbid(v, restrictions+"/allowCamera", Cannot(s, t))
		if v == mdm.Block && o.State == "" && !t.supervised() {
			o.Detail = "Apple means to do so only on supervised devices one day"
		}
		return o
	case mdm.Screen:
		return p.forbid(v, restrictions+"/allowScreenShot", Cannot(s, t))
	case mdm.Share:
		if v == mdm.Allow {
			return unsupported("AirDrop can be forbidden, but not be kept on")
		}
		return p.forbid(v, restrictions+"/allowAirDrop", Cannot(s, t))
	case mdm.Bluetooth:
		return p.bluetooth(v, t)
	case mdm.Apps:
		return p.apps(d.Items(v), v, t)
	case mdm.Web:
		return p.web(d.Items(v), v, t)
	}
	return unsupported("this gateway does not know the setting")
}

func unsupported(why string) mdm.Outcome {
	return mdm.Outcome{State: mdm.Unsupported, Detail: why}
}

// Cannot is why a device cannot be kept from what a setting is about, in words for a
// person; "" for what it can.
func Cannot(s mdm.Setting, t Traits) string {
	switch s {
	case mdm.Camera, mdm.Screen:
		return t.cannot(false, "4")
	case mdm.PasscodeSetting, mdm.AutoLock:
		if t.Shared {
			return "a Shared iPad has the passcodes of its accounts"
		}
		return t.cannot(false, "4")
	case mdm.Share:
		return t.cannot(true, "7")
	case mdm.Bluetooth:
		return t.cannot(true, "11.3")
	case mdm.Apps:
		return t.cannot(true, "15")
	case mdm.Web:
		return t.cannot(true, "14.5")
	}
	return "this gateway does not know the setting"
}

// forbid sets a key to false where a switch is to be off.
func (p *plan) forbid(v mdm.Value, key, cannot string) mdm.Outcome {
	if v != mdm.Block {
		return mdm.Outcome{}
	}
	if cannot != "" {
		return unsupported(cannot)
	}
	p.keys[key] = false
	return mdm.Outcome{}
}

// bluetooth asks for the radio and forbids to change it.
func (p *plan) bluetooth(v mdm.Value, t Traits) mdm.Outcome {
	if v == mdm.User {
		return mdm.Outcome{}
	}
	if why := Cannot(mdm.Bluetooth, t); why != "" {
		return unsupported(why)
	}
	p.radio = new(v == mdm.Allow)
	p.keys[lockBluetooth] = false
	return mdm.Outcome{}
}

func (p *plan) passcode(v mdm.Value, t Traits) mdm.Outcome {
	var rule mdm.Passcode
	if err := json.Unmarshal([]byte(v), &rule); err != nil || !rule.Require { // checked before
		return mdm.Outcome{}
	}
	if why := Cannot(mdm.PasscodeSetting, t); why != "" {
		return unsupported(why)
	}
	p.keys[passcode+"/forcePIN"] = true
	p.keys[minLength] = rule.MinLength
	return mdm.Outcome{}
}

// longestIdle is the longest time to lock that can be asked for, in minutes.
const longestIdle = 15

// autoLock asks for a lock after whole minutes, and no later than wanted.
func (p *plan) autoLock(v mdm.Value, t Traits) mdm.Outcome {
	seconds, err := strconv.Atoi(string(v))
	if err != nil || seconds == 0 { // checked before
		return mdm.Outcome{}
	}
	if why := Cannot(mdm.AutoLock, t); why != "" {
		return unsupported(why)
	}
	minutes := min(max(seconds/60, 1), longestIdle)
	p.keys[passcode+"/maxInactivity"] = minutes
	switch {
	case seconds < 60:
		return unsupported("it locks after a minute at the earliest, and is asked for that")
	case seconds != minutes*60:
		return mdm.Outcome{Detail: fmt.Sprintf("asked for in whole minutes, 15 at most: %d", minutes)}
	}
	return mdm.Outcome{}
}
