package bridge

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// alarmed is where the fire alarm is heard on the fake bus: closed while all is well.
var alarmed = hardware.Channel{Board: 1, Index: 1}

// The fire alarm at a lock board begins an evacuation within a second, and moves no
// latch: not for a badge, not for an order. A spike on its cable is no alarm, and
// when it falls silent everybody still stays out.
func TestFireInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := work(t, func(b *fakeBus) { b.fire = &FireInput{Channel: alarmed, On: hardware.Open} })
		sound := func(on bool) { r.bus.set(func() { r.bus.open[alarmed] = on }) }
		sound(true)
		time.Sleep(300 * time.Millisecond)
		sound(false)
		time.Sleep(2 * time.Second)
		if got := r.screen(t); got.Word != locker.Scan {
			t.Fatalf("after a spike the kiosk shows %v", got)
		}
		sound(true)
		time.Sleep(time.Second)
		if last := lastEvent(t, r.log); last.Kind != locker.EvacuationBegan || last.Cause != locker.ByInput || r.screen(t).Word != locker.LeaveNow {
			t.Fatalf("on record: %+v; the kiosk shows %v", last, r.screen(t))
		}
		r.scans <- ann.Badge()
		time.Sleep(time.Second)
		if got := r.ask("o-1", time.Second); got.Answer != locker.Evacuated {
			t.Errorf("an order is answered %+v", got)
		}
		sound(false)
		time.Sleep(10 * time.Second)
		if got := r.screen(t); got.Word != locker.LeaveNow || len(r.bus.pulses) > 0 {
			t.Errorf("the kiosk shows %v; pulses %v", got, r.bus.pulses)
		}
		r.end(t)
	})
}

// The school's evacuation changes the kiosks at once; everything on record from then
// on says that it was during one; and it outlives a restart.
func TestEvacuationOfTheSchool(t *testing.T) {
	r := newRig(t)
	r.deposit()
	var still []bool
	r.bank.Halt = func(s bool) { still = append(still, s) }
	dir := *r.bank.Rules.Directory
	rules := func(version uint64, mode school.Mode) Ruled {
		return Ruled{locker.Rules{Directory: &dir, Plan: school.Plan{Version: version, Mode: mode}}}
	}
	from := r.log.Size()
	r.handle(rules(2, school.Evacuation))
	r.shows(locker.LeaveNow)
	r.scan(ann)
	r.shows(locker.LeaveNow)
	r.scan(staff)
	r.shows(locker.AskPIN)
	r.handle(PINGiven{"front", goodPIN})
	if r.screen.Fire != locker.WishAllClear || r.screen.Has != (locker.Classes{}) {
		t.Errorf("the menu is %+v", r.screen)
	}
	r.handle(Wished{"front", locker.Wish{Kind: locker.WishAllClear}})
	r.shows(locker.LeaveNow)
	if len(still) == 0 || !still[len(still)-1] {
		t.Error("the locks are not kept still")
	}
	for _, e := range r.events(from + 1) {
		if !e.During {
			t.Errorf("%s does not say that it was in an evacuation", e.Kind)
		}
	}
	r.start()
	r.shows(locker.LeaveNow) // the ledger says so, whatever rules the program started with …
	r.handle(rules(2, school.Evacuation))
	r.read(hardware.Closed)
	r.shows(locker.LeaveNow)
	r.handle(rules(3, school.Normal))
	r.shows(locker.Scan)
	r.bank.Halt = func(s bool) { still = append(still, s) }
	r.pass(time.Minute)
	r.scan(ann)
	if still[len(still)-1] || r.screen.Word != locker.AlreadyIn {
		t.Errorf("after the all-clear: %v, kiosk %v", still[len(still)-1], r.screen)
	}
}

// What waits for its bus when the evacuation begins is not sent any more.
func TestGateIsStillInAnEvacuation(t *testing.T) {
	r := newRig(t)
	gate := NewGate("a", r.log)
	r.bank.Halt = gate.Halt
	r.scan(ann)
	order := r.orders[0]
	r.handle(FireHeard{Sounds: true})
	lock := &latches{}
	if err := gate.Open(t.Context(), order, lock, r.now.Machine); errs.CodeOf(err) != errs.Denied || len(lock.opened) > 0 {
		t.Fatalf("%v, pulses %v", err, lock.opened)
	}
	r.handle(Sent{Order: order, At: r.now.Machine, Err: errs.New(errs.Denied, "No.", "")})
	if e := lastEvent(t, r.log); e.Kind != locker.Outcome || e.Result != locker.NotSent || !e.During {
		t.Errorf("it came to %+v", e)
	}
	if v := r.bank.State().VisitAt(1); v != nil {
		t.Errorf("a visit is under way: %+v", v)
	}
}
