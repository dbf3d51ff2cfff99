package locker_test

import (
	"slices"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	. "github.com/bellkeep/bellkeep/locker"
)

// heed takes what the rules in force begin or end.
func (b *bank) heed() {
	for _, e := range Heed(b.state, b.rules, b.now) {
		b.record(e)
	}
}

// hear takes what the fire input says, and reports whether that was news.
func (b *bank) hear(sounds bool) bool {
	e, news := HearAlarm(b.state, sounds, b.now)
	if news {
		b.record(e)
	}
	return news
}

// While the building is being left, no badge, order or wish opens a door, whoever
// says that it is; and what tightens goes on.
func TestNothingOpensInAnEvacuation(t *testing.T) {
	for cause, begin := range map[Cause]func(b *bank){
		BySchool: func(b *bank) { b.rules.Plan.Mode = school.Evacuation; b.heed() },
		ByInput:  func(b *bank) { b.hear(true) },
		ByStaff:  func(b *bank) { b.wish(Wish{Kind: WishEvacuate}) },
	} {
		b := newOffice(t)
		b.use(badge(1))
		b.put("i-1", ClassConfiscation)
		kept := b.put("i-2", ClassEvidence)
		b.afternoon() // the collection window is open
		b.rules.Directory.Grants = []Grant{{ID: "g", Kind: MayCollect, Person: "ann", From: morning, Until: morning.AddDate(1, 0, 0)}}
		begin(b)
		if !b.state.Evacuation.By(cause) {
			t.Fatalf("%s: not begun: %+v", cause, b.state.Evacuation)
		}
		b.want(b.scan(badge(1)), LeaveNow, 0, Evacuated)
		b.want(b.scan(badge(2)), LeaveNow, 0, Evacuated) // nor a deposit
		orders := []Order{{Kind: OpenDoor, Person: "ann"}, {Kind: OpenDoor, Door: 1}, takeOrder("i-1"), takeOrder("i-2"), putOrder("i-3", ClassConfiscation), {Kind: "of tomorrow"},
			evidence("i-2", kept, HandOver, head, dsl), evidence("i-2", kept, Restore, head, dsl)}
		for i, o := range orders {
			o.ID, o.By = "o-"+string(rune('a'+i)), "office"
			if e := b.order(o); e.Kind != OrderRefused || e.Answer != Evacuated {
				t.Errorf("%s: %s is answered %s %q", cause, o.Kind, e.Kind, e.Answer)
			}
		}
		for _, w := range []Wish{{Kind: WishDoor, Door: 1, Reason: LateBus}, {Kind: WishPut, Item: "i-4", Class: ClassEvidence}, {Kind: WishWindow}, {Kind: WishMap}} {
			b.want(b.wish(w), LeaveNow, 0, Evacuated)
		}
		b.want(b.wish(Wish{Kind: WishHold, Door: 3}), DoorHeld, 3, "")
		if _, held := b.state.Holds[3]; !held {
			t.Errorf("%s: no hold can be placed", cause)
		}
	}
}

// A door that has not opened by then is not tried again.
func TestNoSecondTryInAnEvacuation(t *testing.T) {
	b := newBank(t, Fixed)
	b.scan(badge(1))
	v := b.state.VisitAt(1)
	if !MayGoOn(b.state, b.rules, v, b.now) {
		t.Fatal("a door is not tried again on a usual day")
	}
	b.hear(true)
	if MayGoOn(b.state, b.rules, v, b.now) {
		t.Error("it is tried again in an evacuation")
	}
}

// What began at the bank ends there, by badge and PIN or by an order, and the
// school's only by the school. An alarm that goes on after an order said all clear
// begins nothing again; one that sounds lets nobody say so at the kiosk.
func TestAllClear(t *testing.T) {
	b := newOffice(t)
	clear := func() Event {
		return b.order(Order{ID: "o-" + b.now.Wall.Format("150405"), Kind: OrderAllClear, By: "head"})
	}
	if e := clear(); e.Answer != NoChange {
		t.Errorf("nothing to end, and yet %s %q", e.Kind, e.Answer)
	}
	b.hear(true)
	b.want(b.wish(Wish{Kind: WishAllClear}), AlarmSounds, 0, Disagrees)
	b.hear(false)
	if !b.state.Evacuation.On() {
		t.Fatal("a silent alarm ended it")
	}
	b.want(b.wish(Wish{Kind: WishAllClear}), Scan, 0, "")
	if b.state.Evacuation.On() {
		t.Fatal("staff could not end what began at the bank")
	}
	b.hear(true)
	b.pass(time.Second)
	if e := clear(); e.Kind != EvacuationEnded || e.By != "head" || b.state.Evacuation.On() {
		t.Errorf("an order: %+v", e)
	}
	if b.hear(true) || b.state.Evacuation.On() {
		t.Error("the alarm that sounds on begins it again")
	}
	if !b.hear(false) || !b.hear(true) || !b.state.Evacuation.On() {
		t.Error("a new alarm does not begin it")
	}
	b.rules.Plan.Mode = school.Evacuation
	b.heed()
	b.hear(false)
	b.want(b.wish(Wish{Kind: WishAllClear}), LeaveNow, 0, Evacuated)
	b.pass(time.Second)
	if clear(); !b.state.Evacuation.By(BySchool) || b.state.Evacuation.Local() {
		t.Errorf("an order left %v", b.state.Evacuation.Causes)
	}
	b.rules.Plan = school.Plan{Windows: b.rules.Plan.Windows}
	b.heed()
	if !b.state.Evacuation.On() {
		t.Error("a plan that was lost ended it")
	}
	b.rules.Plan.Version = 1
	b.heed()
	if b.state.Evacuation.On() {
		t.Error("the school could not end its own")
	}
	b.want(b.use(badge(1)), PutIn, 1, "")
}

// The menu offers one of the two, and nothing that opens a door meanwhile.
func TestMenuInAnEvacuation(t *testing.T) {
	b := newOffice(t)
	b.hear(true)
	if m := Menu(b.state, b.now); m.Fire != WishAllClear || m.Has != (Classes{}) || m.Offer != "" {
		t.Errorf("%+v", m)
	}
}

// Doors that the school asks about are in doubt until a person and their sensors
// agree; once, however often the directory says so.
func TestAskedDoors(t *testing.T) {
	b := newOffice(t)
	b.use(badge(1))
	b.rules.Directory.Asked = []Asked{{ID: "k-1", Bank: "a"}, {ID: "k-2", Bank: "b"}}
	b.heed()
	for n := range b.state.All() {
		if !b.state.InDoubt(n) {
			t.Errorf("door %d is not", n)
		}
	}
	if e := b.order(look(1, 2, 3, 4, 5, 6)); e.Kind != LookedAt {
		t.Fatalf("%s %q", e.Kind, e.Answer)
	}
	b.heed()
	if b.state.InDoubt(1) || !b.state.InDoubt(7) {
		t.Error("a door that was looked at is in doubt again, or evidence is not")
	}
}

// Evidence doors are looked at by two people.
func TestTwoLookAtEvidence(t *testing.T) {
	b := newOffice(t)
	b.put("i-1", ClassEvidence)
	b.rules.Directory.Asked = []Asked{{ID: "k-1", Bank: "a", Doors: []int{6, 7, 8}}}
	b.heed()
	empty := look(8)
	empty.ID = "o-empty"
	if e := b.order(empty); e.Answer != TwoNeeded {
		t.Errorf("an empty evidence door, alone: %s %q", e.Kind, e.Answer)
	}
	alone := look(6, 7)
	if e := b.order(alone); e.Answer != TwoNeeded {
		t.Errorf("alone: %s %q", e.Kind, e.Answer)
	}
	for i, persons := range [][2]string{{"s-1", "s-1"}, {"s-1", ""}} {
		alone.ID, alone.Looked = "o-"+string(rune('a'+i)), persons
		if e := b.order(alone); e.Answer != TwoNeeded {
			t.Errorf("%v: %s %q", persons, e.Kind, e.Answer)
		}
	}
	alone.ID, alone.Looked = "o-two", [2]string{"s-1", "s-2"}
	e := b.order(alone)
	if e.Kind != LookedAt || e.Approvals != alone.Looked || b.state.InDoubt(7) {
		t.Errorf("two: %+v", e)
	}
	if _, held := b.state.Items["i-1"]; !held {
		t.Error("looking took the item away")
	}
}

// After a power cut every door that is not as it was left is looked at by a person.
func TestDoorsThatChangedInAPowerCut(t *testing.T) {
	b := newOffice(t)
	b.use(badge(1))
	b.see(4, Open) // and the current fails; meanwhile 2 comes open and 4 is shut
	b.record(Event{Kind: Started, At: b.now})
	b.record(Event{Kind: Surveyed, At: b.now, Body: Body{OpenDoors: []int{2}, Odd: []int{3}}})
	var doubt []int
	for n := range b.state.All() {
		if b.state.InDoubt(n) {
			doubt = append(doubt, n)
		}
	}
	if !slices.Equal(doubt, []int{2, 3, 4}) {
		t.Errorf("in doubt are %v", doubt)
	}
	b.record(Event{Kind: Started, At: b.now})
	b.survey(2)
	if !b.state.InDoubt(2) || !b.state.InDoubt(4) {
		t.Error("a second start forgets them")
	}
}
