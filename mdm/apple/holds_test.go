package apple

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/mdm"
)

// holds reports whether the iPad itself is as a value says.
func (i *ipad) holds(s mdm.Setting, v mdm.Value) bool {
	const access, pass, filter = "com.apple.applicationaccess", "com.apple.mobiledevice.passwordpolicy", "com.apple.webcontent-filter"
	want := func(kind string) (list []string) {
		for _, name := range []string{"games", "school"} {
			if strings.Contains(string(v), kind) && strings.Contains(string(v), name) {
				list = append(list, lists[name]...)
			}
		}
		slices.Sort(list)
		return list
	}
	switch s {
	case mdm.Camera:
		return i.may("allowCamera") == (v != mdm.Block)
	case mdm.Share:
		return i.may("allowAirDrop") == (v != mdm.Block)
	case mdm.Screen:
		return i.may("allowScreenShot") == (v != mdm.Block)
	case mdm.Bluetooth:
		return i.may("allowBluetoothModification") == (v == mdm.User) && (v == mdm.User || i.radio == (v == mdm.Allow))
	case mdm.PasscodeSetting:
		var p mdm.Passcode
		_ = json.Unmarshal([]byte(v), &p)
		return i.number(pass, "minLength", true) == p.MinLength && (!p.Require || i.passcode >= p.MinLength)
	case mdm.AutoLock:
		seconds, _ := strconv.Atoi(string(v))
		return i.number(pass, "maxInactivity", false) == min(seconds/60, 15)
	case mdm.Apps:
		return slices.Equal(i.items(access, "blockedAppBundleIDs"), want("block")) && slices.Equal(i.items(access, "allowListedAppBundleIDs"), want("only"))
	default:
		both := func(hosts []string, by ...string) (urls []string) {
			for _, h := range hosts {
				for _, b := range by {
					urls = append(urls, b+h)
				}
			}
			slices.Sort(urls)
			return urls
		}
		return slices.Equal(i.items(filter, "DenyListURLs"), both(want("block"), "http://", "https://")) &&
			slices.Equal(i.items(filter, "AllowListBookmarks"), both(want("only"), "https://"))
	}
}

// able reports whether an iPad can be asked for a value.
func (i *ipad) able(s mdm.Setting, v mdm.Value) bool {
	switch s {
	case mdm.Bluetooth, mdm.Share:
		return i.supervised || v == mdm.User
	case mdm.Apps, mdm.Web:
		return i.supervised || v == "{}"
	case mdm.AutoLock:
		return v != "45"
	}
	return true
}
