package apple

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
)

// rules that differ from Unmanaged by what is given.
func ruled(change mdm.Set) mdm.Set {
	set := mdm.Unmanaged()
	maps.Copy(set, change)
	return set
}

var lesson = ruled(mdm.Set{mdm.Camera: mdm.Block, mdm.Bluetooth: mdm.Block, mdm.Share: mdm.Block})

// day makes stages of an hour each, the last of them without an end.
func (w *world) day(sets ...mdm.Set) mdm.Stage {
	s := mdm.Stage{Mode: "m", Set: sets[0]}
	if len(sets) > 1 {
		next := w.later(time.Hour).day(sets[1:]...)
		s.Until, s.Fallback = w.now.Add(time.Hour), &next
	}
	return s
}

// later is the same world after a time.
func (w *world) later(d time.Duration) *world {
	l := *w
	l.now = l.now.Add(d)
	return &l
}

// begin is an iPad that has come to what is wanted.
func begin(t *testing.T, supervised bool, sets ...mdm.Set) *world {
	w := empty(t)
	w.pad.supervised = supervised
	w.enrol()
	w.want(w.day(sets...))
	w.fine()
	return w
}

func (w *world) fine() { w.fates() }

// fates polls; each command has its fate, and those after the last are fine.
func (w *world) fates(list ...fate) {
	w.poll(func() (f fate) {
		if len(list) > 0 {
			f, list = list[0], list[1:]
		}
		return f
	})
}

// does is what the iPad did since it was last asked.
func (w *world) does() string {
	did := strings.Join(w.pad.did, " ")
	w.pad.did = nil
	return did
}

func (w *world) wantDid(want string) {
	w.Helper()
	if did := w.does(); did != want {
		w.Errorf("it did %q, want %q", did, want)
	}
}

func (w *world) says(s mdm.Setting, state mdm.State, detail string) {
	w.Helper()
	if o := w.dev.Report("s", w.now).Set[s]; o.State != state || !strings.Contains(o.Detail, detail) {
		w.Errorf("%s is %+v, want %s, %q", s, o, state, detail)
	}
}

func TestAnIPadThatSleptGetsOneProfile(t *testing.T) {
	other := ruled(mdm.Set{mdm.Screen: mdm.Block, mdm.Bluetooth: mdm.Block})
	w := begin(t, true, ruled(nil), lesson, ruled(nil), other, ruled(nil), lesson, ruled(nil))
	w.does()
	had := w.pad.installed
	w.now = w.now.Add(5*time.Hour + time.Minute)
	w.fine()
	if w.pad.installed != had+1 || w.pad.may("allowCamera") || !w.pad.may("allowScreenShot") {
		t.Errorf("it got %d profiles: %s", w.pad.installed-had, w.does())
	}
	w.says(mdm.Camera, mdm.Applied, "")
	w.says(mdm.Bluetooth, mdm.Applied, "")
}

func TestNotNowIsPendingUntilItComesByAgain(t *testing.T) {
	w := begin(t, true, ruled(nil))
	w.want(w.day(lesson))
	w.does()
	w.fates(fine, notNow)
	w.wantDid("Settings")
	w.says(mdm.Camera, mdm.Updating, "pending: locked")
	if w.dev.Behind(w.now) || !w.dev.Behind(w.now.Add(wakeNotNow)) {
		t.Error("it is woken at once, or never")
	}
	w.fine()
	w.wantDid("Settings InstallProfile")
	w.says(mdm.Camera, mdm.Applied, "")
}

func TestUnsupervisedIsUnsupportedWithTheReason(t *testing.T) {
	w := begin(t, false, ruled(mdm.Set{mdm.Camera: mdm.Block, mdm.Bluetooth: mdm.Block, mdm.Share: mdm.Block, mdm.Apps: `{"block":["games"]}`, mdm.Web: `{"only":["school"]}`}))
	for _, s := range []mdm.Setting{mdm.Bluetooth, mdm.Share, mdm.Apps, mdm.Web} {
		w.says(s, mdm.Unsupported, "only on a supervised device; this one is not")
	}
	w.says(mdm.Camera, mdm.Applied, "")
	w.says(mdm.Screen, mdm.Applied, "")
}

func TestAVersionTooOldIsUnsupportedWithTheReason(t *testing.T) {
	w := empty(t)
	w.pad.os = "14.4"
	w.enrol()
	w.want(w.day(ruled(mdm.Set{mdm.Apps: `{"block":["games"]}`, mdm.Camera: mdm.Block})))
	w.fine()
	w.says(mdm.Apps, mdm.Unsupported, "only from version 15; it runs 14.4")
	w.pad.os, w.now = "18.1", w.now.Add(freshInfo)
	w.fine()
	w.says(mdm.Apps, mdm.Applied, "")
}

func TestBluetoothIsSetBeforeItIsLocked(t *testing.T) {
	w := begin(t, true, ruled(nil))
	steps := []struct {
		value mdm.Value
		did   string
	}{
		{mdm.Block, "Settings InstallProfile"},
		{mdm.Allow, "InstallProfile Settings InstallProfile"},
		{mdm.User, "InstallProfile"},
		{mdm.Block, "Settings InstallProfile"},
		{mdm.User, "InstallProfile Settings"}, // it was taken, and is given back
	}
	for _, s := range steps {
		w.does()
		w.want(w.day(ruled(mdm.Set{mdm.Bluetooth: s.value})))
		w.fine()
		w.wantDid(s.did)
		w.says(mdm.Bluetooth, mdm.Applied, "")
	}
	if !w.pad.radio {
		t.Error("Bluetooth was not given back")
	}
}

func TestBluetoothIsAsItsOwnStatusSays(t *testing.T) {
	w := begin(t, true, ruled(nil))
	w.want(w.day(lesson))
	refuses := func() {
		w.answer("", "Idle", nil)
		for range 20 {
			c, _, _ := w.dev.Next(w.now, w.ports())
			if c == nil {
				break
			}
			a := w.pad.obey(c.Raw)
			if c.RequestType == cmdSettings {
				w.pad.radio = true
				a["Settings"] = []any{map[string]any{"Item": "Bluetooth", "Status": "Error", "ErrorChain": []any{map[string]any{"USEnglishDescription": "The radio is busy."}}}}
			}
			w.answer(c.UUID, "Acknowledged", a)
		}
	}
	refuses()
	w.says(mdm.Bluetooth, mdm.Failure, "The radio is busy.")
	w.says(mdm.Camera, mdm.Applied, "")
	if !w.pad.may("allowBluetoothModification") {
		t.Error("Bluetooth was locked while it is on")
	}
	w.does()
	w.fine()
	w.wantDid("") // it rests
	w.now = w.now.Add(firstRest)
	w.fine()
	w.wantDid("Settings InstallProfile")
	w.says(mdm.Bluetooth, mdm.Applied, "")
}

func TestALostAnswerIsAskedFor(t *testing.T) {
	w := begin(t, true, ruled(nil))
	w.does()
	w.want(w.day(ruled(mdm.Set{mdm.Camera: mdm.Block})))
	w.fates(unsaid)
	w.says(mdm.Camera, mdm.Updating, "")
	w.want(w.day(ruled(nil))) // what it had before: only it knows what it has
	w.says(mdm.Camera, mdm.Updating, "")
	w.fine()
	w.wantDid("InstallProfile ProfileList InstallProfile")
	w.says(mdm.Camera, mdm.Applied, "")
}

func TestAProfileTakenOffIsPutBackWithEverLongerRests(t *testing.T) {
	w := begin(t, true, ruled(mdm.Set{mdm.Camera: mdm.Block}))
	takeOff := func() (events []mdm.Event) {
		clear(w.pad.profiles)
		w.now = w.now.Add(freshList)
		w.hidden[cmdList], w.pad.did = true, nil
		w.answer("", "Idle", nil)
		c, _, _ := w.dev.Next(w.now, w.ports())
		_, events, _ = w.dev.Answer(w.now, c.UUID, "Acknowledged", mustPlist(t, w.pad.obey(c.Raw)))
		w.says(mdm.Camera, mdm.Overridden, "taken off")
		delete(w.hidden, cmdList)
		w.fine()
		return events
	}
	if e := takeOff(); len(e) != 1 || e[0].Kind != "drift" {
		t.Errorf("%v", e)
	}
	w.wantDid("ProfileList InstallProfile")
	w.says(mdm.Camera, mdm.Applied, "")
	takeOff()
	w.wantDid("ProfileList")
	w.now = w.now.Add(firstRest)
	w.fine()
	w.wantDid("InstallProfile")
}

func TestErrorsStandUntilTheNextTry(t *testing.T) {
	w := begin(t, true, ruled(nil))
	w.want(w.day(ruled(mdm.Set{mdm.Camera: mdm.Block})))
	w.fates(fails)
	w.says(mdm.Camera, mdm.Failure, "Error no")
	w.says(mdm.Screen, mdm.Applied, "")
	w.does()
	w.fine()
	w.wantDid("")
	w.want(w.day(ruled(mdm.Set{mdm.Camera: mdm.Block, mdm.Screen: mdm.Block}))) // another version is no second try
	w.fine()
	w.wantDid("InstallProfile")
	if rest(1) != firstRest || rest(2) != 2*firstRest || rest(40) != longRest {
		t.Errorf("it rests %v, %v, %v", rest(1), rest(2), rest(40))
	}
}

func TestAProfileThatCannotBeSignedIsNotGiven(t *testing.T) {
	w := begin(t, true, ruled(nil))
	w.want(w.day(ruled(mdm.Set{mdm.Camera: mdm.Block})))
	ports := w.ports()
	ports.Sign = func([]byte) ([]byte, error) { return nil, errors.New("no key") }
	if c, _, err := w.dev.Next(w.now, ports); c != nil || err == nil || w.dev.Out != nil {
		t.Errorf("%v %v %v", c, err, w.dev.Out)
	}
	w.fine()
	w.says(mdm.Camera, mdm.Applied, "")
}

func TestAPasscodeWaitsForItsUser(t *testing.T) {
	w := begin(t, true, ruled(mdm.Set{mdm.PasscodeSetting: mdm.Passcode{Require: true, MinLength: 6}.Value()}))
	w.says(mdm.PasscodeSetting, mdm.UserAction, "set a passcode")
	w.pad.passcode = 4
	w.now = w.now.Add(lookAgain)
	w.fine()
	w.says(mdm.PasscodeSetting, mdm.UserAction, "longer")
	w.pad.passcode = 6
	if w.now = w.now.Add(wakeUser); !w.dev.Behind(w.now) {
		t.Error("it is not woken to say whether it has one")
	}
	w.fine()
	w.says(mdm.PasscodeSetting, mdm.Applied, "")
}

// What was said of a passcode before the rule was lifted does not count when it is back.
func TestAPasscodeIsAskedAboutAnew(t *testing.T) {
	six := ruled(mdm.Set{mdm.PasscodeSetting: mdm.Passcode{Require: true, MinLength: 6}.Value()})
	w := empty(t)
	w.pad.passcode = 6
	w.enrol()
	w.want(w.day(six))
	w.fine()
	w.says(mdm.PasscodeSetting, mdm.Applied, "")
	w.want(w.day(ruled(nil)))
	w.fine()
	w.pad.passcode = 0
	w.want(w.day(six))
	w.fates(fine, notNow)
	w.says(mdm.PasscodeSetting, mdm.Updating, "has not said yet")
	w.fine()
	w.says(mdm.PasscodeSetting, mdm.UserAction, "set a passcode")
}

func TestAnEntryWithAWildcardIsLeftOut(t *testing.T) {
	w := begin(t, true, ruled(nil))
	w.want(w.day(ruled(mdm.Set{mdm.Web: `{"block":["wild"]}`, mdm.Apps: `{"only":["none"]}`})))
	w.dev.Want.Lists = map[string][]string{"wild": {"*.example.org", "example.com"}, "none": {}}
	w.fine()
	w.says(mdm.Web, mdm.Unsupported, "entries left out: 1; the others")
	if got := w.pad.items(webFilter, "DenyListURLs"); len(got) != 2 || got[0] != "http://example.com" {
		t.Errorf("%v", got)
	}
	w.says(mdm.Apps, mdm.Invalid, "no list names an app")
}

func TestTooManyAddressesAreUnsupported(t *testing.T) {
	w := begin(t, true, ruled(nil))
	w.want(w.day(ruled(mdm.Set{mdm.Web: `{"block":["long"]}`})))
	long := make([]string, maxAddresses/2+1)
	for n := range long {
		long[n] = "host" + strings.Repeat("x", n) + ".example"
	}
	w.dev.Want.Lists = map[string][]string{"long": long}
	w.fine()
	w.says(mdm.Web, mdm.Unsupported, "about 500 addresses; the lists name 251")
}

func TestADeviceIsAskedHowItIsWhenThatIsOld(t *testing.T) {
	w := begin(t, true, ruled(nil))
	w.does()
	for _, c := range []struct {
		after time.Duration
		did   string
		wakes bool
	}{{time.Minute, "", false}, {freshList, "ProfileList", false}, {freshInfo, "DeviceInformation ProfileList", false}, {wakeFor, "DeviceInformation ProfileList", true}} {
		w.now = w.now.Add(c.after)
		if w.dev.Behind(w.now) != c.wakes {
			t.Errorf("after %v it is woken: %v", c.after, !c.wakes)
		}
		w.fine()
		w.wantDid(c.did)
	}
}

func TestEnrolledAnewNothingIsKnown(t *testing.T) {
	w := begin(t, true, lesson)
	w.pad.supervised = false
	w.enrol()
	w.says(mdm.Camera, mdm.Updating, "")
	w.answer("", "Idle", nil)
	c, _, _ := w.dev.Next(w.now, w.ports())
	_, events, err := w.dev.Answer(w.now, c.UUID, "Acknowledged", mustPlist(t, w.pad.obey(c.Raw)))
	if err != nil || len(events) != 1 || events[0].Kind != "tamper" {
		t.Errorf("that it is not supervised any more: %v %v", events, err)
	}
	w.fine()
	w.says(mdm.Camera, mdm.Applied, "")
	w.says(mdm.Bluetooth, mdm.Unsupported, "")
	w.dev.Gone(w.now)
	w.says(mdm.Camera, mdm.Failure, "enrol it")
	if c, _, _ := w.dev.Next(w.now, w.ports()); c != nil || w.dev.Behind(w.now) {
		t.Error("what is gone is asked for something")
	}
	w.fine() // it is not gone after all
	w.says(mdm.Camera, mdm.Applied, "")
}

func TestWithoutADocumentNothingIsInstalled(t *testing.T) {
	w := empty(t)
	w.enrol()
	w.fine()
	w.wantDid("DeviceInformation ProfileList")
	if _, err := w.dev.Accept(mdm.Desired{Dev: "ipad-8", Rev: 1}); err == nil {
		t.Error("a document for another device was taken")
	}
	w.want(w.day(lesson))
	w.want(w.day(lesson))
	if _, err := w.dev.Accept(mdm.Desired{Dev: "ipad-7", Rev: 1}); err == nil {
		t.Error("an older document was taken")
	}
}

func TestARestartForgetsNothing(t *testing.T) {
	w := begin(t, true, ruled(mdm.Set{mdm.Bluetooth: mdm.Block, mdm.PasscodeSetting: mdm.Passcode{Require: true, MinLength: 6}.Value()}), lesson)
	w.does()
	w.restart()
	w.fine()
	w.wantDid("")
	w.want(w.day(lesson, ruled(nil)))
	w.fates(notNow)
	w.restart()
	w.fates(unsaid)
	w.restart()
	w.fine()
	w.says(mdm.Camera, mdm.Applied, "")
}
