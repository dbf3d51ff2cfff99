package change

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/mdm"
)

// Settings are all settings in the order people are shown them.
var Settings = []mdm.Setting{mdm.PasscodeSetting, mdm.AutoLock, mdm.Camera, mdm.Bluetooth, mdm.Share, mdm.Screen, mdm.Apps, mdm.Web}

// SettingWords is what people call a setting.
func SettingWords(s mdm.Setting) string {
	words := map[mdm.Setting]string{mdm.PasscodeSetting: "Passcode", mdm.AutoLock: "Lock when idle", mdm.Camera: "Camera", mdm.Bluetooth: "Bluetooth",
		mdm.Share: "AirDrop and sharing nearby", mdm.Screen: "Screenshots", mdm.Apps: "Apps", mdm.Web: "Websites"}
	if w, ok := words[s]; ok {
		return w
	}
	return string(s)
}

// ValueWords is what a value of a setting means to people. Lists go by the names
// that rules give them.
func ValueWords(r mdm.Rules, s mdm.Setting, v mdm.Value) string {
	switch {
	case v == "":
		return "not said here"
	case v == mdm.Allow:
		return "always on"
	case v == mdm.Block:
		return "off"
	case v == mdm.User:
		return asTheUserLikes
	case s == mdm.PasscodeSetting:
		return passcodeWords(v)
	case s == mdm.AutoLock:
		return lockWords(v)
	}
	switch l := (asked{Value: v}).lists(); {
	case len(l.Block) > 0:
		return "all but " + listNames(r, l.Block)
	case len(l.Only) > 0:
		return "only " + listNames(r, l.Only)
	}
	return "all"
}

// StateWords is what a value of a setting means of a device: how it is, or is to be.
// They also end a sentence such as "The camera was".
func StateWords(s mdm.Setting, v mdm.Value) string {
	words := ValueWords(mdm.Rules{}, s, v)
	switch {
	case v == "":
		return "not known"
	case v == mdm.Allow:
		return "on"
	case s == mdm.PasscodeSetting && words == noPasscode:
		return "not asked for"
	case s == mdm.PasscodeSetting:
		return "asked for, with " + words
	case s == mdm.AutoLock && words != asTheUserLikes:
		return "set to " + words
	case s == mdm.Apps, s == mdm.Web:
		return "allowed: " + words
	}
	return words
}

const (
	asTheUserLikes = "as the user likes"
	noPasscode     = "none needed"
)

func passcodeWords(v mdm.Value) string {
	var p mdm.Passcode
	if json.Unmarshal([]byte(v), &p) != nil || !p.Require {
		return noPasscode
	}
	return fmt.Sprintf("%d characters or more", p.MinLength)
}

func lockWords(v mdm.Value) string {
	seconds, err := strconv.Atoi(string(v))
	switch {
	case err != nil || seconds == 0:
		return asTheUserLikes
	case seconds%60 == 0:
		return plural(seconds/60, "minute")
	}
	return plural(seconds, "second")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// listNames are the names of lists, which in a document carry a digest.
func listNames(r mdm.Rules, ids []string) string {
	var names []string
	for _, id := range ids {
		id, _, _ = strings.Cut(id, "@")
		names = append(names, nameOf(r.Lists, id, func(l mdm.List) (string, string) { return l.ID, l.Name }))
	}
	return series(names)
}

// GroupWords is what people call a group.
func GroupWords(r mdm.Rules, id string) string {
	return nameOf(r.Groups, id, func(g mdm.Group) (string, string) { return g.ID, g.Name })
}

// ProfileWords is what people call a profile.
func ProfileWords(r mdm.Rules, id string) string {
	return nameOf(r.Profiles, id, func(p mdm.Profile) (string, string) { return p.ID, p.Name })
}

func nameOf[T any](list []T, id string, of func(T) (id, name string)) string {
	for _, v := range list {
		if known, name := of(v); known == id && name != "" {
			return name
		}
	}
	return id
}

// KindWords is what people call a kind of period, after a comma.
func KindWords(m mdm.Mode) string {
	words := map[mdm.Mode]string{mdm.Lesson: "in lessons", mdm.Break: "at break", "lunch": "at lunch", "registration": "in registration",
		"assembly": "in assembly", "exam": "in exams", mdm.Home: "outside school", otherPeriod: "in other periods"}
	if w, ok := words[m]; ok {
		return w
	}
	return "during " + string(m)
}

// series is a, b and c.
func series(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	last := len(list) - 1
	return strings.Join(list[:last], ", ") + " and " + list[last]
}

// added and removed are what one list has and the other has not.
func added(before, after []string) []string {
	return slices.DeleteFunc(slices.Clone(after), func(v string) bool { return slices.Contains(before, v) })
}
