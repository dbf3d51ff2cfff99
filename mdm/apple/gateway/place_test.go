package gateway_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple/double"
)

// Whoever begins to enrol and does not finish is no longer said to keep the rules.
func TestAnEnrolmentThatIsBegunEndsTheOneBefore(t *testing.T) {
	r := newRig(t)
	r.list("ipad-1")
	r.want("ipad-1", 1, day())
	d := r.device(1)
	r.enrol("ipad-1", d)
	r.settled("ipad-1")
	must(t, d.Authenticate(t.Context()))
	r.until("its settings are not applied", func() bool {
		got, _ := r.report("ipad-1")
		return r.allIn(got, mdm.Failure, mdm.Unsupported)
	})
	r.until("that is an event", func() bool { return strings.Contains(strings.Join(r.events(), "\n"), "ipad-1 tamper") })
	must(t, d.TokenUpdate(t.Context()))
	r.settled("ipad-1")
}

// An invitation from before a device was done enrolling does not let another take its
// place.
func TestAnInvitationIsOverOnceTheDeviceIsEnrolled(t *testing.T) {
	r := newRig(t)
	r.list("ipad-1")
	r.want("ipad-1", 1, day())
	d := r.device(1)
	s := r.settings("ipad-1", d.Serial)
	r.mu.Lock()
	r.devices[string(d.Token())] = d
	r.mu.Unlock()
	must(t, d.FetchIdentity(t.Context(), s))
	must(t, d.Authenticate(t.Context()))
	between := r.settings("ipad-1", d.Serial)
	must(t, d.TokenUpdate(t.Context()))
	r.settled("ipad-1")
	thief := r.device(2)
	thief.Serial = d.Serial
	if err := thief.Enrol(t.Context(), between); err == nil {
		t.Error("an invitation of while it enrolled was good for another")
	}
	if _, err := d.Poll(t.Context()); err != nil {
		t.Errorf("the device itself is locked out: %v", err)
	}
	if got, _, err := r.gate.Status("ipad-1"); err != nil || got.Enrolled.IsZero() {
		t.Errorf("it is said not to have come: %+v, %v", got, err)
	}
}

// What a device was to be told is not told to the one that takes its place.
func TestAWipeIsForTheDeviceItWasMeantFor(t *testing.T) {
	r := newRig(t)
	r.list("ipad-1")
	r.want("ipad-1", 1, day())
	lost, next := r.device(1), r.device(2)
	r.enrol("ipad-1", lost)
	r.settled("ipad-1")
	r.sleep(lost, true)
	r.tell("ipad-1", "c-1", mdm.Wipe, mdm.Args{})
	r.until("it is to be woken for that", func() bool { s, _, err := r.gate.Status("ipad-1"); return err == nil && s.Behind })
	r.enrol("ipad-1", next)
	r.until("it is given its profiles", func() bool { return len(next.Profiles()) > 0 || next.Erased() > 0 })
	r.idle()
	if next.Erased() > 0 {
		t.Error("the new device was wiped")
	}
	r.until("it is answered", func() bool {
		for _, m := range r.bus.Sent() {
			if strings.HasSuffix(m.Topic, "/ack") && bytes.Contains(m.Payload, []byte("another device took its place")) {
				return true
			}
		}
		return false
	})
}

// While a device is evidence nothing enrols in its place, itself among it: that would
// end what is known of it.
func TestNothingEnrolsInThePlaceOfEvidence(t *testing.T) {
	r := newRig(t)
	r.list("ipad-1")
	stage := mdm.Stage{Mode: mdm.Home, Set: home}
	r.want("ipad-1", 1, stage)
	d := r.device(1)
	r.enrol("ipad-1", d)
	r.settled("ipad-1")
	before := map[int]double.EnrolmentProfile{1: r.settings("ipad-1", d.Serial), 2: r.settings("ipad-1", d.Serial)}
	stage.Evidence = true
	r.want("ipad-1", 2, stage)
	r.until("the gateway knows", func() bool { got, _ := r.report("ipad-1"); return got.Rev == 2 })
	for what, n := range map[string]int{"itself, erased": 1, "another": 2} {
		other := r.device(n)
		other.Serial = d.Serial
		if err := other.Enrol(t.Context(), before[n]); err == nil {
			t.Errorf("%s enrolled", what)
		}
	}
	if err := d.Authenticate(t.Context()); err == nil {
		t.Error("it began to enrol again with its certificate")
	}
	r.until("that is an event", func() bool {
		return strings.Contains(strings.Join(r.events(), "\n"), "ipad-1 tamper: something tried to enrol")
	})
	if _, err := d.Poll(t.Context()); err != nil {
		t.Errorf("it is not managed any more: %v", err)
	}
	stage.Evidence = false
	r.want("ipad-1", 3, stage)
	r.until("the gateway knows that, too", func() bool { got, _ := r.report("ipad-1"); return got.Rev == 3 })
	must(t, r.device(3).Enrol(t.Context(), r.settings("ipad-1", "")))
}

// The certificate of a device that was retired is good for nothing, should one of that
// name be listed again.
func TestARetiredDeviceStaysOut(t *testing.T) {
	r := newRig(t)
	r.list("ipad-1", "ipad-2")
	d := r.device(1)
	r.enrol("ipad-1", d)
	r.list("ipad-2")
	r.until("it is retired", func() bool { _, ok, err := r.gate.Status("ipad-1"); return !ok && err == nil })
	r.list("ipad-1", "ipad-2")
	if err := d.Authenticate(t.Context()); err == nil {
		t.Error("it enrolled again by its old certificate")
	}
}
