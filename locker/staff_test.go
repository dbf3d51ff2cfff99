package locker_test

import (
	"fmt"
	"testing"
	"time"

	. "github.com/bellkeep/bellkeep/locker"
)

// newStaffed is a bank at which s-1 may act, with badge 50; the verifier of a
// PIN is the PIN.
func newStaffed(t *testing.T) *bank {
	b := newBank(t, Fixed)
	b.rules.Directory.Badges[badge(50).Hash()] = BadgeEntry{Person: "s-1"}
	b.rules.Directory.Staff = map[string]StaffEntry{"s-1": {PIN: "271828"}}
	return b
}

func (b *bank) pin(pin string) Decision {
	d := DecidePIN(b.state, b.rules, "s-1", func(verifier string) bool { return verifier == pin }, b.now)
	b.record(d.Event)
	return d
}

func (b *bank) wish(w Wish) Decision {
	d := DecideStaff(b.state, b.rules, "s-1", w, b.now)
	b.record(d.Event)
	return d
}

var oneDoor = Wish{Kind: WishDoor, Door: 1, Reason: LostBadge}

func TestDecideStaffBadge(t *testing.T) {
	b := newStaffed(t)
	d := b.scan(badge(50))
	b.want(d, AskPIN, 0, PINAsked)
	if d.Event.Kind != Turned || d.Event.Person != "s-1" {
		t.Errorf("%+v", d.Event)
	}
	b.rules.Directory.Bars = []Bar{{ID: "b", Subject: Subject{Person: "s-1"}, From: morning}}
	b.want(b.scan(badge(50)), Office, 0, Barred)
	b.rules.Directory.Badges[badge(50).Hash()] = BadgeEntry{Person: "s-1", Revoked: true}
	b.want(b.scan(badge(50)), Office, 0, Revoked)
}

// Five wrong PINs pause all PINs for a quarter of an hour, the right one too.
func TestDecidePINPause(t *testing.T) {
	b := newStaffed(t)
	for i := range PINTries {
		want := PINWrong
		if i == PINTries-1 {
			want = PINWait
		}
		b.want(b.pin("000000"), want, 0, WrongPIN)
		b.pass(time.Minute)
	}
	b.want(b.pin("271828"), PINWait, 0, Paused)
	b.pass(PINPause - 2*time.Minute)
	b.want(b.pin("271828"), PINWait, 0, Paused)
	b.pass(2 * time.Minute)
	b.want(b.pin("000000"), PINWrong, 0, WrongPIN) // a new series of five
	b.want(b.pin("271828"), StaffMenu, 0, "")
	for range PINTries - 1 {
		b.want(b.pin("000000"), PINWrong, 0, WrongPIN)
	}
}

// Whoever pulls the plug in the pause has the whole pause before them again,
// and no more than that, although the clock now stands at 1970.
func TestDecidePINPauseOverABoot(t *testing.T) {
	b := newStaffed(t)
	for range PINTries {
		b.pin("000000")
	}
	b.now.Boot, b.now.Mono, b.now.Wall, b.now.Trusted = "two", time.Minute, time.Unix(0, 0), false
	b.want(b.pin("271828"), PINWait, 0, Paused)
	b.pass(PINPause)
	b.want(b.pin("271828"), StaffMenu, 0, "")
}

func TestDecidePINOfSomebodyElse(t *testing.T) {
	b := newStaffed(t)
	d := DecidePIN(b.state, b.rules, "s-2", func(string) bool { t.Error("it was weighed"); return true }, b.now)
	b.want(d, Office, 0, Barred)
}

// A window that staff open lets everybody collect, for 90 minutes of this boot,
// and no longer than they want.
func TestStaffWindow(t *testing.T) {
	open := func(t *testing.T) *bank {
		b := newStaffed(t)
		b.use(badge(1))
		b.pass(time.Hour)
		b.now.Trusted = false
		b.want(b.scan(badge(1)), AlreadyIn, 0, AlreadyHeld)
		if d := b.pin("271828"); d.Screen.Offer != WishWindow {
			t.Errorf("the menu offers %q", d.Screen.Offer)
		}
		b.want(b.wish(Wish{Kind: WishWindow}), WindowOpen, 0, "")
		return b
	}
	cases := []struct {
		name  string
		then  func(b *bank)
		word  Word
		offer WishKind
	}{
		{"at once", func(*bank) {}, TakeOut, WishEnd},
		{"nearly over", func(b *bank) { b.pass(WindowFor - time.Second) }, TakeOut, WishEnd},
		{"over", func(b *bank) { b.pass(WindowFor) }, AlreadyIn, WishWindow},
		{"the clock is set meanwhile", func(b *bank) { b.now.Trusted = true }, TakeOut, WishEnd},
		{"the clock jumps meanwhile", func(b *bank) { b.now.Wall = b.now.Wall.AddDate(1, 0, 0) }, TakeOut, WishEnd},
		{"ended early", func(b *bank) { b.want(b.wish(Wish{Kind: WishEnd}), WindowShut, 0, "") }, AlreadyIn, WishWindow},
		{"another boot", func(b *bank) { b.now.Boot, b.now.Mono = "two", 0 }, AlreadyIn, WishWindow},
		{"the program restarts", func(b *bank) {
			b.record(Event{Kind: Started, At: b.now})
			b.record(Event{Kind: Surveyed, At: b.now})
		}, TakeOut, WishEnd},
		{"a bar comes", func(b *bank) {
			b.rules.Directory.Bars = []Bar{{ID: "b", Subject: Subject{Person: "ann"}, From: morning}}
		}, Office, WishEnd},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := open(t)
			c.then(b)
			if menu := Menu(b.state, b.now); menu.Offer != c.offer {
				t.Errorf("the menu offers %q, want %q", menu.Offer, c.offer)
			}
			if d := b.scan(badge(1)); d.Screen.Word != c.word {
				t.Errorf("ann is told %s, want %s", d.Screen.Word, c.word)
			}
		})
	}
}

// With the time known the plan's windows hold, and nobody is offered another.
func TestStaffWindowNeedsAnUntrustedClock(t *testing.T) {
	b := newStaffed(t)
	if d := b.pin("271828"); d.Screen.Offer != "" {
		t.Errorf("the menu offers %q", d.Screen.Offer)
	}
	b.want(b.wish(Wish{Kind: WishWindow}), Office, 0, TimeTrusted)
	b.want(b.wish(Wish{Kind: WishEnd}), WindowShut, 0, NoChange)
	b.now.Trusted = false
	b.wish(Wish{Kind: WishWindow})
	until := b.state.Window.Until
	b.pass(time.Minute)
	b.want(b.wish(Wish{Kind: WishWindow}), WindowOpen, 0, NoChange)
	if b.state.Window.Until != until {
		t.Error("asking twice made the window longer")
	}
}

func TestStaffOpenOneDoor(t *testing.T) {
	b := newStaffed(t)
	b.use(badge(1))
	b.pass(time.Hour)
	d := b.wish(oneDoor)
	b.want(d, Release, 1, "")
	if e := d.Event; e.Kind != Intent || e.Purpose != StaffOpen || e.Person != "ann" || e.By != "s-1" || e.Reason != LostBadge {
		t.Errorf("%+v", e)
	}
	b.see(1, Open)
	b.pass(5 * time.Second)
	if e := b.see(1, Closed); e.Kind != Collected || e.By != "s-1" || b.state.Holdings["ann"] != nil {
		t.Errorf("%+v leaves %+v", e, b.state.Holdings["ann"])
	}
	b.pass(time.Hour)
	b.want(b.scan(badge(1)), PutIn, 1, "") // the next hand-in is taken as ever
}

func TestStaffOpenRefuses(t *testing.T) {
	bar := func(who Subject) func(b *bank) {
		return func(b *bank) { b.rules.Directory.Bars = []Bar{{ID: "b", Subject: who, From: morning}} }
	}
	cases := []struct {
		name  string
		given func(b *bank)
		wish  Wish
		word  Word
		want  Answer
	}{
		{"a bar on its holder", bar(Subject{Person: "ann"}), oneDoor, Office, Barred},
		{"a bar on the door", bar(Subject{Bank: "a", Door: 1}), oneDoor, Office, Barred},
		{"a bar on the staff member", bar(Subject{Person: "s-1"}), oneDoor, Office, Barred},
		{"no longer staff", func(b *bank) { b.rules.Directory.Staff = nil }, oneDoor, Office, Barred},
		{"an empty door", nil, Wish{Kind: WishDoor, Door: 2, Reason: Other}, NothingThere, NothingHeld},
		{"no pupil door", nil, Wish{Kind: WishDoor, Door: 1 << 40, Reason: Other}, NothingThere, NoSuchDoor},
		{"a door that stands open", func(b *bank) { b.see(1, Open) }, oneDoor, ShutDoor, DoorOpen},
		{"a door that cannot be asked", func(b *bank) { b.see(1, Unknown) }, oneDoor, Office, NoReply},
		{"no reason", nil, Wish{Kind: WishDoor, Door: 1}, Office, Malformed},
		{"a reason of their own", nil, Wish{Kind: WishDoor, Door: 1, Reason: "because"}, Office, Malformed},
		{"another wish", nil, Wish{Kind: "open-all"}, Office, Malformed},
		{"a second door", func(b *bank) {
			b.use(badge(2))
			b.wish(oneDoor)
			b.see(1, Open)
		}, Wish{Kind: WishDoor, Door: 2, Reason: Other}, Wait, Busy},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := newStaffed(t)
			b.use(badge(1))
			b.pass(time.Minute)
			if c.given != nil {
				c.given(b)
			}
			d := b.wish(c.wish)
			if d.Event.Kind != StaffRefused || d.Event.Answer != c.want || d.Screen.Word != c.word || d.Event.By != "s-1" {
				t.Errorf("%+v, shown %v; want %q and %s", d.Event, d.Screen, c.want, c.word)
			}
		})
	}
}

// Ten doors in ten minutes are all that one staff member gets, over a restart
// of the computer too; another one has ten of their own.
func TestStaffOpenFewDoors(t *testing.T) {
	b := newStaffed(t)
	b.rules.Directory.Staff["s-2"] = StaffEntry{}
	again := func() Decision { // hand in, and have the door opened
		b.use(badge(1))
		b.pass(time.Second)
		d := b.wish(oneDoor)
		if d.Event.Kind == Intent {
			b.see(1, Open)
			b.see(1, Closed)
			b.pass(Grace + time.Second)
		}
		return d
	}
	for i := range StaffDoors {
		if d := again(); d.Event.Kind != Intent {
			t.Fatalf("opening %d: %+v", i+1, d.Event)
		}
	}
	b.want(again(), Wait, 0, TooMany)
	if d := DecideStaff(b.state, b.rules, "s-2", oneDoor, b.now); d.Event.Kind != Intent {
		t.Errorf("another one: %+v", d.Event)
	}
	b.now.Boot, b.now.Mono = "two", time.Minute
	b.want(b.wish(oneDoor), Wait, 0, TooMany)
	b.pass(StaffSpan)
	b.want(b.wish(oneDoor), Release, 1, "")
}

// A staff member's opening that nobody saw leaves the holding unsure, as a
// collection would.
func TestStaffOpenUnverified(t *testing.T) {
	b := newStaffed(t)
	b.use(badge(1))
	b.wish(oneDoor)
	b.record(Conclude(b.state.Visits["ann"], Unverified, Closed, b.now))
	if h := b.state.Holdings["ann"]; h == nil || !h.Unsure {
		t.Errorf("holding %+v", h)
	}
}

// A state copied shares nothing of what staff and orders left in it.
func TestCloneOfStaffState(t *testing.T) {
	b := newStaffed(t)
	b.use(badge(1))
	b.pin("000000")
	b.order(orderFor("bob"))
	b.wish(oneDoor)
	before := b.state.Clone()
	want := dump(before)
	b.pin("271828")
	b.state.Orders[0].Answer = "spoilt"
	b.state.Opened["s-1"][0].Mono++
	if got := dump(before); got != want {
		t.Errorf("the copy changed:\n%s\nwant\n%s", got, want)
	}
	again := NewState(b.state.Setup)
	for i, e := range b.log {
		again.Apply(uint64(i+1), e)
	}
	if fmt.Sprint(again.Tries, again.Window) != fmt.Sprint(b.state.Tries, b.state.Window) {
		t.Errorf("folded again: %v, want %v", again.Tries, b.state.Tries)
	}
}
