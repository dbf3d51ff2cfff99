package bridge

import (
	"bytes"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/locker"
)

const goodPIN = "271828"

// signIn takes a staff member as far as the menu.
func (r *rig) signIn() {
	r.t.Helper()
	r.scan(staff)
	r.handle(PINGiven{"front", goodPIN})
	if r.screen.Word != locker.StaffMenu {
		r.t.Fatalf("the kiosk shows %v", r.screen)
	}
}

func (r *rig) shows(want locker.Word) {
	r.t.Helper()
	if r.screen.Word != want {
		r.t.Errorf("the kiosk shows %v, want %s", r.screen, want)
	}
}

func TestStaffOpenTheWindow(t *testing.T) {
	r := newRig(t)
	r.deposit()
	r.pass(time.Hour)
	r.now.School.Trusted = false
	r.scan(staff)
	r.shows(locker.AskPIN)
	r.handle(PINGiven{"front", goodPIN})
	if r.screen != (locker.Screen{Word: locker.StaffMenu, Offer: locker.WishWindow, Has: locker.Classes{Pupil: true}, Fire: locker.WishEvacuate}) {
		t.Errorf("the kiosk shows %v", r.screen)
	}
	r.handle(Wished{"front", locker.Wish{Kind: locker.WishWindow}})
	r.shows(locker.WindowOpen)
	e := lastEvent(t, r.log)
	if want := (r.now.School.Mono + locker.WindowFor).Milliseconds(); e.Kind != locker.WindowOpened || e.By != "s-1" || e.Until != want {
		t.Errorf("on record: %+v, want until %d", e, want)
	}
	r.start() // the program alone: the window stays
	r.read(hardware.Closed)
	r.scan(ann)
	r.shows(locker.TakeOut)
}

func TestStaffOpenADoor(t *testing.T) {
	r := newRig(t)
	r.deposit()
	r.signIn()
	r.handle(Wished{"front", locker.Wish{Kind: locker.WishDoor, Door: 1, Reason: locker.LateBus}})
	if r.screen != (locker.Screen{Word: locker.Release, Door: 1}) || len(r.orders) != 1 || r.orders[0].Purpose != locker.StaffOpen {
		t.Fatalf("the kiosk shows %v, orders %+v", r.screen, r.orders)
	}
	r.sent()
	r.read(hardware.Closed, 1)
	r.read(hardware.Closed)
	if last := lastEvent(t, r.log); last.Kind != locker.Collected || last.By != "s-1" || last.Person != "ann" {
		t.Errorf("last on the ledger: %+v", last)
	}
}

// Without badge and PIN, in that order and in time, nothing is done and nothing
// is recorded.
func TestStaffNeedBadgeAndPIN(t *testing.T) {
	wish := Wished{"front", locker.Wish{Kind: locker.WishDoor, Door: 1, Reason: locker.Other}}
	cases := []struct {
		name string
		do   func(r *rig)
		show locker.Word
	}{
		{"a wish alone", func(r *rig) { r.handle(wish) }, locker.Scan},
		{"a PIN alone", func(r *rig) { r.handle(PINGiven{"front", goodPIN}, wish) }, locker.Scan},
		{"a badge alone", func(r *rig) { r.scan(staff); r.handle(wish) }, locker.AskPIN},
		{"a wrong PIN", func(r *rig) { r.scan(staff); r.handle(PINGiven{"front", "000000"}, wish) }, locker.PINWrong},
		{"at another kiosk", func(r *rig) { r.signIn(); r.handle(Wished{"side", wish.Wish}) }, locker.StaffMenu},
		{"after leaving", func(r *rig) { r.signIn(); r.handle(StaffLeft{"front"}); r.handle(wish) }, locker.Scan},
		{"a PIN too late", func(r *rig) { r.scan(staff); r.pass(locker.PINWithin + 1); r.handle(PINGiven{"front", goodPIN}, wish) }, locker.Scan},
		{"a wish too late", func(r *rig) { r.signIn(); r.pass(locker.MenuWithin + 1); r.handle(wish) }, locker.Scan},
		{"after the bank gave up", func(r *rig) { r.signIn(); r.pass(locker.MenuWithin + 1); r.handle(Tick{}); r.handle(wish) }, locker.Scan},
		{"after a pupil's badge", func(r *rig) { r.signIn(); r.scan(bob); r.orders = nil; r.handle(wish) }, locker.PutIn},
		{"after a restart", func(r *rig) { r.signIn(); r.start(); r.read(hardware.Closed); r.handle(wish) }, locker.Scan},
		{"twice with one PIN", func(r *rig) { r.signIn(); r.handle(Wished{"front", locker.Wish{}}); r.handle(wish) }, locker.Office},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.deposit()
			r.screen = locker.Screen{Word: locker.Scan}
			c.do(r)
			r.shows(c.show)
			if len(r.orders) != 0 {
				t.Errorf("orders %+v", r.orders)
			}
		})
	}
}

func TestStaffPINPause(t *testing.T) {
	r := newRig(t)
	r.scan(staff)
	for range locker.PINTries {
		r.handle(PINGiven{"front", "000000"})
	}
	r.shows(locker.PINWait)
	r.start() // that helps nobody
	r.read(hardware.Closed)
	r.scan(staff)
	from := r.log.Size()
	r.handle(PINGiven{"front", goodPIN})
	r.shows(locker.PINWait)
	if e := lastEvent(t, r.log); e.Kind != locker.PINRefused || e.Answer != locker.Paused || e.By != "s-1" {
		t.Errorf("on record: %+v", e)
	}
	for range 100 {
		r.scan(staff)
		r.handle(PINGiven{"front", goodPIN})
	}
	if n := len(r.events(from)); n > 2*floodLimit {
		t.Errorf("%d records of a hundred tries in the pause", n)
	}
	r.pass(locker.PINPause)
	r.signIn()
}

// Pupils go on handing in whatever staff do at the kiosk.
func TestDepositNeedsNoStaff(t *testing.T) {
	r := newRig(t)
	r.bank.PINs = nil
	r.now.School.Trusted = false
	r.scan(staff)
	r.handle(PINGiven{"front", goodPIN})
	r.shows(locker.PINWrong)
	r.scan(ann)
	r.shows(locker.PutIn)
}

// What a kiosk was told about a PIN is nowhere on record.
func TestPINIsNotOnRecord(t *testing.T) {
	r := newRig(t)
	r.signIn()
	r.scan(staff)
	r.handle(PINGiven{"front", "314159"})
	err := r.log.Read(t.Context(), 0, func(rec ledger.Record) error {
		for _, pin := range []string{goodPIN, "314159"} {
			if bytes.Contains(rec.Leaf, []byte(pin)) {
				t.Errorf("on record: %s", rec.Leaf)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
