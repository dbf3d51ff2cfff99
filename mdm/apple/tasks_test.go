package apple

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
)

// told tells the device to do something and gives the last answer to that.
func (w *world) told(op mdm.Op, text string) (id string) {
	c := mdm.NewCommand("ipad-7", "c-"+string(op)+"-"+w.now.Format("150405"), op, mdm.Args{Text: text}, w.now, w.now.Add(time.Hour))
	w.heard(w.dev.Ask(c, w.now))
	w.last = append(w.last, c)
	return c.ID
}

func (w *world) answered(id string, state mdm.AckState, detail string) {
	w.Helper()
	if a := w.dev.Tasks.Said[id]; w.acks[id] != state || a.State != state || !strings.Contains(a.Detail, detail) {
		w.Errorf("%s was answered %s, and is remembered as %+v; want %s, %q", id, w.acks[id], a, state, detail)
	}
}

func TestALockIsLostModeWhereThereIsOne(t *testing.T) {
	w := begin(t, true, ruled(nil))
	w.does()
	id := w.told(mdm.Lock, "")
	w.fine()
	w.wantDid("EnableLostMode")
	w.answered(id, mdm.Done, "locked as lost")
	w.now = w.now.Add(time.Minute)
	id = w.told(mdm.Unlock, "")
	w.fine()
	w.wantDid("DisableLostMode")
	w.answered(id, mdm.Done, "")

	w = begin(t, false, ruled(nil))
	w.does()
	id = w.told(mdm.Lock, "Bring it back.")
	w.fine()
	w.wantDid("DeviceLock")
	w.answered(id, mdm.Done, "whoever knows its passcode")
	w.answered(w.told(mdm.Unlock, ""), mdm.Refused, "not supervised")
	w.answered(w.told(mdm.Message, "Hello."), mdm.Refused, "only together with a lock")
}

func TestWhereADeviceIsIsSaidOnceAndKeptNowhere(t *testing.T) {
	w := begin(t, true, ruled(nil))
	w.answered(w.told(mdm.Locate, ""), mdm.Refused, "lock it first")
	w.now = w.now.Add(time.Minute)
	w.told(mdm.Lock, "")
	id := w.told(mdm.Locate, "")
	var said []mdm.Ack
	w.answer("", "Idle", nil)
	for c, _, _ := w.dev.Next(w.now, w.ports()); c != nil; c, _, _ = w.dev.Next(w.now, w.ports()) {
		acks, _, err := w.dev.Answer(w.now, c.UUID, "Acknowledged", mustPlist(t, w.pad.obey(c.Raw)))
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, acks...)
		w.heard(acks)
	}
	if a := said[len(said)-1]; a.ID != id || a.State != mdm.Done || !strings.Contains(a.Detail, "51.2789, 1.0806, within 65 m") {
		t.Errorf("%+v", said)
	}
	w.answered(id, mdm.Done, "told once and kept nowhere")
	if b, _ := json.Marshal(w.dev); strings.Contains(string(b), "51.27") {
		t.Errorf("it is kept: %s", b)
	}
}

func TestADeviceThatCouldNotBeLockedIsNotAskedWhereItIs(t *testing.T) {
	w := begin(t, true, ruled(nil))
	lock, locate := w.told(mdm.Lock, ""), w.told(mdm.Locate, "")
	w.does()
	w.fates(notNow)
	w.wantDid("") // the lock comes first
	w.fates(fails)
	w.wantDid("")
	w.answered(lock, mdm.Failed, "")
	w.answered(locate, mdm.Failed, "lock it first")
}

func TestAPasscodeIsClearedWithTheToken(t *testing.T) {
	w := begin(t, true, ruled(nil))
	w.pad.passcode = 6
	ports := w.ports()
	ports.Unseal = func(b []byte) ([]byte, error) { return []byte("opened " + string(b)), nil }
	w.told(mdm.ClearPasscode, "")
	w.dev.KeepUnlockToken(nil) // takes nothing's place
	c, _, err := w.dev.Next(w.now, ports)
	if err != nil || !strings.Contains(string(c.Raw), "b3BlbmVkIHNlYWxlZA==") {
		t.Fatalf("%s %v", c.Raw, err)
	}
	if b, _ := json.Marshal(w.dev); strings.Contains(string(b), "opened") || strings.Contains(string(b), "b3BlbmVk") {
		t.Error("the opened token is kept")
	}
	w.answer(c.UUID, "Acknowledged", w.pad.obey(c.Raw))

	w.now = w.now.Add(time.Minute)
	id := w.told(mdm.ClearPasscode, "")
	ports.Unseal = func([]byte) ([]byte, error) { return nil, errors.New("no key") }
	c, acks, err := w.dev.Next(w.now, ports)
	w.heard(acks)
	if c != nil || err != nil {
		t.Errorf("%v %v", c, err)
	}
	w.answered(id, mdm.Failed, "cannot be opened")

	w.dev.UnlockToken = nil
	w.now = w.now.Add(time.Minute)
	w.answered(w.told(mdm.ClearPasscode, ""), mdm.Refused, "no token")
}

func TestNothingIsDestroyedWhileItIsEvidence(t *testing.T) {
	w := begin(t, true, ruled(nil))
	before := w.told(mdm.Wipe, "")
	kept := w.day(ruled(nil))
	kept.Evidence = true
	w.want(kept)
	w.does()
	w.now = w.now.Add(time.Second)
	w.answered(w.told(mdm.Wipe, ""), mdm.Refused, "evidence")
	w.answered(w.told(mdm.ClearPasscode, ""), mdm.Refused, "evidence")
	w.fine()
	w.wantDid("")
	w.answered(before, mdm.Refused, "evidence")
}

func TestAWipeIsGivenOnce(t *testing.T) {
	for name, f := range map[string]fate{"the device never got it": never, "it did it": unsaid} {
		w := begin(t, true, ruled(nil))
		id := w.told(mdm.Wipe, "")
		w.fates(f)
		w.answered(id, mdm.Accepted, "given to it")
		w.restart()
		w.does()
		w.fine()
		if did := w.does(); strings.Contains(did, cmdErase) {
			t.Errorf("%s: %s", name, did)
		}
		w.answered(id, mdm.HandedOver, "did not say")
		w.heard(w.dev.Ask(w.last[0], w.now))
		w.fine()
		if did := w.does(); did != "" {
			t.Errorf("%s, and it is asked again: %s", name, did)
		}
	}
}

func TestAWipedDeviceThatStillCallsIsManagedOn(t *testing.T) {
	w := begin(t, true, lesson)
	id := w.told(mdm.Wipe, "")
	had := *w.pad
	w.fine()
	w.answered(id, mdm.Done, "wipes itself")
	w.says(mdm.Camera, mdm.Failure, "enrol it anew")
	*w.pad = had // it only said so
	if w.dev.Behind(w.now) {
		t.Error("it is woken while it wipes itself")
	}
	w.now = w.now.Add(stillHere)
	_, events, _ := w.dev.Answer(w.now, "", "Idle", nil)
	if len(events) != 1 || events[0].Kind != "tamper" {
		t.Errorf("%v", events)
	}
	w.fine()
	w.says(mdm.Camera, mdm.Applied, "")
}

func TestATaskPutOffIsGivenAgain(t *testing.T) {
	w := begin(t, true, ruled(nil))
	w.does()
	id := w.told(mdm.Lock, "")
	w.fates(notNow)
	w.wantDid("")
	w.answered(id, mdm.Accepted, "")
	w.fine()
	w.wantDid("EnableLostMode")
	w.answered(id, mdm.Done, "")
}

func TestALateAnswerIsHeard(t *testing.T) {
	w := begin(t, true, ruled(nil))
	id := w.told(mdm.Lock, "")
	c, acks, _ := w.dev.Next(w.now, w.ports())
	w.heard(acks)
	w.answer("", "Idle", nil)
	w.answered(id, mdm.HandedOver, "")
	w.answer(c.UUID, "Acknowledged", map[string]any{})
	w.answered(id, mdm.Done, "")
}

func TestWhatIsNotComeForExpires(t *testing.T) {
	w := begin(t, true, ruled(nil))
	lock, sync := w.told(mdm.Lock, ""), w.told(mdm.Sync, "")
	w.now = w.now.Add(time.Minute)
	second := w.told(mdm.Lock, "Now.")
	w.answered(lock, mdm.Refused, "a later command")
	w.now = w.now.Add(2 * time.Hour)
	w.heard(w.dev.End(w.now))
	w.answered(second, mdm.Expired, "did not come")
	w.answered(sync, mdm.Expired, "did not come")
	w.does()
	w.told(mdm.Sync, "")
	if !w.dev.Behind(w.now) {
		t.Error("it is not woken to say how it is")
	}
	w.fine()
	w.wantDid("DeviceInformation ProfileList")
	if len(w.dev.Tasks.Open) > 0 {
		t.Errorf("%+v", w.dev.Tasks.Open)
	}
}

func TestACommandForAnotherDeviceIsRefused(t *testing.T) {
	w := begin(t, true, ruled(nil))
	c := mdm.NewCommand("ipad-8", "c-1", mdm.Lock, mdm.Args{}, w.now, w.now.Add(time.Hour))
	if acks := w.dev.Ask(c, w.now); len(acks) != 1 || acks[0].State != mdm.Refused || len(w.dev.Tasks.Open) > 0 {
		t.Errorf("%+v", acks)
	}
	for n := range maxTasks + 3 { // of which none is come for
		w.now = w.now.Add(time.Second)
		c := mdm.NewCommand("ipad-7", "c-"+strings.Repeat("x", n+1), mdm.Sync, mdm.Args{}, w.now, w.now.Add(time.Hour))
		w.heard(w.dev.Ask(c, w.now))
	}
	if len(w.dev.Tasks.Open) > maxTasks {
		t.Errorf("%d tasks are open", len(w.dev.Tasks.Open))
	}
}
