package change

import (
	"testing"

	"github.com/bellkeep/bellkeep/mdm"
)

// Every setting has a name of its own, and every value words that say it of a rule
// and of a device.
func TestEverySettingHasWords(t *testing.T) {
	named := map[string]bool{}
	for s := range mdm.Unmanaged() {
		w := SettingWords(s)
		if w == string(s) || named[w] {
			t.Errorf("%s is called %q", s, w)
		}
		named[w] = true
	}
	for _, c := range []struct {
		setting   mdm.Setting
		value     mdm.Value
		rule, dev string
	}{
		{mdm.Camera, mdm.Block, "off", "off"},
		{mdm.Camera, mdm.Allow, "always on", "on"},
		{mdm.Share, mdm.User, "as the user likes", "as the user likes"},
		{mdm.Bluetooth, "", "not said here", "not known"},
		{mdm.PasscodeSetting, (mdm.Passcode{Require: true, MinLength: 6}).Value(), "6 characters or more", "asked for, with 6 characters or more"},
		{mdm.PasscodeSetting, (mdm.Passcode{}).Value(), "none needed", "not asked for"},
		{mdm.AutoLock, "120", "2 minutes", "set to 2 minutes"},
		{mdm.AutoLock, "45", "45 seconds", "set to 45 seconds"},
		{mdm.AutoLock, "0", "as the user likes", "as the user likes"},
		{mdm.Apps, `{"block":["games"]}`, "all but games", "allowed: all but games"},
		{mdm.Web, `{"only":["exam-sites@1f"]}`, "only exam-sites", "allowed: only exam-sites"},
		{mdm.Web, `{}`, "all", "allowed: all"},
	} {
		if got := ValueWords(mdm.Rules{}, c.setting, c.value); got != c.rule {
			t.Errorf("a rule %s %s says %q, want %q", c.setting, c.value, got, c.rule)
		}
		if got := StateWords(c.setting, c.value); got != c.dev {
			t.Errorf("a device with %s %s is %q, want %q", c.setting, c.value, got, c.dev)
		}
	}
}
