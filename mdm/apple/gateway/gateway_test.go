package gateway_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
)

func TestABellChangesAnIPad(t *testing.T) {
	r := newRig(t)
	r.list("ipad-1")
	d := r.device(1)
	r.want("ipad-1", 1, day())
	r.enrol("ipad-1", d)
	if got := lies(d, r.settled("ipad-1")); got != nil {
		t.Error(got)
	}
	if p := r.presence("ipad-1"); !p.Online {
		t.Errorf("it is told as %+v", p)
	}
	if d.Forbids("allowCamera") {
		t.Error("before the lesson the camera is blocked")
	}
	r.set(morning.Add(time.Hour))
	if got := lies(d, r.settled("ipad-1")); got != nil {
		t.Error(got)
	}
	if on, free := d.Bluetooth(); !d.Forbids("allowCamera") || !d.Forbids("allowAirDrop") || on || free {
		t.Errorf("in the lesson: %v, Bluetooth %v %v", d.Profiles(), on, free)
	}
	r.set(morning.Add(2 * time.Hour))
	if got := lies(d, r.settled("ipad-1")); got != nil {
		t.Error(got)
	}
	if d.Forbids("allowCamera") {
		t.Error("after the lesson the camera is blocked")
	}
	if got := d.Refused(); got != nil {
		t.Errorf("it was told what it could not do: %v of %v", got, d.Did())
	}
}

// However many lessons an iPad sleeps through, it is given what holds now.
func TestASleeperGetsOneProfile(t *testing.T) {
	r := newRig(t)
	r.list("ipad-1")
	d := r.device(1)
	r.want("ipad-1", 1, day())
	r.enrol("ipad-1", d)
	r.settled("ipad-1")
	r.sleep(d, true)
	for rev := uint64(2); rev < 8; rev++ {
		s := day()
		s.Set = mdm.Set{mdm.Camera: mdm.Block, mdm.AutoLock: mdm.Value([]string{"60", "120", "180"}[rev%3])}
		r.want("ipad-1", rev, s)
	}
	r.until("the last document is in force", func() bool { got, _ := r.report("ipad-1"); return got.Rev == 7 })
	d.Did()
	r.sleep(d, false)
	if _, err := d.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	installs := 0
	for _, c := range d.Did() {
		if c == "InstallProfile" {
			installs++
		}
	}
	if installs != 1 && installs != 2 { // the rules, and what ends by itself
		t.Errorf("it was given %d profiles", installs)
	}
	if got := lies(d, r.settled("ipad-1")); got != nil || !d.Forbids("allowCamera") {
		t.Error(got)
	}
}

func TestCommands(t *testing.T) {
	r := newRig(t)
	r.list("ipad-1")
	d := r.device(1)
	r.want("ipad-1", 1, day())
	r.enrol("ipad-1", d)
	r.settled("ipad-1")
	acks := map[string][]mdm.AckState{}
	said := func(id string, want mdm.AckState) func() bool {
		return func() bool {
			for _, m := range r.bus.Sent() {
				if m.Topic == "bk/1/d/ipad-1/ack" {
					a, err := mdm.DecodeAck(m.Payload)
					must(t, err)
					acks[a.ID] = append(acks[a.ID], a.State)
				}
			}
			return slices.Contains(acks[id], want)
		}
	}
	r.tell("ipad-1", "c-lock", mdm.Lock, mdm.Args{Text: "Bring me back."})
	r.until("it is locked", said("c-lock", mdm.Done))
	if d.LostMode() != "Bring me back." {
		t.Errorf("it shows %q", d.LostMode())
	}
	if s, _, err := r.gate.Status("ipad-1"); err != nil || !s.Lost || !s.Wiped.IsZero() {
		t.Errorf("locked as lost: %+v, %v", s, err)
	}
	r.tell("ipad-1", "c-clear", mdm.ClearPasscode, mdm.Args{})
	r.until("its passcode is cleared", said("c-clear", mdm.Done))
	if d.PasscodeLength() != 0 {
		t.Error("it has its passcode still")
	}
	r.tell("ipad-1", "c-unlock", mdm.Unlock, mdm.Args{})
	r.until("it is unlocked", said("c-unlock", mdm.Done))
	r.tell("ipad-1", "c-wipe", mdm.Wipe, mdm.Args{})
	r.until("it is erased", said("c-wipe", mdm.Done))
	if s, _, err := r.gate.Status("ipad-1"); err != nil || s.Lost || s.Wiped.IsZero() {
		t.Errorf("told to wipe itself: %+v, %v", s, err)
	}
	if d.Erased() != 1 {
		t.Errorf("it was erased %d times", d.Erased())
	}
	r.tell("ipad-1", "c-wipe", mdm.Wipe, mdm.Args{})
	acks["c-wipe"] = nil
	r.until("the repeated command is answered", said("c-wipe", mdm.Done))
	if d.Erased() != 1 {
		t.Errorf("a repeated command erased it %d times", d.Erased())
	}
}

// What was acknowledged holds after a restart, and the session goes on.
func TestARestartForgetsNothing(t *testing.T) {
	r := newRig(t)
	r.list("ipad-1")
	d := r.device(1)
	r.want("ipad-1", 1, day())
	r.enrol("ipad-1", d)
	before := r.settled("ipad-1")
	d.Did()
	r.stop()
	r.bus.Lose()
	r.start()
	r.list("ipad-1")
	r.want("ipad-1", 1, day())
	after := r.settled("ipad-1")
	if before.Session != after.Session {
		t.Errorf("its session was %s and is %s", before.Session, after.Session)
	}
	if got := d.Did(); got != nil {
		t.Errorf("after a restart it was told %v", got)
	}
	r.set(morning.Add(time.Hour))
	if got := lies(d, r.settled("ipad-1")); got != nil || !d.Forbids("allowCamera") {
		t.Error(got)
	}
}

func TestWhoLeaves(t *testing.T) {
	r := newRig(t)
	r.list("ipad-1", "ipad-2", "ipad-3")
	for n, id := range []string{"ipad-1", "ipad-2", "ipad-3"} {
		d := r.device(n)
		r.want(id, 1, day())
		r.enrol(id, d)
		r.settled(id)
		switch id {
		case "ipad-1":
			must(t, d.CheckOut(t.Context()))
		case "ipad-2":
			r.apple.Gone(d.Token())
			r.set(morning.Add(time.Hour))
		}
	}
	failing := func(id string) func() bool {
		return func() bool { got, _ := r.report(id); return r.allIn(got, mdm.Failure, mdm.Unsupported) }
	}
	r.until("ipad-1 is told as not managed", failing("ipad-1"))
	r.until("ipad-2 is told as not managed", failing("ipad-2"))
	r.until("both are events", func() bool {
		all := r.events()
		return len(all) >= 2
	})
	s, ok, err := r.gate.Status("ipad-1")
	if err != nil || !ok || s.Managed || !s.Left {
		t.Errorf("%+v, %v", s, err)
	}
	r.list("ipad-1", "ipad-2")
	if _, ok, err := r.gate.Status("ipad-3"); ok || err != nil {
		t.Errorf("a retired device is still known, %v", err)
	}
}

func TestATimelineAndHealth(t *testing.T) {
	r := newRig(t)
	r.list("ipad-1", "ipad-2")
	r.want("ipad-1", 1, day())
	d := r.device(1)
	s := r.settings("ipad-1", d.Serial)
	status := func() (out [4]bool) {
		t.Helper()
		got, ok, err := r.gate.Status("ipad-1")
		if err != nil || !ok {
			t.Fatal(err)
		}
		return [4]bool{!got.Invited.IsZero(), !got.Issued.IsZero(), !got.Authenticated.IsZero(), !got.Enrolled.IsZero()}
	}
	steps := []struct {
		do   func() error
		want [4]bool
	}{
		{func() error { return nil }, [4]bool{true}},
		{func() error { return d.FetchIdentity(t.Context(), s) }, [4]bool{true, true}},
		{func() error { return d.Authenticate(t.Context()) }, [4]bool{true, true, true}},
		{func() error { return d.TokenUpdate(t.Context()) }, [4]bool{true, true, true, true}},
	}
	for n, step := range steps {
		must(t, step.do())
		if got := status(); got != step.want {
			t.Errorf("after step %d: %v", n, got)
		}
	}
	d.SetPasscode(6)
	if _, err := d.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, _, err := r.gate.Status("ipad-1")
	if err != nil || got.Informed.IsZero() || got.Obeyed.IsZero() || got.Traits.OSVersion != "18.1" || !got.There {
		t.Errorf("in the end: %+v, %v", got, err)
	}
	if got.Left || got.Lost || !got.Wiped.IsZero() {
		t.Errorf("it is there: %+v", got)
	}
	h, err := r.gate.Health()
	if err != nil || h.Push.Topic != topic || h.Listed != 2 || h.Managed != 1 || !slices.Equal(h.Waiting, []string{"ipad-2"}) {
		t.Errorf("%+v, %v", h, err)
	}
	_ = r.settings("ipad-1", "") // a new invitation begins a new timeline
	if got := status(); got != [4]bool{true} {
		t.Errorf("after a new invitation: %v", got)
	}
}

// What is evidence does not enrol anew: for that it would be erased, or its profile
// taken off.
func TestEvidenceIsNotInvited(t *testing.T) {
	r := newRig(t)
	r.list("ipad-1")
	d := r.device(1)
	r.want("ipad-1", 1, day())
	r.enrol("ipad-1", d)
	r.settled("ipad-1")
	s := day()
	s.Evidence = true
	r.want("ipad-1", 2, s)
	r.until("the gateway knows", func() bool { got, _ := r.report("ipad-1"); return got.Rev == 2 })
	if _, err := r.gate.Invite(t.Context(), "ipad-1", "", 0); errs.CodeOf(err) != errs.Denied || errs.HintOf(err) == "" {
		t.Errorf("it was invited: %v", err)
	} else if said := err.Error() + errs.HintOf(err); strings.Contains(said, "evidence") || strings.Contains(said, "quarantine") {
		t.Errorf("whoever posts its serial number is told why: %s", said)
	}
	r.want("ipad-1", 3, day())
	r.until("it is none any more", func() bool { got, _ := r.report("ipad-1"); return got.Rev == 3 })
	if _, err := r.gate.Invite(t.Context(), "ipad-1", "", 0); err != nil {
		t.Error(err)
	}
}
