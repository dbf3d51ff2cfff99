package rules

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/vault"
	"pgregory.net/rapid"
)

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

var (
	head    = school.Actor{Account: "head", Person: "s-head"}
	headTwo = school.Actor{Account: "head-two", Person: "s-head"} // another account of the same person
	dsl     = school.Actor{Account: "dsl", Person: "s-dsl"}
)

// office is a book on its ledger and vault, at a time of its own.
type office struct {
	*Book
	log   *memlog.Log
	vault *vault.Vault
	now   *time.Time
}

func (o office) stamp() ledger.Stamp { return ledger.Stamp{Wall: *o.now} }

type fataler interface {
	Helper()
	Fatal(...any)
}

func must(t fataler, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newOffice(t testing.TB) office {
	t.Helper()
	now := monday
	log, err := memlog.New("school", func() time.Time { return now })
	must(t, err)
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	must(t, err)
	t.Cleanup(func() { must(t, v.Close()) })
	o := office{log: log, vault: v, now: &now}
	o.Book = New(log, v, o.stamp)
	return o
}

// again is a book made of what the ledger says.
func (o office) again(t fataler) *Book {
	t.Helper()
	book := New(o.log, o.vault, o.stamp)
	must(t, o.log.Read(context.Background(), 0, book.Fold))
	return book
}

// with is the default rules with keys set.
func with(t fataler, pairs ...string) policy.Rules {
	t.Helper()
	r := policy.Default()
	for pair := range slices.Chunk(pairs, 2) {
		k, _ := policy.Find(pair[0])
		must(t, k.Set(&r, pair[1]))
	}
	return r
}

func TestVersionsComeIntoForce(t *testing.T) {
	o := newOffice(t)
	if got := o.Now(); len(policy.Diff(got, policy.Default())) > 0 {
		t.Error("a school that says nothing says something")
	}
	tomorrow := monday.Add(24 * time.Hour)
	v, waiting, err := o.Propose(t.Context(), head, with(t, "deposit_point", "office"), tomorrow, "We have no lockers yet.")
	if err != nil || waiting || v.ID == "" {
		t.Fatalf("%+v, %v, %v", v, waiting, err)
	}
	for _, b := range []*Book{o.Book, o.again(t)} {
		if b.At(tomorrow.Add(-time.Second)).DepositPoint != policy.AtBank || b.At(tomorrow).DepositPoint != policy.AtOffice || b.Now().DepositPoint != policy.AtBank {
			t.Error("not in force from the moment given")
		}
		if got := b.Versions(); len(got) != 1 || got[0].By != "head" || got[0].Why != "We have no lockers yet." || !got[0].At.Equal(monday) || !got[0].From.Equal(tomorrow) {
			t.Errorf("%+v", got)
		}
	}
	// Another one for the same moment takes its place.
	_, _, err = o.Propose(t.Context(), head, with(t, "deposit_point", "class_teacher"), tomorrow, "Trays it is.")
	must(t, err)
	if got := o.At(tomorrow).DepositPoint; got != policy.AtClass {
		t.Errorf("in force is %s", got)
	}
}

// A second person stands behind what loosens the rules, and nobody is two.
func TestLooseningTakesTwo(t *testing.T) {
	o := newOffice(t)
	r := with(t, "confiscated_release_to", "pupil")
	v, waiting, err := o.Propose(t.Context(), head, r, time.Time{}, "Parents asked for it.")
	if err != nil || !waiting || o.Now().ReleaseTo != policy.ToParent {
		t.Fatalf("%v, %v; in force: %s", waiting, err, o.Now().ReleaseTo)
	}
	for _, who := range []school.Actor{head, headTwo, {Account: "dsl", Person: "s-dsl", Changed: monday.Add(-time.Hour)}} {
		if _, err := o.Approve(t.Context(), who, v.ID); errs.CodeOf(err) != errs.Denied || o.Now().ReleaseTo != policy.ToParent {
			t.Errorf("%s approved: %v", who.Account, err)
		}
	}
	*o.now = monday.Add(time.Hour)
	set, err := o.Approve(t.Context(), dsl, v.ID)
	if err != nil || !set.From.Equal(*o.now) || set.Approval.Person != "s-dsl" {
		t.Fatalf("%+v, %v", set, err)
	}
	for _, b := range []*Book{o.Book, o.again(t)} {
		if b.Now().ReleaseTo != policy.ToPupil || b.At(monday.Add(time.Minute)).ReleaseTo != policy.ToParent || len(b.Waiting()) != 0 {
			t.Errorf("in force %s, %d waiting", b.Now().ReleaseTo, len(b.Waiting()))
		}
	}
	if _, err := o.Approve(t.Context(), dsl, v.ID); errs.CodeOf(err) != errs.NotFound {
		t.Errorf("approved twice: %v", err)
	}
	if _, waiting, err := o.Propose(t.Context(), head, policy.Default(), time.Time{}, "Back to parents."); err != nil || waiting {
		t.Errorf("tightening waits: %v, %v", waiting, err)
	}
}

func TestProposalsEnd(t *testing.T) {
	o := newOffice(t)
	propose := func(pairs ...string) string {
		v, _, err := o.Propose(t.Context(), head, with(t, pairs...), time.Time{}, "A try.")
		must(t, err)
		return v.ID
	}
	dropped := propose("search.statutory", "s-1")
	must(t, o.Drop(t.Context(), head, dropped))
	stale := propose("search.statutory", "s-2")
	propose("off_rule", "on_site_entry") // set at once
	if _, err := o.Approve(t.Context(), dsl, stale); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("a proposal made against other rules: %v", err)
	}
	for _, b := range []*Book{o.Book, o.again(t)} {
		if len(b.Waiting()) != 1 || len(b.Versions()) != 1 || len(b.Now().Search.Statutory) != 0 {
			t.Errorf("%d waiting, %d versions", len(b.Waiting()), len(b.Versions()))
		}
	}
	if err := o.Drop(t.Context(), head, dropped); errs.CodeOf(err) != errs.NotFound {
		t.Errorf("dropped twice: %v", err)
	}
	for range maxWaiting - 1 {
		propose("search.statutory", "s-2")
	}
	if _, _, err := o.Propose(t.Context(), head, with(t, "search.statutory", "s-2"), time.Time{}, "One more."); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("more than %d wait: %v", maxWaiting, err)
	}
}

// What a program suggests is in force only once a person proposed it, and a
// second one if it loosens the rules.
func TestSuggestions(t *testing.T) {
	o := newOffice(t)
	tight, err := o.Suggest(t.Context(), "it", with(t, "off_rule", "on_site_entry"), time.Time{}, "From the file.")
	must(t, err)
	if _, err := o.Approve(t.Context(), dsl, tight.ID); errs.CodeOf(err) != errs.Conflict || o.Now().OffRule != policy.OffNotStated {
		t.Errorf("approved although nobody proposed it: %v", err)
	}
	*o.now = monday.Add(time.Hour)
	v, waiting, err := o.Adopt(t.Context(), head, tight.ID)
	if err != nil || waiting || o.Now().OffRule != policy.OffOnSite || v.Person != "s-head" || !v.From.Equal(*o.now) {
		t.Fatalf("%+v, %v, %v", v, waiting, err)
	}
	loose, err := o.Suggest(t.Context(), "it", with(t, "off_rule", "on_site_entry", "search.statutory", "s-1"), time.Time{}, "From the file.")
	must(t, err)
	if _, waiting, err := o.Adopt(t.Context(), head, loose.ID); err != nil || !waiting {
		t.Errorf("%v, %v", waiting, err)
	}
	if _, _, err := o.Adopt(t.Context(), dsl, loose.ID); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("adopted twice: %v", err)
	}
	if _, err := o.Approve(t.Context(), head, loose.ID); errs.CodeOf(err) != errs.Denied {
		t.Errorf("approved by its proposer: %v", err)
	}
	_, err = o.Approve(t.Context(), dsl, loose.ID)
	must(t, err)
	if b := o.again(t); len(b.Now().Search.Statutory) != 1 || len(b.Versions()) != 2 || len(b.Waiting()) != 0 {
		t.Errorf("%d versions, %d wait", len(b.Versions()), len(b.Waiting()))
	}
}

func TestRefusedProposals(t *testing.T) {
	o := newOffice(t)
	good := with(t, "off_rule", "on_site_entry")
	one := policy.Default()
	one.Roles.DSL = policy.IsHead
	for name, c := range map[string]struct {
		who    school.Actor
		rules  policy.Rules
		from   time.Time
		why    string
		fields []string
	}{
		"no reason":         {head, good, monday, " ", []string{"why"}},
		"a long reason":     {head, good, monday, strings.Repeat("x", maxWhy+1), []string{"why"}},
		"the past":          {head, good, monday.Add(-time.Second), "Why not", []string{"from"}},
		"the far future":    {head, good, monday.Add(3 * 366 * 24 * time.Hour), "Why not", []string{"from"}},
		"nothing":           {head, policy.Default(), monday, "Why not", []string{""}},
		"everything":        {head, policy.Default(), monday.Add(-time.Second), "", []string{"from", "why", ""}},
		"one person as two": {head, one, monday, "Why not", []string{"hold_end_approvers.second"}},
	} {
		_, _, err := o.Propose(t.Context(), c.who, c.rules, c.from, c.why)
		var fields []string
		for _, e := range errs.All(err) {
			fields = append(fields, e.Field)
		}
		if !slices.Equal(fields, c.fields) || errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: %v at %q", name, err, fields)
		}
	}
	for _, who := range []school.Actor{{}, {Account: "ghost", Person: school.Unlisted + "ghost"}} {
		if _, _, err := o.Propose(t.Context(), who, good, monday, "Why not"); errs.CodeOf(err) != errs.Denied {
			t.Errorf("%q, who is not in the register, proposes: %v", who.Person, err)
		}
	}
	if len(o.Versions())+len(o.Waiting()) > 0 || o.log.Size() != 1 {
		t.Error("something was recorded")
	}
}

// An edited file changes nothing: it is read once, for a ledger without rules.
func TestBeginOnce(t *testing.T) {
	o := newOffice(t)
	f := File{Policy: "Phone policy", From: school.Date{Year: 2026, Month: 9, Day: 1}, Rules: with(t, "deposit_point", "office")}
	must(t, o.Begin(t.Context(), f, time.UTC))
	f.Rules.DepositPoint = policy.AtClass
	must(t, o.Begin(t.Context(), f, time.UTC))
	for _, b := range []*Book{o.Book, o.again(t)} {
		if v, _ := b.VersionAt(monday); len(b.Versions()) != 1 || b.Now().DepositPoint != policy.AtOffice || !strings.Contains(v.Why, "Phone policy") {
			t.Errorf("%+v", b.Versions())
		}
	}
}

// Why is free text: it is in the vault, and the rules stand without it.
func TestWhyStaysInTheVault(t *testing.T) {
	o := newOffice(t)
	_, _, err := o.Propose(t.Context(), head, with(t, "off_rule", "on_site_entry"), time.Time{}, "After what Tom Baker did.")
	must(t, err)
	must(t, o.log.Read(t.Context(), 1, func(r ledger.Record) error {
		if strings.Contains(string(r.Leaf), "Baker") {
			t.Errorf("the ledger tells: %s", r.Leaf)
		}
		var e body
		must(t, json.Unmarshal(r.Body, &e))
		return o.vault.Erase(t.Context(), e.Content)
	}))
	if got := o.again(t).Versions(); len(got) != 1 || got[0].Why != "" || got[0].Rules.OffRule != policy.OffOnSite {
		t.Errorf("%+v", got)
	}
}

func TestDamagedRecords(t *testing.T) {
	o := newOffice(t)
	for _, body := range []string{`{`, `{"by":"head","rules":{"deposit_point":"drawer"}}`, `{"by":"head"}`} {
		err := o.Fold(ledger.Record{Seq: 7, Entry: ledger.Entry{Kind: KindSet, Body: json.RawMessage(body)}})
		if errs.CodeOf(err) != errs.Invalid || errs.HintOf(err) == "" {
			t.Errorf("%s: %v", body, err)
		}
	}
	must(t, o.Fold(ledger.Record{Entry: ledger.Entry{Kind: "bank-listed"}}))
	broken := New(brokenLog{}, o.vault, o.stamp)
	if _, _, err := broken.Propose(t.Context(), head, with(t, "off_rule", "on_site_entry"), monday, "Why not"); err == nil || len(broken.Versions()) > 0 {
		t.Errorf("what is not on record counts: %v", err)
	}
}

type brokenLog struct{}

func (brokenLog) Append(context.Context, ...ledger.Entry) ([]ledger.Receipt, error) {
	return nil, errors.New("the disk is full")
}

// What is set for later is laid over what is set meanwhile: it does not undo it,
// and does not loosen what was tightened.
func TestLaterChangesKeepTodays(t *testing.T) {
	tomorrow := monday.Add(24 * time.Hour)
	o := newOffice(t)
	set := func(who school.Actor, from time.Time, pairs ...string) {
		t.Helper()
		r := o.At(from)
		for pair := range slices.Chunk(pairs, 2) {
			k, _ := policy.Find(pair[0])
			must(t, k.Set(&r, pair[1]))
		}
		v, waiting, err := o.Propose(t.Context(), who, r, from, "A step.")
		must(t, err)
		if waiting {
			_, err = o.Approve(t.Context(), dsl, v.ID)
			must(t, err)
		}
	}
	set(head, monday, "leavers_percent", "20")
	set(head, tomorrow, "collect_after_minutes", "10", "leavers_percent", "10")
	set(head, monday, "confiscated_release_to", "pupil")
	set(head, monday, "leavers_percent", "2")
	for _, b := range []*Book{o.Book, o.again(t)} {
		if now := b.At(monday); now.CollectAfter != 0 || now.ReleaseTo != policy.ToPupil || now.LeaversPercent != 2 {
			t.Errorf("today: after %d, to %s, %d%%", now.CollectAfter, now.ReleaseTo, now.LeaversPercent)
		}
		if then := b.At(tomorrow); then.CollectAfter != 10 || then.ReleaseTo != policy.ToPupil || then.LeaversPercent != 2 {
			t.Errorf("tomorrow: after %d, to %s, %d%%", then.CollectAfter, then.ReleaseTo, then.LeaversPercent)
		}
	}
}

// histories is what a book must say: changes in the order they come into force,
// each laid over those before it.
type histories []change

type change struct {
	from             time.Time
	deposit, release string // "" for unchanged
	two              bool   // two people stand behind it
}

func (h histories) at(t time.Time) (deposit, release string) {
	h = slices.Clone(h)
	slices.SortStableFunc(h, func(a, b change) int { return a.from.Compare(b.from) })
	deposit, release = "bank", "parent_or_carer"
	for _, c := range h {
		if c.from.After(t) {
			break
		}
		deposit = cmp.Or(c.deposit, deposit)
		if c.release != "pupil" || c.two {
			release = cmp.Or(c.release, release)
		}
	}
	return deposit, release
}

// Whatever was proposed, approved and dropped in any order: in force is what a
// list of all changes says, and what loosens has a second person.
func TestHistories(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := newOffice(t)
		actors := []school.Actor{head, headTwo, dsl}
		var model histories
		proposed := map[string]change{}
		for range rapid.IntRange(1, 15).Draw(rt, "steps") {
			*o.now = o.now.Add(time.Duration(rapid.IntRange(1, 48).Draw(rt, "hours")) * time.Hour)
			who := rapid.SampledFrom(actors).Draw(rt, "who")
			waiting := o.Waiting()
			switch act := rapid.IntRange(0, 3).Draw(rt, "act"); {
			case act == 0 && len(waiting) > 0:
				p := rapid.SampledFrom(waiting).Draw(rt, "which")
				if v, err := o.Approve(rt.Context(), who, p.ID); err == nil {
					if who.Person == p.Person {
						rt.Fatalf("%s approved their own", who.Account)
					}
					c := proposed[p.ID]
					c.from, c.two = v.From, true
					model = append(model, c)
				}
			case act == 1 && len(waiting) > 0:
				must(rt, o.Drop(rt.Context(), who, waiting[0].ID))
			default:
				from := o.now.Add(time.Duration(rapid.IntRange(0, 72).Draw(rt, "ahead")) * time.Hour)
				deposit, release := rapid.SampledFrom([]string{"bank", "office"}).Draw(rt, "deposit"), rapid.SampledFrom([]string{"parent_or_carer", "pupil"}).Draw(rt, "release")
				c := change{from: from}
				wasDeposit, wasRelease := model.at(from)
				if deposit != wasDeposit {
					c.deposit = deposit
				}
				if release != wasRelease {
					c.release = release
				}
				v, waits, err := o.Propose(rt.Context(), who, with(rt, "deposit_point", deposit, "confiscated_release_to", release), from, "A step.")
				switch {
				case err != nil:
				case waits != (c.release == "pupil"):
					rt.Fatalf("from %s to %s waits: %v", wasRelease, release, waits)
				case waits:
					proposed[v.ID] = c
				default:
					model = append(model, c)
				}
			}
		}
		at := monday.Add(time.Duration(rapid.IntRange(-10, 900).Draw(rt, "at")) * time.Hour)
		deposit, release := model.at(at)
		for _, b := range []*Book{o.Book, o.again(rt)} {
			if got := b.At(at); string(got.DepositPoint) != deposit || string(got.ReleaseTo) != release {
				rt.Fatalf("at %s in force: %s, %s; want %s, %s", at, got.DepositPoint, got.ReleaseTo, deposit, release)
			}
		}
	})
}
