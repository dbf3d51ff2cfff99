package mdm

import (
	"encoding/json"
	"maps"
	"strings"

	"github.com/bellkeep/bellkeep/internal/school"
)

// Setting names one thing that is managed on a device.
type Setting string

// The settings every policy answers for.
const (
	PasscodeSetting Setting = "passcode"
	Camera          Setting = "camera"
	Bluetooth       Setting = "bluetooth"
	Share           Setting = "share"    // AirDrop, Nearby Share
	Screen          Setting = "screen"   // screenshots and recordings
	AutoLock        Setting = "autolock" // seconds until an idle device locks; 0 as the user likes
	Apps            Setting = "apps"     // see Lists
	Web             Setting = "web"      // see Lists
)

// Value is what a setting is or must be, as canonical JSON: no spaces, keys
// sorted. Equal values are equal strings.
type Value string

// The values of a setting that is a switch.
const (
	Allow Value = `"allow"` // on, and cannot be turned off
	Block Value = `"block"` // off, and cannot be turned on
	User  Value = `"user"`  // as the user likes
)

// Passcode is the value of the passcode setting.
type Passcode struct {
	Require   bool `json:"require"`
	MinLength int  `json:"minLength"` // characters; 0 when none is required
}

// Value gives the passcode rule as a value.
func (p Passcode) Value() Value {
	b, _ := json.Marshal(p) // a bool and a number
	v, _ := canonical(b)
	return v
}

// String is the value without its quotes.
func (v Value) String() string { return strings.Trim(string(v), `"`) }

// MarshalJSON gives the value as it is.
func (v Value) MarshalJSON() ([]byte, error) {
	if v == "" {
		return []byte("null"), nil
	}
	return []byte(v), nil
}

// UnmarshalJSON makes any JSON value canonical. Errors: invalid.
func (v *Value) UnmarshalJSON(b []byte) (err error) {
	*v, err = canonical(b)
	return err
}

func canonical(b []byte) (Value, error) {
	if len(b) > MaxValue {
		return "", invalid("A value is longer than %d bytes.", MaxValue)
	}
	if plain(b) {
		return Value(b), nil
	}
	var any any
	if err := json.Unmarshal(b, &any); err != nil {
		return "", err
	}
	if any == nil {
		return "", nil
	}
	out, err := json.Marshal(any)
	return Value(out), err
}

// Set says what each setting is or must be.
type Set map[Setting]Value

// Unmanaged is what holds where a policy says nothing.
func Unmanaged() Set {
	return Set{PasscodeSetting: Passcode{}.Value(), Camera: User, Bluetooth: User, Share: User,
		Screen: User, AutoLock: "0", Apps: Lists{}.Value(), Web: Lists{}.Value()}
}

// over lays s on top of base and leaves both as they were.
func (s Set) over(base Set) Set {
	out := make(Set, len(base)+len(s))
	maps.Copy(out, base)
	maps.Copy(out, s)
	return out
}

// Known reports whether a setting is one of this version's.
func Known(s Setting) bool {
	switch s {
	case PasscodeSetting, Camera, Bluetooth, Share, Screen, AutoLock, Apps, Web:
		return true
	}
	return false
}

// CheckValue refuses a value that a known setting cannot have. Of others it
// says nothing. Errors: invalid.
func CheckValue(s Setting, v Value) error {
	switch {
	case s == PasscodeSetting:
		return checkPasscode(v)
	case s == AutoLock:
		return checkAutoLock(v)
	case s == Apps || s == Web:
		return checkLists(s, v)
	case Known(s) && v != Allow && v != Block && v != User:
		return invalid("%s cannot be %.40s: use allow, block or user.", s, v)
	}
	return nil
}

// Passcodes of 4 to 16 characters are what every platform can ask for.
func checkPasscode(v Value) error {
	var p Passcode
	if err := strict(v, &p); err != nil {
		return invalid("passcode cannot be %.40s: use require and minLength.", v)
	}
	if p.Require && (p.MinLength < 4 || p.MinLength > 16) || !p.Require && p.MinLength != 0 {
		return invalid("passcode needs a minLength of 4 to 16, and 0 when none is required.")
	}
	return nil
}

// strict reads a value whole: a rule only half understood is not kept.
func strict(v Value, into any) error {
	dec := json.NewDecoder(strings.NewReader(string(v)))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}

// The shortest and the longest time to lock that every platform knows, in seconds.
const (
	shortestLock = 30
	longestLock  = 3600
)

func checkAutoLock(v Value) error {
	var seconds int
	if err := strict(v, &seconds); err != nil || seconds != 0 && (seconds < shortestLock || seconds > longestLock) {
		return invalid("autolock is 0 or %d to %d seconds.", shortestLock, longestLock)
	}
	return nil
}

// Filters reports whether a setting is one of those that filter what people see
// or with whom they share. Changing them takes a reviewed request.
func (s Setting) Filters() bool { return s == Share || s == Apps || s == Web }

// form refuses a set with too many settings, or with a name or value that has
// not the form of one. Errors: invalid.
func (s Set) form() error {
	if len(s) > MaxSettings {
		return invalid("A set has %d settings; the limit is %d.", len(s), MaxSettings)
	}
	for name, v := range s {
		if !school.ValidID(string(name)) || v == "" {
			return invalid("A set has the setting %.40q with the value %.40q.", name, v)
		}
	}
	return nil
}
