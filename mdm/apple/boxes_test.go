package apple

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
)

func TestABoxEndsByItself(t *testing.T) {
	w := begin(t, true, lesson, ruled(nil))
	w.says(mdm.Camera, mdm.Applied, "")
	if len(w.pad.profiles) != 2 {
		t.Fatalf("%v", w.pad.profiles)
	}
	w.does()
	w.now = w.now.Add(time.Hour)
	w.pad.pass(w.now)
	if !w.pad.may("allowCamera") || !w.pad.may("allowBluetoothModification") {
		t.Error("out of reach it is still as in the lesson")
	}
	w.says(mdm.Camera, mdm.Updating, "")
	w.fine()
	w.wantDid("ProfileList Settings")
	w.says(mdm.Camera, mdm.Applied, "")
}

func TestABoxThatDoesNotEndIsRemoved(t *testing.T) {
	w := begin(t, true, lesson, ruled(nil))
	w.does()
	for _, p := range w.pad.profiles {
		delete(p, "RemovalDate") // its clock stands still
	}
	w.now = w.now.Add(time.Hour)
	w.fine()
	w.wantDid("ProfileList RemoveProfile Settings")
	w.says(mdm.Camera, mdm.Applied, "")
}

func TestABoxIsRemovedWhenItsLessonEndsEarly(t *testing.T) {
	w := begin(t, true, lesson, ruled(nil))
	w.does()
	w.want(w.day(ruled(nil)))
	w.fine()
	w.wantDid("RemoveProfile Settings")
	w.says(mdm.Camera, mdm.Applied, "")
}

func TestEndsTellsWhatEndsByItself(t *testing.T) {
	games, more := mdm.Value(`{"block":["games"]}`), mdm.Value(`{"block":["games","school"]}`)
	six := mdm.Passcode{Require: true, MinLength: 6}.Value()
	first := ruled(mdm.Set{mdm.Camera: mdm.Block, mdm.Bluetooth: mdm.Block, mdm.Apps: more, mdm.PasscodeSetting: six})
	then := ruled(mdm.Set{mdm.Apps: games, mdm.Screen: mdm.Block})
	for name, c := range map[string]struct {
		supervised bool
		one        bool
		byItself   []mdm.Setting
	}{
		"supervised":   {true, false, []mdm.Setting{mdm.Bluetooth, mdm.Camera}},
		"one profile":  {true, true, nil},
		"unsupervised": {false, false, nil},
	} {
		w := begin(t, c.supervised, first, then)
		w.dev.OneProfile = c.one
		var got []mdm.Setting
		for _, e := range w.dev.Ends(w.now) {
			if e.ByItself {
				got = append(got, e.Setting)
			}
			if e.Why == "" || !e.At.Equal(w.now.Add(time.Hour)) || e.From == e.To {
				t.Errorf("%s: %+v", name, e)
			}
			t.Log(name, e.Setting, e.ByItself, e.Why)
		}
		if !slices.Equal(got, c.byItself) {
			t.Errorf("%s: %v end by themselves", name, got)
		}
	}
}

// Nothing in the box is lifted before the last of it ends.
func TestABoxLastsUntilTheLastOfItEnds(t *testing.T) {
	camera := ruled(mdm.Set{mdm.Camera: mdm.Block})
	w := begin(t, true, lesson, camera, ruled(nil))
	w.now = w.now.Add(time.Hour + time.Minute)
	w.pad.pass(w.now)
	if w.pad.may("allowCamera") {
		t.Error("the camera was let go with what ended earlier")
	}
	for _, e := range w.dev.Ends(w.now.Add(-time.Hour)) {
		if early := e.Setting == mdm.Share; early == e.ByItself && e.Setting != mdm.Bluetooth {
			t.Errorf("%+v", e)
		}
	}
	w.fine()
	w.says(mdm.Share, mdm.Applied, "")
}

// A ban that moves from one profile to the other has no hole, whichever way it moves.
func TestABanHasNoHoleWhenItChangesProfile(t *testing.T) {
	for name, order := range map[string][2][]mdm.Set{
		"it comes to end":    {{lesson}, {lesson, ruled(nil)}},
		"it comes to go on":  {{lesson, ruled(nil)}, {lesson}},
		"it ends at another": {{lesson, ruled(nil)}, {lesson, lesson, ruled(nil)}},
	} {
		w := begin(t, true, order[0]...)
		w.want(w.day(order[1]...))
		w.does()
		w.poll(func() fate {
			if w.pad.may("allowCamera") || w.pad.may("allowAirDrop") {
				t.Errorf("%s: there is a hole after %v", name, w.pad.did)
			}
			return fine
		})
		if w.says(mdm.Camera, mdm.Applied, ""); !strings.Contains(w.does(), cmdInstall) {
			t.Errorf("%s: nothing moved", name)
		}
	}
}

func TestWhatAnotherValueFollowsStaysUntilItIsReached(t *testing.T) {
	w := begin(t, true, ruled(mdm.Set{mdm.Apps: `{"only":["school"]}`, mdm.Camera: mdm.Block}), ruled(mdm.Set{mdm.Apps: `{"block":["games"]}`}))
	w.now = w.now.Add(time.Hour)
	w.pad.pass(w.now)
	if !w.pad.may("allowCamera") || len(w.pad.items(restrictions, "allowListedAppBundleIDs")) == 0 {
		t.Errorf("out of reach it has %v", w.pad.profiles)
	}
	w.fine()
	w.says(mdm.Apps, mdm.Applied, "")
}

// While a key moves to the other profile with another value, both are there.
func TestTwoValuesOfOneRuleAreNeither(t *testing.T) {
	w := begin(t, true, ruled(mdm.Set{mdm.Apps: `{"block":["games","school"]}`}))
	w.want(w.day(ruled(mdm.Set{mdm.Apps: `{"block":["games"]}`}), ruled(nil)))
	w.fates(fine, notNow)
	if len(w.pad.profiles) != 2 {
		t.Fatalf("it has %v", w.pad.profiles)
	}
	w.says(mdm.Apps, mdm.Updating, "pending: locked")
	w.fine()
	w.says(mdm.Apps, mdm.Applied, "")
}

func TestAVersionNobodyRemembersIsRemoved(t *testing.T) {
	w := empty(t)
	w.enrol()
	w.want(w.day(lesson, ruled(nil)))
	w.fates(fine, fine, fine, unsaid) // of a device that enrolled just now, anything may be
	w.want(w.day(ruled(nil)))
	w.does()
	w.fine()
	if did := w.does(); !strings.Contains(did, "ProfileList RemoveProfile") || !w.pad.may("allowCamera") {
		t.Errorf("it did %s and has %v", did, w.pad.profiles)
	}
	w.says(mdm.Camera, mdm.Applied, "")
}
