package locker_test

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	. "github.com/bellkeep/bellkeep/locker"
)

// bank is a small bank whose ledger is a slice: four doors, the last one
// nobody's. Times are offsets from 08:20 on a school day.
type bank struct {
	t     *testing.T
	state *State
	rules Rules
	log   []Event
	now   school.Instant
}

var morning = time.Date(2026, 11, 23, 8, 20, 0, 0, time.UTC)

func badge(n byte) school.Token { return school.Token{n} }

func newBank(t *testing.T, allotment Allotment) *bank {
	dir := &Directory{Version: 1, Badges: map[school.BadgeHash]BadgeEntry{}, People: map[string]Place{}}
	for i, id := range []string{"ann", "bob", "cy"} {
		dir.People[id] = Place{Bank: "a", Door: i + 1}
		dir.Badges[badge(byte(i+1)).Hash()] = BadgeEntry{Person: id}
	}
	b := &bank{t: t, state: NewState(Setup{Bank: "a", Doors: []int{1, 2, 3, 4}, Allotment: allotment})}
	b.rules = Rules{Directory: dir, Plan: school.Plan{Version: 1, Windows: []school.Window{
		{Use: school.Deposit, From: morning.Add(-5 * time.Minute), Until: morning.Add(20 * time.Minute)},
		{Use: school.Collection, From: morning.Add(410 * time.Minute), Until: morning.Add(490 * time.Minute)},
		{Use: school.Deposit, From: morning.Add(24*time.Hour - 5*time.Minute), Until: morning.Add(24*time.Hour + 20*time.Minute)},
	}}}
	b.now = school.Instant{Wall: morning, Trusted: true, Boot: "one"}
	b.record(Event{Kind: Surveyed, At: b.now})
	return b
}

func (b *bank) record(e Event) uint64 {
	b.log = append(b.log, e)
	seq := uint64(len(b.log))
	b.state.Apply(seq, e)
	return seq
}

func (b *bank) pass(d time.Duration) {
	b.now.Wall, b.now.Mono = b.now.Wall.Add(d), b.now.Mono+d
}

func (b *bank) scan(token school.Token) Decision {
	d := Decide(b.state, b.rules, token.Badge(), b.now)
	b.record(d.Event)
	return d
}

// see lets a door be seen in a state.
func (b *bank) see(door int, c Contact) Event {
	b.t.Helper()
	if v := b.state.VisitAt(door); c == Open && v != nil && v.Phase == Opening {
		e := Conclude(v, Opened, c, b.now)
		b.record(e)
		return e
	}
	e, ok := Observe(b.state, door, c, NoSensor, b.now)
	if !ok {
		b.t.Fatalf("door %d %s means nothing", door, c)
	}
	b.record(e)
	return e
}

// use takes a visit from the scan to the shut door.
func (b *bank) use(token school.Token) Decision {
	b.t.Helper()
	d := b.scan(token)
	if d.Event.Kind != Intent {
		b.t.Fatalf("scan was answered %q", d.Event.Answer)
	}
	b.pass(time.Second)
	b.see(d.Event.Door, Open)
	b.pass(6 * time.Second)
	b.see(d.Event.Door, Closed)
	return d
}

func (b *bank) afternoon() { b.pass(420 * time.Minute) }

func (b *bank) want(d Decision, word Word, door int, answer Answer) {
	b.t.Helper()
	if d.Screen.Word != word || d.Screen.Door != door || d.Event.Answer != answer {
		b.t.Errorf("got screen %v and answer %q, want %s %d and %q", d.Screen, d.Event.Answer, word, door, answer)
	}
}

func TestDecideDepositAndCollection(t *testing.T) {
	b := newBank(t, Fixed)
	d := b.use(badge(2))
	b.want(d, PutIn, 2, "")
	if d.Event.Purpose != Deposit || d.Event.Timing != school.InWindow {
		t.Errorf("event %+v", d.Event)
	}
	if h := b.state.Holdings["bob"]; h == nil || !h.Secured || h.Door != 2 {
		t.Fatalf("holding %+v", h)
	}
	b.pass(time.Minute)
	b.want(b.scan(badge(2)), AlreadyIn, 0, AlreadyHeld)
	b.afternoon()
	b.want(b.use(badge(2)), TakeOut, 2, "")
	if b.state.Holdings["bob"] != nil {
		t.Error("still held after the collection")
	}
}

func TestDecideDepositAtAnyHour(t *testing.T) {
	for _, c := range []struct {
		after   time.Duration
		trusted bool
		want    school.Timing
	}{
		{0, true, school.InWindow},
		{30 * time.Minute, true, school.Late},
		{-3 * time.Hour, true, school.Outside},
		{14 * time.Hour, false, school.Outside},
	} {
		b := newBank(t, Fixed)
		b.pass(c.after)
		b.now.Trusted = c.trusted
		d := b.scan(badge(1))
		b.want(d, PutIn, 1, "")
		if d.Event.Timing != c.want || d.Event.At.Trusted != c.trusted {
			t.Errorf("after %s: %+v", c.after, d.Event)
		}
	}
}

// A second scan within five seconds is the same transaction, whatever the door
// has done meanwhile: it opens nothing and starts nothing.
func TestDecideSecondScan(t *testing.T) {
	steps := []struct {
		name string
		do   func(b *bank)
	}{
		{"at once", func(*bank) {}},
		{"door not seen yet", func(b *bank) { b.pass(4 * time.Second) }},
		{"door open", func(b *bank) { b.pass(time.Second); b.see(1, Open); b.pass(4 * time.Second) }},
		{"door shut already", func(b *bank) { b.pass(time.Second); b.see(1, Open); b.pass(time.Second); b.see(1, Closed) }},
	}
	for _, purpose := range []Purpose{Deposit, Collection} {
		for _, step := range steps {
			t.Run(string(purpose)+" "+step.name, func(t *testing.T) {
				b := newBank(t, Fixed)
				if purpose == Collection {
					b.use(badge(1))
					b.afternoon()
				}
				first := b.scan(badge(1))
				step.do(b)
				again := b.scan(badge(1))
				b.want(again, first.Screen.Word, 1, Repeat)
				if again.Event.Kind != Turned {
					t.Errorf("the second scan became %s", again.Event.Kind)
				}
			})
		}
	}
}

func TestDecideGraceAfterCollection(t *testing.T) {
	b := newBank(t, Fixed)
	b.use(badge(1))
	b.afternoon()
	b.use(badge(1))
	b.pass(Grace - 20*time.Second)
	d := b.use(badge(1))
	b.want(d, Again, 1, "")
	if d.Event.Purpose != Recheck {
		t.Errorf("purpose %s", d.Event.Purpose)
	}
	b.pass(20 * time.Second) // the grace is not renewed by using it
	b.want(b.scan(badge(1)), PutIn, 1, "")
}

func TestDecideCollectionNeedsTrustedTime(t *testing.T) {
	b := newBank(t, Fixed)
	b.use(badge(1))
	b.afternoon()
	b.now.Trusted = false
	b.want(b.scan(badge(1)), Office, 0, NoTime)
	b.now.Trusted = true
	b.want(b.scan(badge(1)), TakeOut, 1, "")
}

func TestDecideDoorThatStandsOpen(t *testing.T) {
	b := newBank(t, Fixed)
	b.scan(badge(1))
	b.see(1, Open)
	b.pass(10 * time.Second)
	b.want(b.scan(badge(1)), ShutDoor, 1, DoorOpen)
	b.pass(time.Minute)
	late := StandingOpen(b.state, b.now)
	if len(late) != 1 || late[0].Door != 1 {
		t.Fatalf("overdue %v", late)
	}
	b.record(late[0])
	if again := StandingOpen(b.state, b.now); len(again) != 0 {
		t.Errorf("reported twice: %v", again)
	}
	b.afternoon() // the door has been open all day: its owner may take the phone
	b.want(b.scan(badge(1)), TakeOut, 1, "")
}

func TestDecideJamOffersAnotherDoor(t *testing.T) {
	b := newBank(t, Fixed)
	b.scan(badge(1))
	b.record(Conclude(b.state.Visits["ann"], Jammed, Closed, b.now))
	b.pass(time.Second)
	b.want(b.scan(badge(1)), PutIn, 4, "") // the spare door, well within five seconds
}

// Opened by key and shut again, a jammed door is in service again.
func TestDecideJammedDoorReturns(t *testing.T) {
	b := newBank(t, Fixed)
	b.scan(badge(1))
	b.record(Conclude(b.state.Visits["ann"], Jammed, Closed, b.now))
	b.see(1, Open)
	b.see(1, Closed)
	b.pass(time.Minute)
	b.want(b.scan(badge(1)), PutIn, 1, "")
}

// A clock nobody trusts may stand at 1970, before every grant: who may keep a
// device still may. A grant that such a clock says is over, is over.
func TestDecideKeepWithoutTrustedTime(t *testing.T) {
	b := newBank(t, Fixed)
	b.rules.Directory.Grants = []Grant{{ID: "g", Kind: MayKeep, Person: "ann", From: morning.Add(-time.Hour), Until: morning.Add(time.Hour)}}
	b.now.Trusted = false
	b.now.Wall = time.Unix(0, 0)
	b.want(b.scan(badge(1)), Keep, 0, Exempt)
	b.now.Wall = morning.Add(2 * time.Hour)
	b.want(b.scan(badge(1)), PutIn, 1, "")
}

func TestDecideNoFreeDoor(t *testing.T) {
	b := newBank(t, Fixed)
	b.state.Doors[1].Jammed, b.state.Doors[4].Jammed = true, true
	b.want(b.scan(badge(1)), Full, 0, NoDoor)
}

func TestDecideTurnsAway(t *testing.T) {
	b := newBank(t, Fixed)
	dir := b.rules.Directory
	dir.Badges[badge(9).Hash()] = BadgeEntry{Person: "ann", Revoked: true}
	dir.Badges[badge(8).Hash()] = BadgeEntry{Person: "dee"}
	dir.People["dee"] = Place{Bank: "b", Door: 7}
	dir.Grants = []Grant{{ID: "g", Kind: MayKeep, Person: "cy", From: morning.Add(-time.Hour), Until: morning.Add(time.Hour)}}
	dir.Bars = []Bar{{ID: "b", Subject: Subject{Person: "bob"}, From: morning.Add(-time.Hour)}}
	cases := []struct {
		name   string
		badge  string
		word   Word
		answer Answer
	}{
		{"unknown", badge(77).Badge(), Office, UnknownBadge},
		{"mistyped", badge(1).Badge()[:29] + "!", Unreadable, Mistyped},
		{"noise", "\x00\x01", Unreadable, Mistyped},
		{"revoked", badge(9).Badge(), Office, Revoked},
		{"another bank's", badge(8).Badge(), OtherBank, Elsewhere},
		{"exempt", badge(3).Badge(), Keep, Exempt},
		{"barred", badge(2).Badge(), Office, Barred},
	}
	for _, c := range cases {
		d := Decide(b.state, b.rules, c.badge, b.now)
		b.want(d, c.word, 0, c.answer)
		if d.Event.Kind != Turned {
			t.Errorf("%s: %s", c.name, d.Event.Kind)
		}
	}
}

func TestDecideBarOutranksGrantAndWindow(t *testing.T) {
	b := newBank(t, Fixed)
	b.use(badge(1))
	b.rules.Directory.Grants = []Grant{{ID: "g", Kind: MayCollect, Person: "ann", From: morning, Until: morning.Add(24 * time.Hour)}}
	b.rules.Directory.Bars = []Bar{{ID: "b", Subject: Subject{Person: "ann"}, From: morning}}
	b.afternoon()
	b.want(b.scan(badge(1)), Office, 0, Barred)
	b.rules.Directory.Bars = []Bar{{ID: "b", Subject: Subject{Bank: "a", Door: 1}, From: morning}}
	b.want(b.scan(badge(1)), Office, 0, Barred)
	b.rules.Directory.Bars[0].From = b.now.Wall.Add(time.Hour)
	b.now.Trusted = false // a clock nobody trusts lifts no bar
	b.want(b.scan(badge(1)), Office, 0, Barred)
}

func TestDecideGrantIsUsedUp(t *testing.T) {
	b := newBank(t, Fixed)
	b.rules.Directory.Grants = []Grant{{ID: "g", Kind: MayCollect, Person: "ann", From: morning, Until: morning.Add(3 * time.Hour), Uses: 1}}
	b.use(badge(1))
	b.pass(time.Hour)
	d := b.use(badge(1))
	if d.Event.Purpose != Collection || d.Event.Grant != "g" {
		t.Fatalf("%+v", d.Event)
	}
	b.pass(time.Hour / 2)
	b.use(badge(1)) // back in
	b.pass(time.Hour / 2)
	b.want(b.scan(badge(1)), AlreadyIn, 0, AlreadyHeld)
}

func TestDecideDynamicAvoidsOpenNeighbours(t *testing.T) {
	b := newBank(t, Dynamic)
	for _, want := range []struct {
		badge byte
		door  int
	}{{1, 1}, {2, 3}, {3, 2}} { // 1, then 3 since 2 is next to 1, then what is left
		if want.badge == 3 {
			b.state.Doors[4].Jammed = true
		}
		d := b.scan(badge(want.badge))
		b.want(d, PutIn, want.door, "")
	}
}

func TestObserveForcedDoor(t *testing.T) {
	b := newBank(t, Fixed)
	b.use(badge(1))
	e := b.see(1, Open)
	if e.Kind != Moved || !b.state.Doors[1].Forced || !b.state.Holdings["ann"].Unsure {
		t.Errorf("%+v, door %+v, holding %+v", e, b.state.Doors[1], b.state.Holdings["ann"])
	}
	b.see(1, Closed)
	b.pass(time.Minute) // forcing a door earns nobody a second opening
	b.want(b.scan(badge(1)), AlreadyIn, 0, AlreadyHeld)
}

func TestObserveItemSensor(t *testing.T) {
	b := newBank(t, Fixed)
	b.scan(badge(1))
	b.see(1, Open)
	e, _ := Observe(b.state, 1, Closed, Absent, b.now)
	b.record(e)
	if e.Kind != NothingIn || b.state.Holdings["ann"] != nil {
		t.Fatalf("%+v", e)
	}
	b.want(b.scan(badge(1)), PutIn, 1, "") // at once: the first scan came to nothing
	b.see(1, Open)
	b.see(1, Closed)
	b.afternoon()
	b.scan(badge(1))
	b.see(1, Open)
	e, _ = Observe(b.state, 1, Closed, Present, b.now)
	b.record(e)
	if e.Kind != StillIn || b.state.Holdings["ann"] == nil {
		t.Fatalf("%+v", e)
	}
	b.want(b.scan(badge(1)), TakeOut, 1, "")
}

// After a power cut nothing is guessed.
func TestReconcile(t *testing.T) {
	b := newBank(t, Fixed)
	b.scan(badge(1)) // no outcome
	b.scan(badge(2))
	b.see(2, Open) // shut while the bank was down
	b.scan(badge(3))
	b.see(3, Open) // still open
	b.now.Boot, b.now.Mono = "two", 0
	b.record(Event{Kind: Started, At: b.now})
	b.record(Event{Kind: Surveyed, At: b.now, Body: Body{OpenDoors: []int{3}}})
	for _, e := range Reconcile(b.state, b.now) {
		b.record(e)
	}
	for id, want := range map[string]struct {
		phase  Phase
		unsure bool
	}{"ann": {Unsure, true}, "bob": {Unsure, true}, "cy": {AtDoor, false}} {
		if v, h := b.state.Visits[id], b.state.Holdings[id]; v.Phase != want.phase || h.Unsure != want.unsure {
			t.Errorf("%s: visit %+v, holding %+v", id, v, h)
		}
	}
	b.want(b.scan(badge(1)), PutIn, 1, "") // the same door again, to settle it
	b.see(1, Open)
	b.see(1, Closed)
	if h := b.state.Holdings["ann"]; !h.Unsure || !h.Secured {
		t.Errorf("without an item sensor a hand-in done again stays unsure: %+v", h)
	}
}

// After a collection that nobody saw to its end the next hand-in must still be
// taken: at the same door, where the question is settled.
func TestDecideHandInAfterAnUnsureCollection(t *testing.T) {
	b := newBank(t, Fixed)
	b.use(badge(1))
	b.afternoon()
	b.scan(badge(1))
	b.record(Conclude(b.state.Visits["ann"], Unverified, Closed, b.now))
	b.pass(17 * time.Hour)
	b.want(b.use(badge(1)), PutIn, 1, "")
	if h := b.state.Holdings["ann"]; h == nil || !h.Unsure || !h.Secured {
		t.Errorf("holding %+v", h)
	}
	b.pass(7 * time.Hour)
	b.rules.Plan.Windows = append(b.rules.Plan.Windows, school.Window{Use: school.Collection, From: b.now.Wall, Until: b.now.Wall.Add(time.Hour)})
	b.use(badge(1))
	if h := b.state.Holdings["ann"]; h != nil {
		t.Errorf("a collection seen to its end leaves %+v", h)
	}
}

// Who pulled the plug in the morning does not get to the phone at noon.
func TestDecideRedoEndsSoon(t *testing.T) {
	b := newBank(t, Fixed)
	b.scan(badge(1))
	b.record(Conclude(b.state.Visits["ann"], Unverified, Closed, b.now))
	b.pass(RedoFor - time.Minute)
	b.want(b.scan(badge(1)), PutIn, 1, "")
	b.record(Conclude(b.state.Visits["ann"], Jammed, Closed, b.now)) // leaning on the door buys no time
	b.pass(30 * time.Minute)
	b.want(b.scan(badge(1)), AlreadyIn, 0, AlreadyHeld)
	b.afternoon()
	b.want(b.scan(badge(1)), TakeOut, 1, "")
}

// A door just collected from is kept for a second look, whoever comes.
func TestDecideKeepsADoorForASecondLook(t *testing.T) {
	b := newBank(t, Dynamic)
	b.use(badge(1))
	b.afternoon()
	b.use(badge(1))
	b.want(b.scan(badge(2)), PutIn, 2, "")
	b.pass(10 * time.Second)
	b.want(b.scan(badge(1)), Again, 1, "")
}

func TestDecideBarAtAnOpenDoor(t *testing.T) {
	b := newBank(t, Fixed)
	b.scan(badge(1))
	b.see(1, Open)
	b.rules.Directory.Bars = []Bar{{ID: "b", Subject: Subject{Bank: "a", Door: 1}, From: morning}}
	b.afternoon()
	b.want(b.scan(badge(1)), Office, 0, Barred)
}

func TestMayGoOn(t *testing.T) {
	b := newBank(t, Fixed)
	b.scan(badge(1))
	v := b.state.Visits["ann"]
	if !MayGoOn(b.state, b.rules, v, b.now) {
		t.Error("nothing stands against it")
	}
	b.rules.Directory.Bars = []Bar{{ID: "b", Subject: Subject{Person: "ann"}, From: morning}}
	if MayGoOn(b.state, b.rules, v, b.now) {
		t.Error("a bar came in between")
	}
}

func TestStateIsTheFoldOfItsEvents(t *testing.T) {
	b := newBank(t, Fixed)
	b.use(badge(1))
	b.scan(badge(2))
	before := b.state.Clone()
	b.see(2, Open)
	if before.Visits["bob"].Phase != Opening {
		t.Error("a clone changed with its original")
	}
	again := NewState(b.state.Setup)
	for i, e := range b.log {
		again.Apply(uint64(i+1), e)
	}
	if got, want := dump(again), dump(b.state); got != want {
		t.Errorf("folded again:\n%s\nwant\n%s", got, want)
	}
}
