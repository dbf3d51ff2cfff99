package headwind

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/mdm"
)

// ServerConfig is what the agent fetches, as far as it is used. What is left out
// the agent leaves to the phone.
type ServerConfig struct {
	Bluetooth          *bool  `json:"bluetooth,omitempty"` // looked at every ten seconds, by the agent
	DisableScreenshots bool   `json:"disableScreenshots,omitempty"`
	FactoryReset       bool   `json:"factoryReset,omitempty"`  // asks before it does
	KeepaliveTime      int    `json:"keepaliveTime,omitempty"` // seconds
	Lock               bool   `json:"lock,omitempty"`          // covers the home screen
	LockMessage        string `json:"lockMessage,omitempty"`
	ManageTimeout      bool   `json:"manageTimeout,omitempty"` // the user cannot set Timeout
	PasswordMode       string `json:"passwordMode,omitempty"`
	PasswordReset      string `json:"passwordReset,omitempty"` // set at every update, one without a network too
	PushOptions        string `json:"pushOptions"`
	Restrictions       string `json:"restrictions,omitempty"` // keys of Android's UserManager, with commas
	Timeout            int    `json:"timeout,omitempty"`      // seconds until the screen goes dark, from Android 9 on
}

// Push is how a phone learns that there is something to fetch.
type Push string

// The ways. A phone that is to listen polls as well, should it not get through.
const (
	ByMQTT Push = "mqttAlarm"
	ByPoll Push = "polling"
)

// translation is a configuration in the making.
type translation struct {
	ServerConfig
	restrictions []string
}

// Configure gives what a phone must fetch for what a stage wants, and for each
// setting how far the agent can do that: assumed for what it is asked, invalid or
// unsupported for what it cannot be asked.
func Configure(want mdm.Set, push Push) (ServerConfig, map[mdm.Setting]mdm.Outcome) {
	t := translation{ServerConfig: ServerConfig{PushOptions: string(push)}}
	if push == ByMQTT {
		t.KeepaliveTime = keepAlive
	}
	asked := make(map[mdm.Setting]mdm.Outcome, len(want))
	for s, v := range want {
		if err := mdm.CheckValue(s, v); err != nil {
			asked[s] = mdm.Outcome{State: mdm.Invalid, Detail: mdm.Cut(err.Error())}
			continue
		}
		o := t.ask(s, v)
		o.Detail = mdm.Cut(o.Detail)
		asked[s] = o
	}
	slices.Sort(t.restrictions)
	t.Restrictions = strings.Join(slices.Compact(t.restrictions), ",")
	return t.ServerConfig, asked
}

// ask asks the agent for one setting.
func (t *translation) ask(s mdm.Setting, v mdm.Value) mdm.Outcome {
	switch s {
	case mdm.PasscodeSetting:
		return t.passcode(v)
	case mdm.Camera:
		return t.restrict(v, "", "no_camera")
	case mdm.Bluetooth:
		if v != mdm.User {
			on := v == mdm.Allow
			t.Bluetooth = &on
		}
		return t.restrict(v, "", "no_bluetooth", "no_config_bluetooth", "no_bluetooth_sharing")
	case mdm.Share:
		return t.restrict(v, "Bluetooth and beam; Quick Share by Wi-Fi is not stopped", "no_bluetooth_sharing", "no_outgoing_beam")
	case mdm.Screen:
		t.DisableScreenshots = v == mdm.Block
		return mdm.Outcome{State: mdm.Assumed}
	case mdm.AutoLock:
		return t.autoLock(v)
	case mdm.Apps:
		return leftAlone(v == mdm.Lists{}.Value(), "the agent can only remove an app with all it holds, not hide it")
	case mdm.Web:
		return leftAlone(v == mdm.Lists{}.Value(), "the agent knows no lists of addresses")
	}
	return mdm.Outcome{State: mdm.Unsupported, Detail: "this gateway does not know the setting"}
}

// autoLock asks for a dark screen, after which Android locks the phone by itself.
func (t *translation) autoLock(v mdm.Value) mdm.Outcome {
	seconds, err := strconv.Atoi(string(v))
	if err != nil || seconds == 0 { // checked before
		return mdm.Outcome{State: mdm.Assumed, Detail: "left to the user"}
	}
	t.ManageTimeout, t.Timeout = true, seconds
	return mdm.Outcome{State: mdm.Assumed, Detail: "the screen goes dark then, from Android 9 on"}
}

// restrict adds restrictions where a switch is to be off; limits says what they
// leave open.
func (t *translation) restrict(v mdm.Value, limits string, keys ...string) mdm.Outcome {
	if v != mdm.Block {
		return mdm.Outcome{State: mdm.Assumed}
	}
	t.restrictions = append(t.restrictions, keys...)
	return mdm.Outcome{State: mdm.Assumed, Detail: limits}
}

// leftAlone is the outcome of a setting the agent cannot be asked for.
func leftAlone(nothingWanted bool, why string) mdm.Outcome {
	if nothingWanted {
		return mdm.Outcome{State: mdm.Assumed, Detail: "left to the user"}
	}
	return mdm.Outcome{State: mdm.Unsupported, Detail: why}
}

// The passcodes an agent can ask for, the weakest first. It knows "present", of
// one digit, and "strong", of eight with signs, besides: no rule needs these.
var passwordModes = []struct {
	length int
	mode   string
}{{6, "easy"}, {8, "moderate"}} // digits; letters and digits

// passcode asks for the weakest passcode that is long enough. Where none is, the
// longest is asked for, which is better than none.
func (t *translation) passcode(v mdm.Value) mdm.Outcome {
	var p mdm.Passcode
	if err := json.Unmarshal([]byte(v), &p); err != nil || !p.Require { // checked before
		return mdm.Outcome{State: mdm.Assumed, Detail: "left to the user"}
	}
	for _, m := range passwordModes {
		t.PasswordMode = m.mode
		if p.MinLength <= m.length {
			return mdm.Outcome{State: mdm.Assumed, Detail: fmt.Sprintf("%d characters, asked for at the phone's home screen", m.length)}
		}
	}
	return mdm.Outcome{State: mdm.Unsupported, Detail: fmt.Sprintf("the agent asks for 8 characters at most, not for %d", p.MinLength)}
}

// encode gives a configuration as it travels, and a sum that tells it from others.
func (c ServerConfig) encode() (data []byte, sum string) {
	data, _ = json.Marshal(c) // strings, numbers and switches
	digest := sha256.Sum256(data)
	return data, hex.EncodeToString(digest[:16])
}
