package concern

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
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
	"github.com/bellkeep/bellkeep/internal/sealed"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

var monday = time.Date(2026, 11, 23, 13, 5, 0, 0, time.UTC)

// academy is a school's desk and files, with a head, a lead, a deputy, a chair, a
// teacher and IT, each a person of the role's name.
type academy struct {
	*Book
	custody *desk.Custody
	bars    *desk.Book
	log     *memlog.Log
	kept    *vault.Vault
	key     sealed.Key
	now     time.Time
	rules   policy.Rules
	also    map[string][]roles.Role // roles beside those of their name
}

func newAcademy(t *testing.T) *academy {
	t.Helper()
	log, err := memlog.New("school", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	a := &academy{log: log, now: monday, rules: policy.Default(), key: sealed.NewKey(), also: map[string][]roles.Role{}}
	if a.kept, err = vault.Open(filepath.Join(t.TempDir(), "vault")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.kept.Close() })
	a.open(t, a.texts(t))
	return a
}

func (a *academy) texts(t *testing.T) *sealed.Store {
	t.Helper()
	s, err := sealed.Open(t.Context(), a.kept, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// open makes the books and reads what is on the ledger.
func (a *academy) open(t *testing.T, texts Texts) {
	t.Helper()
	stamp := func() ledger.Stamp { return ledger.Stamp{Wall: a.now, Trusted: true} }
	rules := func() policy.Rules { return a.rules }
	a.bars = desk.New(a.log, stamp, rules)
	a.custody = desk.NewCustody(desk.Config{Log: a.log, Vault: a.kept, People: people{}, Bars: a.bars, Stamp: stamp, Rules: rules,
		Ends:   func(at time.Time) (time.Time, bool) { return at.Add(2 * time.Hour), true },
		Exempt: func(string, time.Time) bool { return true }, Banned: func(time.Time) bool { return false }})
	a.Book = New(Config{Log: a.log, Texts: texts, Custody: a.custody, Bars: a.bars, People: people{}, Rules: rules, Stamp: stamp, Posts: a.posts})
	a.bars.Recuse(Recusal{a.Book})
	a.custody.Secret = a.Secret
	a.custody.Suspected = func(ctx context.Context, _ desk.By, _ desk.Case, _ desk.Account) { _ = a.Adopt(ctx) }
	err := a.log.Read(t.Context(), 0, func(r ledger.Record) error {
		for _, fold := range []func(ledger.Record) error{a.bars.Fold, a.custody.Fold, a.Book.Fold} {
			if err := fold(r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (a *academy) posts(person string) []roles.Role {
	return append([]roles.Role{roles.Role(person)}, a.also[person]...)
}

type people struct{}

func (people) Person(id string) (register.Person, bool) {
	return register.Person{ID: id}, !strings.HasPrefix(id, "nobody")
}
func (people) Contacts(string) []register.Contact { return nil }

func (a *academy) by(person string) desk.By {
	by := desk.By{Actor: school.Actor{Account: person, Person: person}}
	for _, r := range a.posts(person) {
		by.Roles = append(by.Roles, roles.Assignment{Role: r})
	}
	return by
}

func (a *academy) raise(t *testing.T, who string, in Raised) File {
	t.Helper()
	f, err := a.Raise(t.Context(), a.by(who), in)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// tap is the one tap: a pupil's phone in the hands of whoever taps.
func tap(whose string) Raised {
	return Raised{Category: Imagery, About: []string{whose}, Device: Device{In: InHand, Whose: whose, What: desk.Phone, Zone: desk.Elsewhere}}
}

func code(t *testing.T, what string, err error, want errs.Code) {
	t.Helper()
	if got := errs.CodeOf(err); got != want {
		t.Errorf("%s: %q (%v), want %q", what, got, err, want)
	}
}

func kinds(t *testing.T, log *memlog.Log, from uint64) (list []string) {
	t.Helper()
	err := log.Read(t.Context(), from, func(r ledger.Record) error {
		list = append(list, r.Kind)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Anybody on the staff; the hold is on record before the device, and that before
// the file; an exempt pupil or an hour without a ban make no difference.
func TestOneTap(t *testing.T) {
	for _, who := range []string{"teacher", "supply", "office", "it", "head", "dsl", "exams", "chair", "leadership"} {
		a := newAcademy(t)
		from := a.log.Size()
		f := a.raise(t, who, tap("p-1"))
		if got := kinds(t, a.log, from); !slices.Equal(got, []string{desk.KindPlaced, desk.KindCaseOpened, KindOpened}) {
			t.Errorf("%s: in this order: %v", who, got)
		}
		i, err := a.custody.Item(f.Items[0])
		if err != nil || i.Place.Person != who || !a.custody.Stands(i) {
			t.Errorf("%s: %+v, %v", who, i, err)
		}
		c, err := a.custody.Case(f.Cases[0])
		if err != nil || !c.Facts.Reason.Restricted() || a.by("office").Sees(c, a.now) {
			t.Errorf("%s: the case is %+v, %v", who, c, err)
		}
	}
	a := newAcademy(t)
	from := a.log.Size()
	for _, who := range []string{"governor", "owner"} {
		_, err := a.Raise(t.Context(), a.by(who), tap("p-1"))
		code(t, who, err, errs.Denied)
	}
	_, err := a.Raise(t.Context(), a.by("teacher"), tap("nobody-1"))
	code(t, "about nobody", err, errs.Invalid)
	if a.log.Size() != from {
		t.Error("something was recorded of what was refused")
	}
}

// A phone that was handed in stays behind its door: the bar comes first, and stands
// against the pupil until two people end it.
func TestBehindAPupilsDoor(t *testing.T) {
	a := newAcademy(t)
	from := a.log.Size()
	f := a.raise(t, "teacher", Raised{Category: Imagery, About: []string{"p-1"}, Device: Device{In: BehindDoor, Whose: "p-1"}})
	if got := kinds(t, a.log, from); !slices.Equal(got, []string{desk.KindPlaced, KindOpened}) {
		t.Errorf("in this order: %v", got)
	}
	list := a.bars.Bars()
	if len(list) != 1 || list[0].Subject != (locker.Subject{Person: "p-1"}) || f.Bars[0] != list[0].ID {
		t.Fatalf("bars %+v, file %+v", list, f)
	}
	again := a.raise(t, "office", Raised{Category: Imagery, Device: Device{In: BehindDoor, Whose: "p-1"}})
	if again.Bars[0] != f.Bars[0] {
		t.Error("another hold for the same door")
	}
	if _, err := a.bars.End(t.Context(), a.by("head"), f.Bars[0]); err != nil {
		t.Fatal(err)
	}
	if len(a.bars.Standing()) != 1 {
		t.Error("one person ended it")
	}
	if ended, err := a.bars.End(t.Context(), a.by("dsl"), f.Bars[0]); err != nil || !ended {
		t.Fatal(err)
	}
	if err := a.Bring(t.Context(), a.by("dsl"), f.ID, "p-1", desk.Phone); err != nil {
		t.Fatal(err)
	}
	f, _ = a.File(a.by("dsl"), f.ID)
	if i, err := a.custody.Item(f.Items[0]); err != nil || i.Place.Person != "dsl" || !a.custody.Stands(i) {
		t.Errorf("brought: %+v, %v", i, err)
	}
}

// A device that is confiscated as what may hold an indecent image opens the same
// file, once; and so does one that a crash left without.
func TestConfiscatedOpensTheSameFile(t *testing.T) {
	a := newAcademy(t)
	hook := a.custody.Suspected
	for _, h := range []func(context.Context, desk.By, desk.Case, desk.Account){hook, nil} {
		a.custody.Suspected = h
		if _, err := a.custody.Confiscate(t.Context(), a.by("teacher"), desk.Confiscation{Whose: "p-1", What: desk.Phone, Reason: desk.PossibleImage, Zone: desk.Classroom, Taken: a.now, Despite: true}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(a.Files(a.by("dsl"))); n != 1 {
		t.Errorf("%d files before the crash is made good", n)
	}
	for range 2 {
		if err := a.Adopt(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	list := a.Files(a.by("dsl"))
	if len(list) != 2 || list[0].Category != Imagery || len(list[0].Cases) != 1 || !list[0].Is("p-1") {
		t.Errorf("files: %+v", list)
	}
}

// What the ledger holds of a file is ids and commitments.
func TestTheLedgerHoldsNoWord(t *testing.T) {
	a := newAcademy(t)
	in := tap("p-1")
	in.Text, in.Category, in.About = "zebra", Radicalisation, []string{"p-1", "p-secret"}
	f := a.raise(t, "teacher", in)
	dsl := a.by("dsl")
	for _, err := range []error{a.Write(t.Context(), dsl, f.ID, Note, "zebra", "zebra"), a.Plan(t.Context(), dsl, f.ID, "zebra", "zebra", a.now),
		a.Set(t.Context(), dsl, f.ID, "risk", NotNeeded, time.Time{}, "", "zebra"), a.Sort(t.Context(), dsl, f.ID, Abuse, Contact, nil, "zebra")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	err := a.log.Read(t.Context(), 0, func(r ledger.Record) error {
		for _, word := range []string{"zebra", "p-secret", "radical", "abuse", "contact", "risk"} {
			if strings.HasPrefix(r.Kind, Prefix) && bytes.Contains(r.Body, []byte(word)) {
				t.Errorf("%s holds %q: %s", r.Kind, word, r.Body)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	before, _ := json.Marshal(a.all())
	a.open(t, a.texts(t))
	if after, _ := json.Marshal(a.all()); !bytes.Equal(before, after) {
		t.Errorf("another file after a restart:\n%s\n%s", before, after)
	}
}

// Without the key a file is there and says nothing, nobody ends a hold for it, and a
// device can still be secured.
func TestLocked(t *testing.T) {
	a := newAcademy(t)
	f := a.raise(t, "teacher", tap("p-1"))
	a.open(t, sealed.Locked(a.kept))
	if got, err := a.File(a.by("dsl"), f.ID); err != nil || !got.Sealed || len(got.About) > 0 || !a.Locked() {
		t.Errorf("%+v, %v", got, err)
	}
	code(t, "written", a.Write(t.Context(), a.by("dsl"), f.ID, Note, "x", ""), errs.Unavailable)
	_, err := a.bars.End(t.Context(), a.by("head"), a.bars.Standing()[0].ID)
	code(t, "a hold of a locked file", err, errs.NotFound)
	_, err = a.Raise(t.Context(), a.by("teacher"), Raised{Category: Bullying})
	code(t, "a concern without a device", err, errs.Unavailable)
	n := len(a.bars.Standing())
	_, err = a.Raise(t.Context(), a.by("teacher"), tap("p-2"))
	code(t, "a concern with a device", err, errs.Unavailable)
	if len(a.bars.Standing()) != n+1 {
		t.Error("no hold stands on the second device")
	}
	a.open(t, a.texts(t))
	if err := a.Adopt(t.Context()); err != nil || len(a.Files(a.by("dsl"))) != 2 {
		t.Errorf("once the key is back: %d files, %v", len(a.Files(a.by("dsl"))), err)
	}
}

func TestWhoSeesAFile(t *testing.T) {
	a := newAcademy(t)
	pupils, heads := a.raise(t, "teacher", tap("p-1")), a.raise(t, "teacher", Raised{Category: Allegation, About: []string{"head"}})
	leads := a.raise(t, "teacher", Raised{Category: Allegation, About: []string{"dsl"}})
	for _, line := range []struct {
		who  string
		sees []string
	}{
		{"head", []string{leads.ID, pupils.ID}}, {"dsl", []string{heads.ID, pupils.ID}}, {"deputy-dsl", []string{leads.ID, heads.ID, pupils.ID}},
		{"chair", []string{heads.ID}}, {"teacher", nil}, {"office", nil}, {"it", nil}, {"leadership", nil}, {"governor", nil}, {"owner", nil},
	} {
		var got []string
		for _, f := range a.Files(a.by(line.who)) {
			got = append(got, f.ID)
		}
		if !slices.Equal(got, line.sees) {
			t.Errorf("%s sees %v, want %v", line.who, got, line.sees)
		}
		for _, f := range []File{pupils, heads, leads} {
			_, err := a.Look(t.Context(), a.by(line.who), f.ID)
			if (err == nil) != slices.Contains(line.sees, f.ID) {
				t.Errorf("%s looks: %v", line.who, err)
			}
		}
	}
	by := a.by("chair")
	by.Roles = append(by.Roles, roles.Assignment{Role: roles.Head, Until: a.now}) // acted as head until a moment ago
	if len(a.Files(by)) != 1 {
		t.Error("a role that is over still counts")
	}
}

// Every look is on record, and one that cannot be recorded shows nothing.
func TestLooksAreRecorded(t *testing.T) {
	a := newAcademy(t)
	f := a.raise(t, "teacher", tap("p-1"))
	look := func(who string, after time.Duration) int {
		t.Helper()
		a.now = a.now.Add(after)
		f, err := a.Look(t.Context(), a.by(who), f.ID)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, e := range f.Entries {
			if e.Record == KindLooked {
				n++
			}
		}
		return n
	}
	for n, step := range []struct {
		who   string
		after time.Duration
		want  int
	}{{"dsl", 0, 1}, {"dsl", lookLasts - time.Second, 1}, {"head", 0, 2}, {"dsl", lookLasts, 3}} {
		if got := look(step.who, step.after); got != step.want {
			t.Errorf("%d: %d looks on record, want %d", n, got, step.want)
		}
	}
	if _, err := a.Export(t.Context(), a.by("dsl"), f.ID); err != nil {
		t.Fatal(err)
	}
	if list := kinds(t, a.log, a.log.Size()-1); list[0] != KindExported {
		t.Errorf("an export is recorded as %v", list)
	}
}

func TestViewingIsForTheLead(t *testing.T) {
	a := newAcademy(t)
	f := a.raise(t, "teacher", tap("p-1"))
	for _, who := range []string{"head", "deputy-dsl"} {
		code(t, who, a.Write(t.Context(), a.by(who), f.ID, Viewing, "Had to.", ""), errs.Denied)
	}
	code(t, "without a reason", a.Write(t.Context(), a.by("dsl"), f.ID, Viewing, " ", ""), errs.Invalid)
	code(t, "with one", a.Write(t.Context(), a.by("dsl"), f.ID, Viewing, "Had to: to name the child.", ""), "")
	a.rules.Roles.DSL = policy.IsHead
	code(t, "a head who is the lead", a.Write(t.Context(), a.by("head"), f.ID, Viewing, "Had to.", ""), "")
}

// A file closes once every line is done or not needed because of something.
func TestClosing(t *testing.T) {
	for _, c := range Categories {
		a := newAcademy(t)
		f := a.raise(t, "teacher", Raised{Category: c, About: []string{"p-1"}})
		dsl := a.by("dsl")
		for n, s := range c.Steps() {
			code(t, string(c)+" with open steps", a.Close(t.Context(), dsl, f.ID, Resolved, "Talked."), errs.Invalid)
			if n%2 == 0 {
				code(t, "done", a.Set(t.Context(), dsl, f.ID, s.ID, Done, time.Time{}, "46/1", ""), "")
				continue
			}
			code(t, "not needed without a reason", a.Set(t.Context(), dsl, f.ID, s.ID, NotNeeded, time.Time{}, "", " "), errs.Invalid)
			code(t, "not needed", a.Set(t.Context(), dsl, f.ID, s.ID, NotNeeded, time.Time{}, "", "nobody else was in it"), "")
		}
		code(t, "planned", a.Plan(t.Context(), dsl, f.ID, "Lesson on this", "Mx Reed", a.now.AddDate(0, 0, 7)), "")
		code(t, "with an open action", a.Close(t.Context(), dsl, f.ID, Resolved, "Talked."), errs.Invalid)
		f, _ = a.File(dsl, f.ID)
		code(t, "done", a.Did(t.Context(), dsl, f.ID, f.Actions[0].N, "Taught in 9B"), "")
		code(t, "without an outcome", a.Close(t.Context(), dsl, f.ID, "", "Talked."), errs.Invalid)
		code(t, "without what came of it", a.Close(t.Context(), dsl, f.ID, Resolved, ""), errs.Invalid)
		code(t, "closed", a.Close(t.Context(), dsl, f.ID, Resolved, "Talked."), "")
		code(t, "a step of a closed one", a.Set(t.Context(), dsl, f.ID, c.Steps()[0].ID, Todo, a.now.AddDate(0, 0, 1), "", ""), errs.Conflict)
		code(t, "reopened", a.Reopen(t.Context(), dsl, f.ID, "More was said"), "")
		if f, _ = a.File(dsl, f.ID); !f.Open() || f.Entries[0].Record != KindOpened {
			t.Errorf("%+v", f)
		}
	}
}

// Every category has its clocks, and what the two policies ask of it.
func TestChecklists(t *testing.T) {
	for _, line := range []struct {
		c     Category
		wants []string
	}{
		{Imagery, []string{"isolate", "risk", "police", "childrens-services", "parents", "support", "sanctions", "agencies", "review"}},
		{Abuse, []string{"police", "risk", "childrens-services", "ceop", "cse-team", "est", "ask-first", "parents", "support", "review"}},
		{Indecent, []string{"police", "quarantine", "iwf", "lado", "childrens-services", "head", "police-advice", "est", "parents"}},
		{Allegation, []string{"head", "lado", "conduct"}}, {Exposure, []string{"iwf", "police-advice", "parents"}},
		{Hate, []string{"police", "est"}}, {Radicalisation, []string{"head", "est"}}, {Bullying, []string{"sanctions"}}, {Incident, []string{"action", "review"}},
	} {
		for _, id := range line.wants {
			if !slices.ContainsFunc(line.c.Steps(), func(s Step) bool { return s.ID == id && s.Due > 0 }) {
				t.Errorf("%s has no step %s with a clock", line.c, id)
			}
		}
	}
	for _, c := range Categories {
		if c.Words() == "" || len(c.Steps()) < 3 || slices.ContainsFunc(c.Steps(), func(s Step) bool { return s.Text == "" }) {
			t.Errorf("%s is %q with %+v", c, c.Words(), c.Steps())
		}
	}
	a := newAcademy(t)
	f := a.raise(t, "teacher", Raised{Category: Safeguarding})
	code(t, "done", a.Set(t.Context(), a.by("dsl"), f.ID, "risk", Done, time.Time{}, "R1", ""), "")
	a.now = a.now.Add(2 * time.Hour)
	code(t, "sorted", a.Sort(t.Context(), a.by("dsl"), f.ID, Abuse, Contact, []string{"p-9"}, ""), "")
	f, _ = a.File(a.by("dsl"), f.ID)
	if l := f.line("risk"); l == nil || l.State != Done || l.Ref != "R1" {
		t.Errorf("what was done is %+v", l)
	}
	if l := f.line("police"); l == nil || !l.Late(a.now) || l.Late(monday) {
		t.Errorf("the police are to be told at once: %+v", l)
	}
}

// Copies are deleted only once the agencies have said so, never under a hold.
func TestDeletion(t *testing.T) {
	for _, c := range []Category{Imagery, Indecent, Abuse, Exposure, Allegation} {
		a := newAcademy(t)
		dsl, f := a.by("dsl"), a.raise(t, "teacher", Raised{Category: c})
		try := func() error { return a.Deleted(t.Context(), dsl, f.ID, "Two copies in e-mail", "Kent Police 46/1") }
		code(t, string(c)+" at once", try(), errs.Denied)
		clear := sorts[c].clear
		code(t, "not needed", a.Set(t.Context(), dsl, f.ID, clear, NotNeeded, time.Time{}, "", "because"), "")
		code(t, string(c)+" without the agencies' word", try(), errs.Denied)
		other := a.raise(t, "teacher", Raised{Category: c})
		code(t, "sorted as another", a.Sort(t.Context(), dsl, other.ID, Bullying, NoArea, nil, ""), "")
		code(t, string(c)+" sorted as another", a.Deleted(t.Context(), dsl, other.ID, "Two copies in e-mail", "Kent Police 46/1"), errs.Denied)
		code(t, "the word", a.Set(t.Context(), dsl, f.ID, clear, Done, time.Time{}, "46/1", ""), "")
		code(t, string(c)+" with it", try(), "")
		item := a.raise(t, "teacher", tap("p-1")).Items[0]
		code(t, "attached", a.Attach(t.Context(), dsl, f.ID, item), "")
		code(t, string(c)+" under a hold", try(), errs.Denied)
	}
}

// A device that was taken for another reason and came into such a file later is
// evidence too: nothing of it is searched or deleted at the desk, hold or no hold.
func TestTheDeskDeletesNothingOfAFile(t *testing.T) {
	for _, line := range []struct {
		c    Category
		want errs.Code
	}{{Imagery, errs.Denied}, {Exposure, errs.Denied}, {Bullying, ""}} {
		a := newAcademy(t)
		head := a.by("head")
		took, err := a.custody.Confiscate(t.Context(), a.by("teacher"), desk.Confiscation{Whose: "p-1", What: desk.Phone, Reason: desk.Breach, Zone: desk.Classroom, Taken: a.now, Despite: true, Outside: true})
		if err != nil {
			t.Fatal(err)
		}
		f := a.raise(t, "teacher", Raised{Category: line.c, About: []string{"p-1"}, Device: Device{In: InCustody, Item: took.Item}})
		deletion := desk.Deletion{What: "A picture", At: a.now, Witness: "Mx Reed", Consent: desk.PupilsConsent, ConsentBy: "The pupil", ConsentHow: "Spoken", ConsentAt: a.now}
		code(t, "deletion under a hold", a.custody.RecordDeletion(t.Context(), head, took.ID, deletion), errs.Denied)
		bar := a.bars.Standing()[0].ID
		for _, who := range []string{"head", "dsl"} {
			if _, err := a.bars.End(t.Context(), a.by(who), bar); err != nil {
				t.Fatal(err)
			}
		}
		code(t, string(f.Category)+" deletion", a.custody.RecordDeletion(t.Context(), head, took.ID, deletion), line.want)
		search := desk.Search{Of: desk.OfContent, At: a.now, Where: "Office", Why: "w", LookedFor: "l", Scope: "s", Found: "f", Witness: "Mx Reed", Consent: desk.PupilsConsent, ConsentBy: "The pupil", ConsentHow: "Spoken", ConsentAt: a.now}
		code(t, string(f.Category)+" look at its content", a.custody.RecordSearch(t.Context(), head, took.ID, search), line.want)
	}
}

// An entry is never changed: a correction names it.
func TestCorrection(t *testing.T) {
	a := newAcademy(t)
	f := a.raise(t, "teacher", Raised{Category: Incident, Text: "On Monday"})
	code(t, "of nothing", a.Correct(t.Context(), a.by("dsl"), f.ID, 2, "It was Tuesday"), errs.Invalid)
	code(t, "corrected", a.Correct(t.Context(), a.by("dsl"), f.ID, 1, "It was Tuesday"), "")
	f, _ = a.File(a.by("dsl"), f.ID)
	if f.Entries[0].Text != "On Monday" || f.Entries[1].Corrects != 1 || f.Entries[1].Text != "It was Tuesday" {
		t.Errorf("%+v", f.Entries)
	}
}

// Whom a file is about has no part in the end of its hold; somebody stands in.
func TestRecusal(t *testing.T) {
	for _, line := range []struct {
		about  []string
		rules  policy.HoldEnd
		isHead bool // the lead is the head
		two    [2]string
		never  []string
	}{
		{[]string{"p-1"}, policy.HoldEnd{First: policy.ApproverHead, Second: policy.ApproverDSL}, false, [2]string{"head", "dsl"}, []string{"deputy-dsl", "chair"}},
		{[]string{"head"}, policy.HoldEnd{First: policy.ApproverHead, Second: policy.ApproverDSL}, false, [2]string{"chair", "dsl"}, []string{"head", "deputy-dsl"}},
		{[]string{"dsl"}, policy.HoldEnd{First: policy.ApproverHead, Second: policy.ApproverDSL}, false, [2]string{"head", "deputy-dsl"}, []string{"dsl", "chair"}},
		{[]string{"dsl", "deputy-dsl"}, policy.HoldEnd{First: policy.ApproverHead, Second: policy.ApproverDSL}, false, [2]string{"head", "chair"}, []string{"dsl", "deputy-dsl"}},
		{[]string{"head"}, policy.HoldEnd{First: policy.ApproverHead, Second: policy.ApproverDeputyOrChair}, true, [2]string{"chair", "deputy-dsl"}, []string{"head"}},
		{[]string{"head", "chair"}, policy.HoldEnd{First: policy.ApproverHead, Second: policy.ApproverDSL}, false, [2]string{"deputy-dsl", "dsl"}, []string{"head", "chair"}},
		{[]string{"deputy-dsl"}, policy.HoldEnd{First: policy.ApproverHead, Second: policy.ApproverDeputyOrChair}, true, [2]string{"head", "chair"}, []string{"deputy-dsl"}},
	} {
		a := newAcademy(t)
		a.rules.HoldEnd = line.rules
		if line.isHead {
			a.rules.Roles.DSL = policy.IsHead
		}
		in := tap("p-1")
		in.About = line.about
		f := a.raise(t, "teacher", in)
		bar := a.bars.Standing()[0].ID
		for _, who := range line.never {
			if _, err := a.bars.End(t.Context(), a.by(who), bar); err == nil {
				t.Errorf("about %v: %s had a part in it", line.about, who)
			}
		}
		for n, who := range line.two {
			if ended, err := a.bars.End(t.Context(), a.by(who), bar); err != nil || ended != (n == 1) {
				t.Errorf("about %v: %s: %v, %v", line.about, who, ended, err)
			}
		}
		_ = f
	}
}

// A device of two files is hidden from everybody whom either is about, and they have
// no part in the end of its hold, whichever file came first.
func TestADeviceOfTwoFiles(t *testing.T) {
	for _, about := range [][2]string{{"head", "p-2"}, {"p-2", "head"}} {
		a := newAcademy(t)
		in := tap("p-1")
		in.About = about[:1]
		first := a.raise(t, "teacher", in)
		second := a.raise(t, "teacher", Raised{Category: Bullying, About: about[1:]})
		item := first.Items[0]
		code(t, "attached", a.Attach(t.Context(), a.by("dsl"), second.ID, item), "")
		bar := a.bars.Standing()[0]
		if !a.Hidden("head").Item(item) || !a.Hidden("head").Bar(bar) {
			t.Errorf("about %v: the head finds the device", about)
		}
		if !a.Secret(item) {
			t.Errorf("about %v: the device may be searched like any other", about)
		}
		if _, err := a.bars.End(t.Context(), a.by("head"), bar.ID); err == nil {
			t.Errorf("about %v: the head had a part in the end of the hold", about)
		}
		if ended, err := a.bars.End(t.Context(), a.by("chair"), bar.ID); ended || err != nil {
			t.Errorf("about %v: the chair stands in for nobody: %v", about, err)
		}
	}
}

// While nobody has it in hand the next are told after ten minutes; never whom it is
// about, and never a parent.
func TestEscalation(t *testing.T) {
	a := newAcademy(t)
	f := a.raise(t, "teacher", tap("p-1"))
	circles := func() (list []string) {
		for _, al := range a.Alerts(a.now) {
			var names []string
			for _, r := range al.Roles {
				names = append(names, string(r))
			}
			list = append(list, strings.Join(names, "+"))
		}
		return list
	}
	expect := func(what string, want ...string) {
		t.Helper()
		if got := circles(); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	expect("at once", "dsl+head")
	a.now = monday.Add(NextAfter - time.Second)
	expect("before ten minutes", "dsl+head")
	a.now = monday.Add(NextAfter)
	expect("after ten minutes", "dsl+head", "deputy-dsl")
	a.now = monday.Add(2 * NextAfter)
	expect("after twenty", "dsl+head", "deputy-dsl", "head")
	a.now = monday.Add(NextAfter + time.Minute)
	code(t, "acknowledged", a.Acknowledge(t.Context(), a.by("deputy-dsl"), f.ID), "")
	a.now = monday.Add(3 * NextAfter)
	expect("once somebody has it", "dsl+head", "deputy-dsl")
	code(t, "again", a.Acknowledge(t.Context(), a.by("dsl"), f.ID), errs.Conflict)

	for _, line := range []struct {
		about, want string
		c           Category
	}{
		{"head", "chair+head", Allegation}, // the head's circle: the chair stands in, the head is left out by name
		{"dsl", "deputy-dsl+dsl", Bullying}, {"p-1", "office", Incident},
	} {
		b := newAcademy(t)
		b.raise(t, "teacher", Raised{Category: line.c, About: []string{line.about}})
		al := b.Alerts(b.now)[0]
		var names []string
		for _, r := range al.Roles {
			names = append(names, string(r))
		}
		got := strings.Join(slices.DeleteFunc(names, func(n string) bool { return line.c == Allegation && n == "dsl" }), "+")
		if got != line.want || !slices.Contains(al.Except, line.about) {
			t.Errorf("about %s: %s without %v, want %s", line.about, got, al.Except, line.want)
		}
	}
}

// Who is told follows the school's rules; parents are never among them.
func TestNotificationsFollowTheRules(t *testing.T) {
	told := func(r policy.Rules) string {
		a := newAcademy(t)
		a.rules = r
		var list []string
		for _, c := range Categories {
			f := a.raise(t, "teacher", Raised{Category: c})
			for _, h := range a.Hears(f) { // shown in the file; of parents a person decides
				list = append(list, string(h))
			}
		}
		list = append(list, "| told by itself:")
		for _, al := range a.Alerts(a.now) {
			for _, role := range al.Roles {
				list = append(list, string(role))
			}
			list = append(list, "|")
		}
		return strings.Join(list, " ")
	}
	base := policy.Default()
	policytest.Watch(t, base, told, "notify.policy_breach", "notify.online_concern", "notify.safeguarding", "notify.illegal_content", "notify.staff_allegation")
	base.Notify.Safeguarding = []policy.Hears{policy.HearsParents}
	_, got, _ := strings.Cut(told(base), "told by itself:")
	if !strings.Contains(got, "dsl") || strings.Contains(got, "parent") {
		t.Errorf("told: %s", got)
	}
}

func TestCounts(t *testing.T) {
	a := newAcademy(t)
	a.raise(t, "teacher", Raised{Category: Bullying, Area: Conduct})
	a.raise(t, "teacher", Raised{Category: Bullying, Area: Conduct})
	a.raise(t, "teacher", Raised{Category: Allegation, About: []string{"head"}})
	if got := a.Counts(monday, monday.Add(time.Hour)); len(got) != 2 || got[0] != (Count{Bullying, Conduct, "", 2}) {
		t.Errorf("%+v", got)
	}
	if got := a.For("head").Counts(monday, monday.Add(time.Hour)); len(got) != 1 {
		t.Errorf("the head counts %+v", got)
	}
	if got := a.Counts(monday.Add(time.Hour), monday.Add(2*time.Hour)); got != nil {
		t.Errorf("later: %+v", got)
	}
}

// Whoever a file is about finds no record of its device, of whichever ledger and
// whichever book; everybody else does.
func TestNoLedgerTellsTheSubject(t *testing.T) {
	a := newAcademy(t)
	in := tap("p-1")
	in.About = []string{"head"}
	f := a.raise(t, "teacher", in)
	item := f.Items[0]
	for name, text := range map[string]string{
		"of the bank, when it went in":    `{"purpose":"put-item","item_id":"` + item + `","class":"evidence"}`,
		"of the bank, what a sensor said": `{"item":"present","item_id":"` + item + `"}`,
		"of the desk":                     `{"item":"` + item + `","place":{"kind":"hands"}}`,
		"of what two people sign":         `{"request":"c-1","item":"` + item + `","wish":{"bank":"e","item":"` + item + `"}}`,
		"of a hold":                       `{"id":"b-1","on":{"item":"` + item + `"}}`,
	} {
		r := ledger.Record{Entry: ledger.Entry{Kind: "any", Body: []byte(text)}}
		for who, hidden := range map[string]bool{"head": true, "dsl": false, "it": false} {
			if got := a.Hidden(who).Record(r); got != hidden {
				t.Errorf("%s: hidden from %s is %v", name, who, got)
			}
		}
	}
}
