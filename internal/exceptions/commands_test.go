package exceptions

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/mdm"
)

func code(t *testing.T, what string, err error, want errs.Code) {
	t.Helper()
	if errs.CodeOf(err) != want {
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}

// granted asks as the teacher and approves as the head.
func (d *desk) granted(t *testing.T, terms exception.Terms, p exception.Paper) string {
	t.Helper()
	id := must(d.Ask(t.Context(), teacher, terms, p))(t)
	ok(t, d.Approve(t.Context(), head, id))
	return id
}

func (d *desk) state(id string) exception.State {
	e, _ := d.Exception(id)
	return d.State(e)
}

// Whoever asked, whoever it is for and whoever changed their account a moment ago
// cannot approve, by whatever account.
func TestWhoMayApprove(t *testing.T) {
	fresh := acting
	fresh.Changed = monday.Add(-23 * time.Hour)
	own := exception.Terms{Kind: exception.Staff, Person: "s-head", Scope: exception.AllDay, From: monday, Until: monday.AddDate(0, 1, 0), Review: monday.AddDate(0, 1, 0)}
	for _, c := range []struct {
		name   string
		asks   By
		terms  exception.Terms
		signs  By
		signed errs.Code
	}{
		{"the head, what a teacher asked", teacher, medical(), head, ""},
		{"the teacher", teacher, medical(), teacher, errs.Denied},
		{"the deputy, what a teacher asked", teacher, medical(), deputy, errs.Denied},
		{"the head, what the head asked", head, medical(), head, errs.Denied},
		{"the head, by another account", head, medical(), headTwo, errs.Denied},
		{"whoever acts as head", head, medical(), acting, ""},
		{"a deputy, what the head asked for a pupil", head, medical(), deputy, errs.Denied},
		{"a new password", teacher, medical(), fresh, errs.Denied},
		{"the head's account, since tied to another person", head, medical(), who("head", "s-acting", true), errs.Denied},
		{"nobody's account", teacher, medical(), who("x", "", true), errs.Denied},
		{"the head, for the head", teacher, own, head, errs.Denied},
		{"a deputy countersigns for the head", head, own, deputy, ""},
		{"a deputy, for the head by a teacher", teacher, own, deputy, errs.Denied},
		{"the deputy, a lesson the head asked", head, lesson(1), deputy, errs.Denied},
		{"whoever acts as head, a lesson", head, lesson(1), acting, ""},
	} {
		d := newDesk(t)
		id := must(d.Ask(t.Context(), c.asks, c.terms, survey))(t)
		code(t, c.name, d.Approve(t.Context(), c.signs, id), c.signed)
		if got := d.state(id); (got == exception.Waiting) != (c.signed != "") {
			t.Errorf("%s: it is %s", c.name, got)
		}
	}
	countersigned := func(r policy.Rules) string {
		d := newDesk(t)
		d.rules = r
		id := must(d.Ask(t.Context(), head, own, survey))(t)
		return fmt.Sprint(d.Approve(t.Context(), deputy, id))
	}
	policytest.Watch(t, policy.Default(), countersigned, "head_own_permission_countersigned")
}

func TestAskRefuses(t *testing.T) {
	d := newDesk(t)
	for name, c := range map[string]struct {
		change func(*exception.Terms)
		code   errs.Code
		field  string
	}{
		"nobody":            {func(t *exception.Terms) { t.Person = "p-9" }, errs.NotFound, ""},
		"left":              {func(t *exception.Terms) { t.Person = "p-left" }, errs.NotFound, ""},
		"staff as pupil":    {func(t *exception.Terms) { t.Person = "s-head" }, errs.Invalid, "kind"},
		"pupil as staff":    {func(t *exception.Terms) { t.Kind = exception.Staff }, errs.Invalid, "kind"},
		"a class of nobody": {func(t *exception.Terms) { *t = lesson(1); t.Form = "12Z" }, errs.Invalid, "form"},
	} {
		terms := medical()
		c.change(&terms)
		_, err := d.Ask(t.Context(), teacher, terms, survey)
		code(t, name, err, c.code)
		if all := errs.All(err); len(all) != 1 || all[0].Field != c.field {
			t.Errorf("%s: fault at %v", name, all)
		}
	}
	_, err := d.Ask(t.Context(), who("Ms Head", "s-head", true), medical(), because1)
	code(t, "a name for an account", err, errs.Invalid)
	if d.log.Size() != 1 || len(d.papers) != 0 {
		t.Errorf("%d records, %d papers", d.log.Size(), len(d.papers))
	}
}

// Kinds, reasons and forms lie in the vault; the ledger has ids and times.
func TestLedgerHoldsNoReason(t *testing.T) {
	d := newDesk(t)
	id := d.granted(t, medical(), because1)
	ok(t, d.Extend(t.Context(), teacher, id, monday.AddDate(0, 11, 0), monday.AddDate(0, 6, 0), "new care plan"))
	ok(t, d.Refuse(t.Context(), head, id, "see the nurse first"))
	ok(t, d.End(t.Context(), head, id, "pump returned"))
	must(d.Ask(t.Context(), teacher, lesson(1), survey))(t)
	err := d.log.Read(t.Context(), 1, func(r ledger.Record) error {
		for _, word := range []string{"medical", "diabetes", "IHP", "curriculum", "7A", "camera", "care", "nurse", "pump", "survey"} {
			if strings.Contains(string(r.Leaf), word) {
				t.Errorf("%s says %s: %s", r.Kind, word, r.Leaf)
			}
		}
		var b body
		if err := json.Unmarshal(r.Body, &b); err != nil || b.Person == "" || (b.Commitment == nil) != (b.Content == "") {
			t.Errorf("%s: %s (%v)", r.Kind, r.Body, err)
		}
		return nil
	})
	ok(t, err)
	if !reflect.DeepEqual(d.All(), d.again(t).All()) {
		t.Errorf("a restart finds %+v, not %+v", d.again(t).All(), d.All())
	}
}

// Sequences count anew in a new epoch of the ledger: what was decided before it
// stands at its beginning.
func TestNewEpoch(t *testing.T) {
	d := newDesk(t)
	id := d.granted(t, medical(), because1)
	if e, _ := d.Exception(id); e.Seq == 0 {
		t.Fatal("nobody knows where it was approved")
	}
	ok(t, d.Fold(ledger.Record{Entry: ledger.Entry{Kind: ledger.KindEpochOpened}}))
	if e, _ := d.Exception(id); e.Seq != 0 || d.State(e) != exception.InForce {
		t.Errorf("record %d, %s", e.Seq, d.State(e))
	}
}

// What the vault has erased is in force nowhere.
func TestErasedBindsNothing(t *testing.T) {
	d := newDesk(t)
	d.granted(t, medical(), because1)
	clear(d.papers)
	b := d.again(t)
	if g := b.Grants(); len(g) != 0 || b.Exempt("p-1") {
		t.Errorf("still given: %v", g)
	}
}

func TestExtend(t *testing.T) {
	d := newDesk(t)
	id := d.granted(t, medical(), because1)
	until, review := monday.AddDate(0, 11, 0), monday.AddDate(0, 6, 0)
	code(t, "without a reason", d.Extend(t.Context(), teacher, id, until, review, " "), errs.Invalid)
	code(t, "for two years", d.Extend(t.Context(), teacher, id, monday.AddDate(2, 0, 0), review, "more"), errs.Invalid)
	d.now = monday.AddDate(0, 4, 0) // lapsed, and in force
	ok(t, d.Extend(t.Context(), teacher, id, until, review, "new plan"))
	code(t, "twice", d.Extend(t.Context(), teacher, id, until, review, "again"), errs.Conflict)
	code(t, "by who asked", d.Approve(t.Context(), who("t2", "s-teacher", true), id), errs.Denied)
	if e, _ := d.Exception(id); e.Review.Equal(review) || d.State(e) != exception.Lapsed {
		t.Errorf("before it is approved: %+v", e)
	}
	ok(t, d.Approve(t.Context(), head, id))
	if e, _ := d.Exception(id); !e.Review.Equal(review) || !e.Until.Equal(until) || e.Renewal != nil || d.State(e) != exception.InForce {
		t.Errorf("after: %+v", e)
	}
	code(t, "decided again", d.Approve(t.Context(), acting, id), errs.Conflict)
	class := d.granted(t, lesson(121), survey)
	code(t, "a lesson", d.Extend(t.Context(), teacher, class, until, review, "more"), errs.Invalid)
}

func TestEnding(t *testing.T) {
	d := newDesk(t)
	id := d.granted(t, medical(), because1)
	code(t, "a medical one without a word", d.End(t.Context(), head, id, ""), errs.Invalid)
	given := d.Grants()
	ok(t, d.End(t.Context(), head, id, "not needed"))
	code(t, "twice", d.End(t.Context(), head, id, "not needed"), errs.Conflict)
	if d.state(id) != exception.Ended || len(d.Grants()) != 0 || len(d.StillGiven(given)) != 0 {
		t.Errorf("%s, %v, %v", d.state(id), d.Grants(), d.StillGiven(given))
	}
	if others := []locker.Grant{{ID: "g-1"}, {ID: "x-unknown-1234567"}}; !slices.Equal(d.StillGiven(others), others) {
		t.Error("grants of others were taken away")
	}
	asked := must(d.Ask(t.Context(), teacher, medical(), because1))(t)
	code(t, "somebody else's request", d.Withdraw(t.Context(), head, asked), errs.Denied)
	ok(t, d.Withdraw(t.Context(), teacher, asked))
	code(t, "approved after that", d.Approve(t.Context(), head, asked), errs.Conflict)
	refused := must(d.Ask(t.Context(), teacher, medical(), because1))(t)
	code(t, "refused without reason", d.Refuse(t.Context(), head, refused, ""), errs.Invalid)
	ok(t, d.Refuse(t.Context(), head, refused, "no plan on file"))
	if e, _ := d.Exception(refused); d.State(e) != exception.Refused || e.Refused.Why != "no plan on file" {
		t.Errorf("%+v", e)
	}
	late := must(d.Ask(t.Context(), teacher, lesson(0), survey))(t)
	d.now = monday.Add(3 * time.Hour)
	code(t, "a lesson that is over", d.Approve(t.Context(), head, late), errs.Conflict)
}

func TestGrants(t *testing.T) {
	d := newDesk(t)
	id := d.granted(t, medical(), because1)
	g := d.Grants()
	if len(g) != 1 || g[0].Kind != locker.MayKeep || g[0].Person != "p-1" || !g[0].From.Equal(monday) || g[0].Until.Before(monday.AddDate(9, 0, 0)) || len(g[0].ID) > 36 || !strings.HasPrefix(g[0].ID, id) {
		t.Errorf("medical: %+v", g)
	}
	daily := medical()
	daily.Kind, daily.Person, daily.Scope = exception.Travel, "p-3", exception.Daily
	daily.Start.Hour, daily.End.Hour = 14, 15
	d.granted(t, daily, because1)
	if n := len(d.Grants()); n != 1+2*15 {
		t.Errorf("with three weeks of afternoons there are %d grants", n)
	}
	d.granted(t, lesson(1), survey)
	n := 0
	for _, g := range d.Grants() {
		if g.Until.Equal(lesson(1).Until) {
			n++
			if !g.From.Equal(lesson(1).From.Add(-fetchAhead)) || g.Person == "p-3" {
				t.Errorf("for the lesson %+v", g)
			}
		}
	}
	if n != 4 {
		t.Errorf("%d grants for two pupils' lesson", n)
	}
	seen := map[string]bool{}
	for _, g := range d.Grants() {
		if seen[g.ID] {
			t.Errorf("two grants are %s", g.ID)
		}
		seen[g.ID] = true
	}
	d.now = monday.Add(time.Hour)
	if again := d.Grants(); len(again) != 1+2*15+4 {
		t.Error("within a week time alone changes what banks get")
	}
	d.now = lesson(1).From
	if !d.Exempt("p-1") || !d.Exempt("p-2") || d.Exempt("p-3") {
		t.Errorf("exempt in the lesson: %v", d.ExemptNow())
	}
}

type holders map[string]string

func (h holders) Holder(device string) string { return h[device] }

func TestDevices(t *testing.T) {
	d := newDesk(t)
	v := Devices{d.Book, holders{"pad-1": "p-1", "pad-3": "p-3"}}
	pads := []mdm.Device{{ID: "pad-1", Groups: []string{"g"}}, {ID: "pad-3", Groups: []string{"g"}}, {ID: "pad-4", Groups: []string{"trolley-1"}}, {ID: "pad-5", Groups: []string{"g"}}}
	id := d.granted(t, lesson(0), survey)
	ear := medical()
	ear.Person, ear.Allow = "p-3", []exception.Setting{exception.Bluetooth}
	d.granted(t, ear, because1)
	for i, want := range []mdm.Set{{mdm.Camera: mdm.User}, {mdm.Bluetooth: mdm.User}, {mdm.Camera: mdm.User}, nil} {
		got := v.For(pads[i], d.now)
		if (want == nil) != (len(got) == 0) || want != nil && (len(got) != 1 || !reflect.DeepEqual(got[0].Set, want)) {
			t.Errorf("%s: %v", pads[i].ID, got)
		}
	}
	if got := v.For(pads[0], d.now); len(got) != 1 || !got[0].From.Equal(lesson(0).From) || !got[0].Until.Equal(lesson(0).Until) {
		t.Errorf("the lesson is %v", got)
	}
	e, _ := d.Exception(id)
	if got := v.Bound(e, pads); len(got) != 2 {
		t.Errorf("bound: %v", got)
	}
	before := v.Version()
	ok(t, d.End(t.Context(), head, id, ""))
	if len(v.For(pads[0], d.now)) != 0 || v.Version() == before {
		t.Error("ended, and still on the device")
	}
	d.granted(t, lesson(1), survey)
	if got := v.For(pads[0], d.now); len(got) != 0 {
		t.Errorf("tomorrow's lesson today: %v", got)
	}
}

// Once the rules know no lessons' exceptions there are none, whenever they were
// approved.
func TestRulesChange(t *testing.T) {
	d := newDesk(t)
	id := d.granted(t, lesson(0), survey)
	asked := must(d.Ask(t.Context(), teacher, lesson(1), survey))(t)
	d.rules.Curriculum = policy.NoCurriculum
	_, err := d.Ask(t.Context(), teacher, lesson(1), survey)
	code(t, "asking", err, errs.Denied)
	code(t, "approving", d.Approve(t.Context(), head, asked), errs.Denied)
	if d.state(id) != exception.Barred || len(d.Grants()) != 0 {
		t.Errorf("%s with %v", d.state(id), d.Grants())
	}
}

// A bell asks for every device in turn: what it costs must not grow with all that
// was ever asked for.
func BenchmarkBell(b *testing.B) {
	d := newDesk(b)
	for n := range 2000 {
		day := n % 5
		d.now = monday.AddDate(0, 0, day)
		id, err := d.Ask(b.Context(), teacher, lesson(day), survey)
		if err == nil {
			err = d.Approve(b.Context(), head, id)
		}
		if err == nil {
			err = d.End(b.Context(), head, id, "")
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	v := Devices{d.Book, holders{"pad": "p-1"}}
	for b.Loop() {
		d.now = d.now.Add(time.Second)
		for range 1000 {
			v.For(mdm.Device{ID: "pad", Groups: []string{"g"}}, d.now)
		}
	}
}

// Whoever is not in the register asks for nothing.
func TestAnOutsiderAsksForNothing(t *testing.T) {
	d := newDesk(t)
	ghost := teacher
	ghost.Person = "x-ghost"
	_, err := d.Ask(t.Context(), ghost, medical(), because1)
	code(t, "asking", err, errs.Denied)
	id := d.granted(t, medical(), because1)
	code(t, "asking for longer", d.Extend(t.Context(), ghost, id, monday.AddDate(1, 0, 0), monday.AddDate(1, 0, 0), "Still needed."), errs.Denied)
}
