package closure

import (
	"context"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
)

var eleven = time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)

var (
	head    = school.Actor{Account: "head", Person: "s-head"}
	headTwo = school.Actor{Account: "head-two", Person: "s-head"}
	office  = school.Actor{Account: "office", Person: "s-office"}
	nobody  = school.Actor{Account: "program", Person: "x-program"}
)

// desk is a book on its ledger and vault, at a time of its own.
type desk struct {
	*Book
	t     testing.TB
	log   *memlog.Log
	vault *vault.Vault
	now   time.Time
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	d := &desk{t: t, now: eleven}
	var err error
	if d.log, err = memlog.New("school", func() time.Time { return d.now }); err != nil {
		t.Fatal(err)
	}
	if d.vault, err = vault.Open(filepath.Join(t.TempDir(), "vault")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.must(d.vault.Close()) })
	d.Book = New(d.log, d.vault, d.stamp)
	return d
}

func (d *desk) stamp() ledger.Stamp { return ledger.Stamp{Wall: d.now} }

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) refuses(err error, code errs.Code, field string) {
	d.t.Helper()
	if errs.CodeOf(err) != code {
		d.t.Errorf("%v, want %s", err, code)
		return
	}
	if all := errs.All(err); field != "" && !slices.ContainsFunc(all, func(e *errs.Error) bool { return e.Field == field }) {
		d.t.Errorf("%v is not about %s", err, field)
	}
}

// again is a book made of what the ledger says. No name and no door's content stands
// there.
func (d *desk) again() *Book {
	d.t.Helper()
	b := New(d.log, d.vault, d.stamp)
	d.must(d.log.Read(context.Background(), 0, func(r ledger.Record) error {
		if strings.Contains(string(r.Leaf), "p-secret") {
			d.t.Errorf("the ledger tells: %s", r.Leaf)
		}
		return b.Fold(r)
	}))
	return b
}

// The building is left once at a time, and one person's name stands for the all-clear.
func TestEvacuation(t *testing.T) {
	d := newDesk(t)
	_, err := d.AllClear(t.Context(), head)
	d.refuses(err, errs.Conflict, "")
	_, err = d.AllClear(t.Context(), nobody) // a bank may have begun one by itself, and nobody ends that either
	d.refuses(err, errs.Denied, "")
	id, err := d.Evacuate(t.Context(), office, true)
	d.must(err)
	if d.Mode() != school.Evacuation {
		t.Error("the plan does not say so")
	}
	_, err = d.Evacuate(t.Context(), head, false)
	d.refuses(err, errs.Conflict, "")
	d.now = d.now.Add(14 * time.Minute)
	_, err = d.AllClear(t.Context(), nobody)
	d.refuses(err, errs.Denied, "")
	_, err = d.AllClear(t.Context(), head)
	d.must(err)
	want := Evacuation{ID: id, Drill: true, Began: Act{"office", "s-office", eleven}, Ended: Act{"head", "s-head", d.now}}
	for _, b := range []*Book{d.Book, d.again()} {
		if got := b.Evacuations(); len(got) != 1 || got[0] != want || b.Mode() != school.Normal {
			t.Errorf("%+v, mode %q", got, b.Mode())
		}
	}
}

// A bank's alarm empties the whole school, once; an old one, or one of before the
// all-clear, does not.
func TestHeard(t *testing.T) {
	d := newDesk(t)
	heard := func(began time.Time) bool {
		t.Helper()
		took, err := d.Heard(t.Context(), "b", 7, locker.ByInput, began)
		d.must(err)
		return took
	}
	if heard(d.now.Add(-time.Hour)) {
		t.Error("an alarm of an hour ago empties the school")
	}
	if !heard(d.now.Add(-time.Second)) || heard(d.now) {
		t.Error("an alarm does not empty the school once")
	}
	d.now = d.now.Add(3 * time.Minute)
	_, err := d.AllClear(t.Context(), head)
	d.must(err)
	if heard(d.now.Add(-2 * time.Minute)) {
		t.Error("a bank that was offline empties it again after the all-clear")
	}
	d.now = d.now.Add(time.Minute)
	if !heard(d.now) {
		t.Error("a new alarm does not")
	}
	if e := d.again().Evacuations(); len(e) != 2 || e[0].Bank != "b" || e[0].Cause != locker.ByInput || e[0].Began.By != "bank-b" {
		t.Errorf("%+v", e)
	}
}

// What was behind the doors stays as it was, off the ledger; and every door of every
// bank is to be looked at once access is back.
func TestAccessLost(t *testing.T) {
	d := newDesk(t)
	inventory := Inventory{Words: []Word{{Bank: "a", Heard: eleven, Online: true}}, Doors: []Behind{{Bank: "a", Door: 12, Person: "p-secret", State: "in", Since: eleven}}}
	_, err := d.LoseAccess(t.Context(), nobody, inventory)
	d.refuses(err, errs.Denied, "")
	id, err := d.LoseAccess(t.Context(), head, inventory)
	d.must(err)
	_, err = d.LoseAccess(t.Context(), head, Inventory{})
	d.refuses(err, errs.Conflict, "")
	d.refuses(d.Told(t.Context(), head, id, " "), errs.Invalid, "how")
	d.must(d.Told(t.Context(), head, id, "Text message to all parents"))
	if len(d.Asked([]string{"a", "b"})) > 0 {
		t.Error("doors that nobody can reach are to be looked at")
	}
	d.now = d.now.Add(48 * time.Hour)
	d.must(d.AccessBack(t.Context(), head))
	d.refuses(d.AccessBack(t.Context(), head), errs.Conflict, "")
	for _, b := range []*Book{d.Book, d.again()} {
		got, err := b.Inventory(t.Context(), id)
		if l, _ := b.Loss(id); err != nil || !reflect.DeepEqual(got, inventory) || len(l.Told) != 1 || !l.Back.Done() {
			t.Errorf("%+v, %+v, %v", got, l, err)
		}
		if asked := b.Asked([]string{"a", "b"}); len(asked) != 2 || asked[0].Bank != "a" || len(asked[0].Doors) != 0 {
			t.Errorf("asked: %+v", asked)
		}
	}
}

// Two people stand for a key, counted as people; and its doors are to be looked at when
// it went out, and once more when it is back.
func TestKeys(t *testing.T) {
	d := newDesk(t)
	key := Key{Bank: "a", Why: NoPower, Taker: "s-head"}
	_, err := d.KeyOut(t.Context(), headTwo, key)
	d.refuses(err, errs.Invalid, "taker")
	for _, k := range []Key{{Bank: "a", Why: NoPower}, {Bank: "a", Why: NoPower, Taker: "x-visit"}} {
		_, err = d.KeyOut(t.Context(), office, k)
		d.refuses(err, errs.Invalid, "taker")
	}
	_, err = d.KeyOut(t.Context(), office, Key{Bank: "a", Taker: "s-head", Why: "fun"})
	d.refuses(err, errs.Invalid, "why")
	_, err = d.KeyOut(t.Context(), nobody, key)
	d.refuses(err, errs.Denied, "")
	id, err := d.KeyOut(t.Context(), office, key)
	d.must(err)
	_, err = d.KeyOut(t.Context(), office, key)
	d.refuses(err, errs.Invalid, "bank")
	if asked := d.Asked(nil); len(asked) != 1 || asked[0].Bank != "a" {
		t.Errorf("asked: %+v", asked)
	}
	d.now = d.now.Add(time.Hour)
	d.must(d.KeyBack(t.Context(), head, id))
	d.refuses(d.KeyBack(t.Context(), head, id), errs.Conflict, "")
	d.refuses(d.KeyBack(t.Context(), head, "c-x"), errs.NotFound, "")
	if asked := d.again().Asked(nil); len(asked) != 2 || asked[0].ID == asked[1].ID {
		t.Errorf("asked: %+v", asked)
	}
	d.now = d.now.Add(askedFor + time.Hour)
	if len(d.Asked(nil)) > 0 {
		t.Error("banks are told for ever")
	}
}

// The first look at evidence counts for another person, and for a day.
func TestFirstLook(t *testing.T) {
	d := newDesk(t)
	d.refuses(d.First(t.Context(), nobody, "e", []int{1101}), errs.Denied, "")
	d.must(d.First(t.Context(), head, "e", []int{1101}))
	looked := func(b *Book, door int, person string) bool {
		l, ok := b.Looked("e", door, person, eleven.Add(-time.Hour))
		return ok && l.Person == "s-head"
	}
	if b := d.again(); looked(b, 1101, "s-head") || !looked(b, 1101, "s-office") || looked(b, 1102, "s-office") {
		t.Error("it is not one other person’s, of that door")
	}
	if _, ok := d.Looked("e", 1101, "s-office", eleven.Add(time.Second)); ok {
		t.Error("a look of before the doubt counts")
	}
	d.now = d.now.Add(lookFor)
	if looked(d.Book, 1101, "s-office") {
		t.Error("it counts for ever")
	}
}

// A line that says again what another says is refused, one that contradicts the record
// too unless somebody insists, and then it says so.
// A line is held against what the paper says last before it, in whatever order it is typed.
func TestPaper(t *testing.T) {
	d := newDesk(t)
	d.now = eleven.Add(5 * time.Hour)
	line := func(what What, door int, minute int) Line {
		return Line{What: what, Bank: "a", Door: door, Person: "p-1", At: eleven.Add(time.Duration(minute) * time.Minute), Witness: "s-office"}
	}
	in := Known{In: true, Bank: "a", Door: 12}
	typed := func(l Line, known Known, despite bool) error { return d.Type(t.Context(), office, l, known, despite) }
	d.must(typed(line(TakenOut, 12, 0), in, false))
	d.refuses(typed(line(TakenOut, 12, 0), in, true), errs.Conflict, "")
	d.refuses(typed(line(TakenOut, 12, 30), in, false), errs.Invalid, "despite") // it is out already, by paper
	d.must(typed(line(PutIn, 12, 40), Known{}, false))
	d.refuses(typed(line(PutIn, 13, 50), Known{}, false), errs.Invalid, "despite")
	d.refuses(typed(line(ToDesk, 13, 50), in, false), errs.Invalid, "despite")
	d.must(typed(line(ToDesk, 13, 50), in, true))
	wrong := map[string]func(*Line){
		"what": func(l *Line) { l.What = "eaten" }, "door": func(l *Line) { l.Door = 0 }, "person": func(l *Line) { l.Person = "" },
		"witness": func(l *Line) { l.Witness = "" }, "at": func(l *Line) { l.At = d.now.Add(time.Hour) },
	}
	for field, spoil := range wrong {
		l := line(TakenOut, 12, 200)
		spoil(&l)
		d.refuses(typed(l, in, true), errs.Invalid, field)
	}
	d.must(typed(line(PutIn, 14, 10), Known{}, false)) // a page that lay below the others
	d.must(typed(line(PutIn, 15, 60), Known{}, false))
	got := d.again().Paper()[2:]
	if len(got) != 3 || got[0].Against == "" || got[1].Against != "" || got[0].Witness != "s-office" || got[0].Typed.By != "office" {
		t.Errorf("%+v", got)
	}
}
