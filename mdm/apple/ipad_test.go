package apple

import (
	"slices"
	"strings"
	"time"

	"github.com/micromdm/plist"
)

// ipad is what an iPad is, as plainly as can be said: profiles by identifier, the
// strictest of them in force.
type ipad struct {
	os          string
	supervised  bool
	profiles    map[string]map[string]any
	radio, lost bool
	passcode    int // its length; 0 for none
	did         []string
	installed   int
	blank       bool // wiped, and not enrolled since
}

func newIPad(supervised bool) *ipad {
	return &ipad{os: "18.1", supervised: supervised, profiles: map[string]map[string]any{}, radio: true}
}

// pass lets time go by: profiles go when their time has come.
func (i *ipad) pass(now time.Time) {
	for id, p := range i.profiles {
		if ends, ok := p["RemovalDate"].(time.Time); ok && !now.Before(ends) {
			delete(i.profiles, id)
		}
	}
}

// each visits a payload's key in all profiles.
func (i *ipad) each(kind, key string, visit func(v any)) {
	for _, p := range i.profiles {
		for _, c := range p["PayloadContent"].([]any) {
			if c := c.(map[string]any); c["PayloadType"] == kind && c[key] != nil {
				visit(c[key])
			}
		}
	}
}

// may is a switch that any profile can turn off.
func (i *ipad) may(key string) bool {
	on := true
	i.each("com.apple.applicationaccess", key, func(v any) { on = on && v.(bool) })
	return on
}

// number is the greatest or the smallest that profiles ask for; 0 for none.
func (i *ipad) number(kind, key string, greatest bool) (most int) {
	i.each(kind, key, func(v any) {
		if n := toInt(v); most == 0 || greatest == (n > most) {
			most = n
		}
	})
	return most
}

func toInt(v any) int {
	if n, ok := v.(int64); ok {
		return int(n)
	}
	return int(v.(uint64))
}

// items are the texts of a list in all profiles, sorted.
func (i *ipad) items(kind, key string) (all []string) {
	i.each(kind, key, func(v any) {
		for _, item := range v.([]any) {
			if m, ok := item.(map[string]any); ok {
				item = m["URL"]
			}
			all = append(all, item.(string))
		}
	})
	slices.Sort(all)
	return slices.Compact(all)
}

// obey does what a command says and answers.
func (i *ipad) obey(raw []byte) map[string]any {
	var c struct {
		Command map[string]any
	}
	if err := plist.Unmarshal(raw, &c); err != nil {
		panic(err)
	}
	request, answer := c.Command["RequestType"].(string), map[string]any{"Status": "Acknowledged"}
	i.did = append(i.did, request)
	switch request {
	case "InstallProfile":
		var p map[string]any
		if err := plist.Unmarshal(c.Command["Payload"].([]byte), &p); err != nil {
			panic(err)
		}
		i.profiles[p["PayloadIdentifier"].(string)] = p
		i.installed++
	case "RemoveProfile":
		delete(i.profiles, c.Command["Identifier"].(string))
	case "Settings":
		item, status := c.Command["Settings"].([]any)[0].(map[string]any), "Acknowledged"
		if i.may("allowBluetoothModification") {
			i.radio = item["Enabled"].(bool)
		} else {
			status = "Error"
		}
		answer["Settings"] = []any{map[string]any{"Item": item["Item"], "Status": status}}
	case "DeviceInformation":
		answer["QueryResponses"] = map[string]any{"OSVersion": i.os, "IsSupervised": i.supervised, "IsMDMLostModeEnabled": i.lost}
	case "SecurityInfo":
		fits := i.passcode >= i.number("com.apple.mobiledevice.passwordpolicy", "minLength", true)
		answer["SecurityInfo"] = map[string]any{"PasscodePresent": i.passcode > 0, "PasscodeCompliantWithProfiles": fits}
	case "ProfileList":
		list := []any{}
		for id, p := range i.profiles {
			list = append(list, map[string]any{"PayloadIdentifier": id, "PayloadUUID": p["PayloadUUID"]})
		}
		answer["ProfileList"] = list
	case "EnableLostMode", "DisableLostMode":
		i.lost = strings.HasPrefix(request, "Enable")
	case "DeviceLocation":
		answer["Latitude"], answer["Longitude"], answer["HorizontalAccuracy"] = 51.27891234, 1.08061234, 65.0
	case "ClearPasscode":
		i.passcode = 0
	case "EraseDevice":
		*i = ipad{os: i.os, supervised: i.supervised, profiles: map[string]map[string]any{}, radio: true, did: i.did, installed: i.installed, blank: true}
	}
	return answer
}
