package devicehistory

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/mdm/history"
)

// settings are those that can be asked of, in the order they are shown in.
var settings = []mdm.Setting{mdm.Camera, mdm.Bluetooth, mdm.Share, mdm.Screen, mdm.PasscodeSetting, mdm.AutoLock, mdm.Apps, mdm.Web}

// subject is a setting as a sentence begins with it.
func subject(s mdm.Setting) string {
	switch s {
	case mdm.Camera, mdm.PasscodeSetting:
		return "The " + strings.ToLower(change.SettingWords(s)) + " was"
	case mdm.AutoLock:
		return "Locking when idle was"
	case mdm.Screen:
		return "Taking screenshots was"
	case mdm.Apps, mdm.Web:
		return change.SettingWords(s) + " were"
	}
	return change.SettingWords(s) + " was"
}

// verdictWords are how a device stood.
func verdictWords(v mdm.Verdict) string {
	words := map[mdm.Verdict]string{mdm.InForce: "in force", mdm.Pending: "being set", mdm.Late: "late to answer", mdm.Offline: "offline", mdm.Violating: "not as it must be",
		mdm.Rejected: "said what cannot be true", mdm.AwaitsUser: "waiting for its user", mdm.OnlyAssumed: "assumed", mdm.Unknown: "never heard of"}
	return words[v]
}

func missedWords(m history.Missed) string {
	words := []string{"The bell for " + m.Bell + " did not take."}
	exam := len(m.Violating) + m.More
	if exam > 0 {
		words = append(words, count(exam, "device is", "devices are")+" not as they must be in an exam.")
	}
	if m.Late > 0 {
		words = append(words, fmt.Sprintf("%d of %s had not answered a minute later.", m.Late, count(m.Devices, "device", "devices")))
	}
	if len(m.Groups) > 0 && exam == 0 {
		worst := m.Groups[0]
		words = append(words, fmt.Sprintf("Worst in %s: %d of %d.", worst.ID, worst.Late+worst.Violating, worst.Of))
	}
	return strings.Join(words, " ")
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// took is a length of time for people: 1 h 29 min, 2 min 1 s. Nothing is told as
// longer than it was: 42.6 s are 42 s, as the clocks beside them say.
func took(d time.Duration) string {
	if d > 0 && d < time.Second {
		return "under 1 s"
	}
	var parts []string
	for _, unit := range []struct {
		name string
		of   time.Duration
	}{{"h", time.Hour}, {"min", time.Minute}, {"s", time.Second}} {
		if n := d / unit.of; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, unit.name))
			d -= n * unit.of
		}
	}
	if len(parts) == 0 {
		return "0 s"
	}
	return strings.Join(parts[:min(2, len(parts))], " ")
}
