package tray

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

type tb interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Context() context.Context
}

// room is a book with its clock, and what stands around it.
type room struct {
	*Book
	log    *memlog.Log
	now    time.Time
	rules  policy.Rules
	unread map[string]bool           // people who have not read what they must
	leaves map[string]bool           // pupils who may go home early
	held   map[string]bool           // pupils on whom a hold stands
	left   map[string]desk.LeftThing // items at the office
}

var morning = time.Date(2026, 11, 23, 8, 45, 0, 0, time.UTC)

func newRoom(t tb) *room {
	t.Helper()
	log, err := memlog.New("school", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	r := &room{log: log, now: morning, rules: policy.Default(), unread: map[string]bool{}, leaves: map[string]bool{}, held: map[string]bool{}, left: map[string]desk.LeftThing{}}
	r.rules.DepositPoint = policy.AtClass
	r.Book = New(r.config())
	return r
}

func (r *room) config() Config {
	return Config{Log: r.log, People: r, Custody: r, Zone: time.UTC, Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: r.now, Trusted: true} },
		Rules:  func() policy.Rules { return r.rules },
		Ends:   func(at time.Time) (time.Time, bool) { return clock(at, 15, 10), at.Weekday() != time.Saturday },
		Leaves: func(person string, _ time.Time) bool { return r.leaves[person] },
		Briefed: func(by desk.By) error {
			if r.unread[by.Person] {
				return errs.New(errs.Denied, "Read the note first.", "")
			}
			return nil
		}}
}

func clock(day time.Time, hour, minute int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, time.UTC)
}

// Person has pupils oak-1 ... of 5 Oak and elm-1 ... of 5 Elm.
func (r *room) Person(id string) (register.Person, bool) {
	form, ok := map[string]string{"oak": "5 Oak", "elm": "5 Elm"}[strings.Split(id, "-")[0]]
	return register.Person{ID: id, Kind: register.Pupil, Details: register.Details{Form: form}}, ok
}

func (r *room) TakeLeft(_ context.Context, _ desk.By, l desk.LeftThing) error {
	r.left[l.ID] = l
	return nil
}

func (r *room) MayGo(person string) error {
	if r.held[person] {
		return desk.DoNotRelease()
	}
	return nil
}

func who(person string, role roles.Role, forms ...string) desk.By {
	return desk.By{Actor: school.Actor{Account: "a-" + person, Person: person}, Roles: []roles.Assignment{{Role: role, Forms: forms}}}
}

var (
	supply   = who("v-1", roles.Supply, "5 Oak")
	tutor    = who("s-1", roles.Teacher, "5 Oak")
	stranger = who("s-2", roles.Teacher, "5 Elm")
	office   = who("s-3", roles.Office)
)

func (r *room) take(t tb, by desk.By) Tray {
	t.Helper()
	tray, err := r.Take(t.Context(), by, "5 Oak")
	if err != nil {
		t.Fatal(err)
	}
	return tray
}

func (r *room) tick(t tb, id string, ticks ...Tick) {
	t.Helper()
	refused, err := r.Tick(t.Context(), supply, id, ticks)
	if err != nil || len(refused) > 0 {
		t.Fatalf("%v %v", refused, err)
	}
}

func in(id, pupil string, things ...desk.What) Tick {
	return Tick{ID: id, Pupil: pupil, Part: In, Line: Line{Things: things}}
}

func back(id, pupil string, things ...desk.What) Tick {
	return Tick{ID: id, Pupil: pupil, Part: Back, Line: Line{Things: things}}
}

func refusedWith(t *testing.T, what string, err error, code errs.Code, says string) {
	t.Helper()
	if errs.CodeOf(err) != code || !strings.Contains(err.Error(), says) {
		t.Errorf("%s: %v, want %s: %s", what, err, code, says)
	}
}

// A supply teacher's day: eleven phones and a watch in, one phone left over.
func TestDay(t *testing.T) {
	r, ctx := newRoom(t), t.Context()
	tray := r.take(t, supply)
	for i := range 11 {
		r.tick(t, tray.ID, in("t-"+string(rune('a'+i)), "oak-"+string(rune('a'+i)), desk.Phone))
	}
	both := in("t-w", "oak-a", desk.Phone, desk.Watch)
	both.After = []string{"t-a"}
	r.tick(t, tray.ID, both, Tick{ID: "t-none", Pupil: "oak-z", Part: In, Line: Line{Mark: NoPhone}})

	err := r.Lock(ctx, supply, tray.ID, Counted{Spot: "office", Count: Count{desk.Phone: 10, desk.Watch: 1}, Asked: 16}, 16)
	refusedWith(t, "a wrong count", err, errs.Invalid, "phones, 11 ticked and 10 counted")
	err = r.Lock(ctx, supply, tray.ID, Counted{Spot: "office", Count: Count{desk.Phone: 11, desk.Watch: 1}}, 16)
	refusedWith(t, "nobody was asked", err, errs.Invalid, "Nothing is ticked for 16 pupils")
	full := Count{desk.Phone: 11, desk.Watch: 1}
	if err := r.Lock(ctx, supply, tray.ID, Counted{Spot: "office", Count: full, Asked: 16}, 16); err != nil {
		t.Fatal(err)
	}
	if s := r.Standings(); !s["oak-a"].In || s["oak-z"].In || s["oak-z"].Mark != NoPhone || !slices.Equal(s["oak-a"].Here, []desk.What{desk.Phone, desk.Watch}) {
		t.Errorf("standings %+v", s)
	}

	r.now = clock(morning, 15, 15)
	if err := r.Fetch(ctx, supply, tray.ID); err != nil {
		t.Fatal(err)
	}
	r.tick(t, tray.ID, back("b-a", "oak-a", desk.Phone, desk.Watch))
	for i := range 9 {
		r.tick(t, tray.ID, back("b-"+string(rune('b'+i)), "oak-"+string(rune('b'+i)), desk.Phone))
	}
	refusedWith(t, "one is left", r.Close(ctx, supply, tray.ID, "office", Count{}), errs.Invalid, "phones, 1 ticked and 0 counted")
	if err := r.Close(ctx, supply, tray.ID, "office", Count{desk.Phone: 1}); err != nil {
		t.Fatal(err)
	}
	tray, _ = r.Tray(tray.ID)
	if len(tray.Left) != 1 || tray.Left[0].Pupil != "oak-k" || r.left[tray.Left[0].Item].Spot != "office" || !tray.Closed() {
		t.Errorf("left over: %+v, at the office %+v", tray.Left, r.left)
	}
	_, err = r.Tick(ctx, supply, tray.ID, []Tick{in("late", "oak-b")})
	refusedWith(t, "a tick after the end", err, errs.Conflict, "closed")
	same(t, r)
}

// same fails unless a book made of the ledger alone is the same.
func same(t tb, r *room) {
	t.Helper()
	again := New(r.config())
	if err := r.log.Read(t.Context(), 0, again.Fold); err != nil {
		t.Fatal(err)
	}
	for id := range r.trays {
		a, b := r.trays[id].value(), again.trays[id].value()
		if !maps.Equal(a.Count(), b.Count()) || !a.Place.Since.Equal(b.Place.Since) || a.Held() != b.Held() || len(a.Trail) != len(b.Trail) || !slices.Equal(a.Left, b.Left) {
			t.Fatalf("%s is\n%+v, from the ledger\n%+v", id, a, b)
		}
	}
}

// No other class's teacher reaches a tray, by any command.
func TestOnlyOwnClass(t *testing.T) {
	r, ctx := newRoom(t), t.Context()
	tray := r.take(t, supply)
	size := r.log.Size()
	_, take := r.Take(ctx, stranger, "5 Oak")
	_, tick := r.Tick(ctx, stranger, tray.ID, []Tick{in("x", "oak-1", desk.Phone)})
	for name, err := range map[string]error{"take": take, "tick": tick,
		"lock": r.Lock(ctx, stranger, tray.ID, Counted{Spot: "office"}, 0), "fetch": r.Fetch(ctx, stranger, tray.ID),
		"hand": r.Hand(ctx, stranger, tray.ID, nil), "accept": r.Accept(ctx, stranger, tray.ID, nil), "close": r.Close(ctx, stranger, tray.ID, "office", nil)} {
		refusedWith(t, name, err, errs.Denied, "not your class")
	}
	nobody := supply
	nobody.Person = ""
	_, err := r.Take(ctx, nobody, "5 Oak")
	refusedWith(t, "an account that is nobody’s", err, errs.Denied, "not known who")
	over := supply
	over.Roles = []roles.Assignment{{Role: roles.Supply, Forms: []string{"5 Oak"}, Until: r.now}}
	refusedWith(t, "a pass that is over", r.Lock(ctx, over, tray.ID, Counted{Spot: "office"}, 0), errs.Denied, "not your class")
	refused, err := r.Tick(ctx, supply, tray.ID, []Tick{in("x", "elm-1", desk.Phone), in("y", "nobody-1", desk.Phone)})
	if err != nil || len(refused) != 2 || r.log.Size() != size {
		t.Errorf("pupils of another class: %v %v", refused, err)
	}
}

// A tick that is sent again because its answer was lost is on record once.
func TestTickOnce(t *testing.T) {
	r := newRoom(t)
	tray := r.take(t, supply)
	r.tick(t, tray.ID, in("1", "oak-1", desk.Phone), in("1", "oak-1", desk.Phone))
	size := r.log.Size()
	r.tick(t, tray.ID, in("1", "oak-1", desk.Watch))
	if tray, _ = r.Tray(tray.ID); r.log.Size() != size || tray.Count()[desk.Phone] != 1 || tray.Count().Total() != 1 {
		t.Errorf("%d records more, in the tray %v", r.log.Size()-size, tray.Count())
	}
}

func TestTakeIsRefused(t *testing.T) {
	r, ctx := newRoom(t), t.Context()
	r.unread["v-1"] = true
	_, err := r.Take(ctx, supply, "5 Oak")
	refusedWith(t, "before reading", err, errs.Denied, "Read the note")
	r.unread["v-1"] = false
	r.now = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	_, err = r.Take(ctx, supply, "5 Oak")
	refusedWith(t, "on a Saturday", err, errs.NotNow, "no school")
	r.now = morning
	r.take(t, supply)
	r.take(t, supply) // once more is no fault
	_, err = r.Take(ctx, tutor, "5 Oak")
	refusedWith(t, "a second teacher", err, errs.Conflict, "Somebody else has taken")
}

// Nothing is given back before its time, nor past a hold.
func TestGivingBack(t *testing.T) {
	r, ctx := newRoom(t), t.Context()
	tray := r.take(t, supply)
	r.tick(t, tray.ID, in("1", "oak-1", desk.Phone), in("2", "oak-2", desk.Phone), in("3", "oak-3", desk.Phone))
	give := func(n string) error {
		refused, err := r.Tick(ctx, supply, tray.ID, []Tick{back("b"+n+r.now.Format("1504"), "oak-"+n, desk.Phone)})
		if len(refused) > 0 {
			return refused[0].Why
		}
		return err
	}
	refusedWith(t, "before it is counted", give("1"), errs.NotNow, "not counted")
	if err := r.Lock(ctx, supply, tray.ID, Counted{Spot: "cupboard", Count: Count{desk.Phone: 3}}, 0); err != nil {
		t.Fatal(err)
	}
	r.now = clock(morning, 11, 0)
	refusedWith(t, "while it is away", give("1"), errs.NotNow, "put away")
	if err := r.Fetch(ctx, tutor, tray.ID); err != nil {
		t.Fatal(err)
	}
	refusedWith(t, "before the end of the day", give("1"), errs.NotNow, "end of the school day")
	r.leaves["oak-2"] = true
	if err := give("2"); err != nil {
		t.Errorf("who leaves early: %v", err)
	}
	r.held["oak-3"], r.now = true, clock(morning, 15, 10)
	refusedWith(t, "past a hold", give("3"), errs.Denied, "Do not release")
	if err := give("1"); err != nil {
		t.Error(err)
	}
	if err := r.Close(ctx, tutor, tray.ID, "office", Count{desk.Phone: 1}); err != nil {
		t.Fatal(err)
	}
	if len(r.left) != 1 {
		t.Errorf("what is held is not at the office: %v", r.left)
	}
}

// Who got their watch back gets no phone past a hold by that tick, neither in its place
// nor beside it.
func TestNoWayRoundAHold(t *testing.T) {
	for name, after := range map[string][]string{"in its place": {"b1"}, "beside it": nil} {
		r, ctx := newRoom(t), t.Context()
		tray := r.take(t, supply)
		r.tick(t, tray.ID, in("1", "oak-1", desk.Phone, desk.Watch))
		if err := r.Lock(ctx, supply, tray.ID, Counted{Spot: "cupboard", Count: Count{desk.Phone: 1, desk.Watch: 1}}, 0); err != nil {
			t.Fatal(err)
		}
		r.now = clock(morning, 15, 10)
		if err := r.Fetch(ctx, tutor, tray.ID); err != nil {
			t.Fatal(err)
		}
		r.tick(t, tray.ID, back("b1", "oak-1", desk.Watch))
		r.held["oak-1"] = true
		tick := back("b2", "oak-1", desk.Phone)
		tick.After = after
		refused, err := r.Tick(ctx, supply, tray.ID, []Tick{tick})
		if err != nil || len(refused) != 1 {
			t.Errorf("%s: %v, refused %v", name, err, refused)
		}
	}
}

// Two tablets that say different things are shown, and nothing is handed over until
// somebody settles it.
func TestConflict(t *testing.T) {
	r, ctx := newRoom(t), t.Context()
	tray := r.take(t, supply)
	r.tick(t, tray.ID, in("1", "oak-1", desk.Phone), Tick{ID: "2", Pupil: "oak-1", Part: In, Line: Line{Mark: NoPhone}})
	r.tick(t, tray.ID, in("3", "oak-2", desk.Phone), in("4", "oak-2", desk.Phone)) // the same twice is none
	tray, _ = r.Tray(tray.ID)
	if got := tray.Conflicts(); !slices.Equal(got, []string{"oak-1"}) || len(tray.In("oak-1").Others) != 2 || !r.Standings()["oak-1"].Unsure {
		t.Errorf("conflicts %q, %+v", got, tray.In("oak-1"))
	}
	lock := func() error {
		return r.Lock(ctx, supply, tray.ID, Counted{Spot: "office", Count: Count{desk.Phone: 2}}, 0)
	}
	refusedWith(t, "a conflict", lock(), errs.Conflict, "Two tablets")
	settled := in("5", "oak-1", desk.Phone)
	settled.After = tray.In("oak-1").Ticks
	r.tick(t, tray.ID, settled)
	if err := lock(); err != nil {
		t.Fatal(err)
	}
	more := in("6", "oak-9", desk.Watch)
	r.tick(t, tray.ID, more) // made before the count, and sent after it
	if tray, _ = r.Tray(tray.ID); !tray.Recount() {
		t.Error("a tick after the count goes unnoticed")
	}
}

// A tray goes from one teacher to another when both have counted the same.
func TestHandOn(t *testing.T) {
	r, ctx := newRoom(t), t.Context()
	tray := r.take(t, supply)
	r.tick(t, tray.ID, in("1", "oak-1", desk.Phone))
	one := Count{desk.Phone: 1}
	refusedWith(t, "nobody offers it", r.Accept(ctx, tutor, tray.ID, one), errs.Conflict, "Nobody offers")
	refusedWith(t, "a wrong count", r.Hand(ctx, supply, tray.ID, Count{}), errs.Invalid, "1 ticked and 0 counted")
	if err := r.Hand(ctx, supply, tray.ID, one); err != nil {
		t.Fatal(err)
	}
	twin := supply
	twin.Account = "another-account"
	refusedWith(t, "the same person by another account", r.Accept(ctx, twin, tray.ID, one), errs.Denied, "Somebody else")
	refusedWith(t, "a wrong count", r.Accept(ctx, tutor, tray.ID, Count{desk.Phone: 2}), errs.Invalid, "1 ticked and 2 counted")
	if err := r.Accept(ctx, tutor, tray.ID, one); err != nil {
		t.Fatal(err)
	}
	if tray, _ = r.Tray(tray.ID); tray.Held() != "s-1" || tray.Trail[0].By != "a-v-1" || tray.Offer != nil {
		t.Errorf("it is %+v", tray)
	}
	if err := r.Accept(ctx, office, tray.ID, one); err != nil { // the tutor went home ill
		t.Error(err)
	}
	refusedWith(t, "who has it already", r.Accept(ctx, office, tray.ID, one), errs.Denied, "Somebody else")
	if err := r.Hand(ctx, office, tray.ID, one); err != nil {
		t.Error(err)
	}
	if err := r.Accept(ctx, tutor, tray.ID, one); err != nil {
		t.Error(err)
	}
	refusedWith(t, "who gave it away", r.Lock(ctx, supply, tray.ID, Counted{Spot: "office", Count: one}, 0), errs.Denied, "do not have")
	refusedWith(t, "the office, which does not have it", r.Close(ctx, office, tray.ID, "office", one), errs.Denied, "do not have")
	same(t, r)
}

// Who takes phones in goes by the school's rules.
func TestTrayFollowsTheRules(t *testing.T) {
	base := policy.Default()
	base.DepositPoint = policy.AtClass
	policytest.Watch(t, base, func(rules policy.Rules) string {
		r := newRoom(t)
		r.rules = rules
		_, err := r.Take(t.Context(), supply, "5 Oak")
		return string(errs.CodeOf(err))
	}, "deposit_point")
}

// A tray stands behind a door of a bank from when the bank's own record says so, and is
// in the hands of whoever asked once that says that it is out.
func TestDoor(t *testing.T) {
	r, ctx := newRoom(t), t.Context()
	tray := r.take(t, supply)
	r.tick(t, tray.ID, in("1", "oak-1", desk.Phone))
	one := Counted{Count: Count{desk.Phone: 1}}
	_, err := r.Put(ctx, stranger, tray.ID, "a", one, 0)
	refusedWith(t, "another class’s teacher", err, errs.Denied, "not your class")
	_, err = r.Put(ctx, tutor, tray.ID, "a", one, 0)
	refusedWith(t, "who does not have it", err, errs.Denied, "do not have")
	_, err = r.Put(ctx, supply, tray.ID, "a", Counted{}, 0)
	refusedWith(t, "a wrong count", err, errs.Invalid, "1 ticked and 0 counted")
	_, err = r.Put(ctx, supply, tray.ID, "a", one, 3)
	refusedWith(t, "nobody was asked", err, errs.Invalid, "Nothing is ticked for 3")
	put, err := r.Put(ctx, supply, tray.ID, "a", one, 0)
	if o := put.Order; err != nil || put.Bank != "a" || o.Kind != locker.OrderPut || o.Item != tray.ID || o.Class != locker.ClassTray || o.By != "a-v-1" {
		t.Fatalf("%+v %v", put, err)
	}
	if tray, _ = r.Tray(tray.ID); tray.Held() != "v-1" || tray.Asked == nil || tray.Counted != nil {
		t.Errorf("before the bank says anything: %+v", tray)
	}
	tell := func(seq uint64, kind locker.Kind) {
		t.Helper()
		for range 2 { // after a restart it is told again
			if err := r.Tell(ctx, desk.Ref{Bank: "a", Epoch: 1, Seq: seq}, locker.Event{Kind: kind, Door: 8, At: school.Instant{Wall: r.now}, Body: locker.Body{Item: tray.ID, By: "a-v-1"}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	tell(4, locker.Deposited)
	if tray, _ = r.Tray(tray.ID); tray.Place.Kind != desk.Behind || tray.Place.Door != 8 || tray.Counted[desk.Phone] != 1 || tray.Asked != nil || len(tray.Trail) != 2 {
		t.Errorf("behind its door: %+v", tray)
	}
	refusedWith(t, "by hand", r.Fetch(ctx, supply, tray.ID), errs.Conflict, "behind a door")
	_, err = r.TakeOut(ctx, stranger, tray.ID)
	refusedWith(t, "another class’s teacher", err, errs.Denied, "not your class")
	out, err := r.TakeOut(ctx, tutor, tray.ID)
	if o := out.Order; err != nil || o.Kind != locker.OrderTake || o.Item != tray.ID || o.Class != locker.ClassTray || o.Door != 8 {
		t.Fatalf("%+v %v", out, err)
	}
	tell(9, locker.Collected)
	if tray, _ = r.Tray(tray.ID); tray.Held() != "s-1" || len(tray.Trail) != 3 {
		t.Errorf("out again: %+v", tray)
	}
	same(t, r)
}
