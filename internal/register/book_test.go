package register

import (
	"bytes"
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
)

var monday = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// kit is a book with what it writes to.
type kit struct {
	*Book
	log   *memlog.Log
	vault *vault.Vault
}

// tb is what testing.T and rapid.T share.
type tb interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func stamp() ledger.Stamp { return ledger.Stamp{Wall: monday} }

func newKit(t *testing.T) kit {
	t.Helper()
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return withVault(t, v)
}

func withVault(t tb, v *vault.Vault) kit {
	t.Helper()
	log, err := memlog.New("school", func() time.Time { return monday })
	if err != nil {
		t.Fatal(err)
	}
	return kit{New(log, v, stamp), log, v}
}

// again is the book as a restart finds it.
func (k kit) again(t tb) *Book {
	t.Helper()
	b := New(k.log, k.vault, stamp)
	if err := k.log.Read(context.Background(), 0, b.Fold); err != nil {
		t.Fatal(err)
	}
	return b
}

// mustImport applies what a roll changes, however much it is.
func (k kit) mustImport(t tb, roll Roll) Changes {
	t.Helper()
	c := Diff(k.State(), roll)
	if err := k.Apply(context.Background(), "s-office", c, sure(c)); err != nil {
		t.Fatal(err)
	}
	return c
}

// sure states the figures of c.
func sure(c Changes) Stated {
	var s Stated
	for _, p := range c.Left {
		if p.Kind == Pupil {
			s.Leavers++
		} else {
			s.StaffLeavers++
		}
	}
	for _, change := range c.Changed {
		if change.Person.Kind == Pupil && change.renames() {
			s.Renamed++
		}
	}
	return s
}

func pupil(mis, given, family, form string) Entry {
	return Entry{Kind: Pupil, Details: Details{MIS: mis, Given: given, Family: family, Form: form, Year: "7"}}
}

func small() Roll {
	return Roll{
		People: []Entry{
			pupil("A1", "Zoë", "O'Hara-Łukasik", "7A"), pupil("A2", "Ben", "Müller", "7B"), pupil("A3", "Björn", "Ash", "7A"),
			{Kind: Staff, Details: Details{MIS: "T1", Given: "Ada", Family: "Byron", Groups: []string{"7B/En", "7A/En"}}},
		},
		Contacts: map[string][]Contact{
			"A1": {{ID: "C2", Given: "Sean", Family: "O'Hara", Relationship: "Father", Priority: 2, CourtOrder: true, NoContact: true},
				{ID: "C1", Given: "Orla", Family: "O'Hara", Relationship: "Mother", Priority: 1, ParentalResponsibility: true, Mobile: "07700 900001"}},
			"A2": {{ID: "C3", Given: "Eva", Family: "Müller", Relationship: "Mother", Priority: 1, ParentalResponsibility: true}},
		},
	}
}

func TestImportIntoAnEmptyBook(t *testing.T) {
	k := newKit(t)
	k.mustImport(t, small())
	if people := k.People(); len(people) != 4 || people[0].Family != "Ash" || people[1].Family != "Byron" || people[2].Family != "Müller" {
		t.Errorf("people by name: %+v", people)
	}
	p, ok := k.ByMIS("A1")
	if !ok || p.Kind != Pupil || !p.OnRoll() || !regexp.MustCompile(`^p-[a-z2-7]{26}$`).MatchString(p.ID) {
		t.Errorf("person %+v, %v", p, ok)
	}
	if teacher, _ := k.ByMIS("T1"); !strings.HasPrefix(teacher.ID, "s-") || strings.Join(teacher.Groups, " ") != "7A/En 7B/En" {
		t.Errorf("teacher %+v", teacher)
	}
	if name, form, ok := k.Name(p.ID); name != "Zoë O'Hara-Łukasik" || form != "7A" || !ok {
		t.Errorf("name %q, form %q, %v", name, form, ok)
	}
	if list := k.Contacts(p.ID); len(list) != 2 || list[0].ID != "C1" || !list[1].NoContact {
		t.Errorf("contacts %+v", list)
	}
	if _, _, ok := k.Name("p-nobody"); ok {
		t.Error("a stranger has a name")
	}
}

// A restart reads the same book, and reading the same roll twice changes nothing.
func TestSecondImportChangesNothing(t *testing.T) {
	k := newKit(t)
	k.mustImport(t, small())
	size := k.log.Size()
	if c := k.mustImport(t, small()); !c.Empty() || c.Unchanged != 4 {
		t.Errorf("changes: %+v", c)
	}
	again := k.again(t)
	if c := Diff(again.State(), small()); !c.Empty() || k.log.Size() != size {
		t.Errorf("after a restart: %+v, %d records instead of %d", c, k.log.Size(), size)
	}
}

func TestLeavingAndReturning(t *testing.T) {
	k := newKit(t)
	k.mustImport(t, small())
	before, _ := k.ByMIS("A2")
	without := small()
	without.People = append(without.People[:1:1], without.People[2:]...)
	k.mustImport(t, without)
	p, _ := k.again(t).Person(before.ID)
	if !p.Left.Equal(monday) || p.Family != "Müller" || len(k.People()) != 3 || len(k.Leavers()) != 1 || len(k.Contacts(p.ID)) != 1 {
		t.Errorf("leaver %+v, %d on the roll, %d left", p, len(k.People()), len(k.Leavers()))
	}
	back := small()
	back.People[1].Form = "7C"
	if c := k.mustImport(t, back); len(c.Returned) != 1 || c.Records() != 2 {
		t.Errorf("changes: %+v", c)
	}
	if p, _ := k.again(t).Person(before.ID); !p.OnRoll() || p.Form != "7C" || p.ID != before.ID {
		t.Errorf("returned: %+v", p)
	}
}

func TestLedgerHoldsNoPersonalContent(t *testing.T) {
	k := newKit(t)
	k.mustImport(t, small())
	if err := k.Assign(t.Context(), "s-office", []Placement{{mustID(t, k, "A1"), locker.Place{Bank: "a", Door: 7}}}); err != nil {
		t.Fatal(err)
	}
	commitments := 0
	err := k.log.Read(t.Context(), 0, func(r ledger.Record) error {
		for _, personal := range []string{"Zo", "Hara", "ukasik", "M\u00fcller", "7A", "A1", "A2", "T1", "07700", "C1", "Mother", "Father"} {
			if r.Seq > 0 && bytes.Contains(r.Leaf, []byte(`"`+personal)) || bytes.Contains(r.Leaf, []byte(personal+`"`)) {
				t.Errorf("record %d holds %q: %s", r.Seq, personal, r.Leaf)
			}
		}
		if r.Kind == KindListed || r.Kind == KindContacts {
			commitments++
			if state, found, err := k.vault.CheckBody(r.Body); err != nil || !found || state != vault.Opens {
				t.Errorf("record %d: commitment %v, %v, %v", r.Seq, state, found, err)
			}
		}
		if r.Seq > 0 && !bytes.Contains(r.Leaf, []byte(`"by":"s-office"`)) {
			t.Errorf("record %d does not say who: %s", r.Seq, r.Leaf)
		}
		return nil
	})
	if err != nil || commitments != 6 {
		t.Errorf("%d commitments, %v", commitments, err)
	}
}

func mustID(t *testing.T, k kit, mis string) string {
	t.Helper()
	p, ok := k.ByMIS(mis)
	if !ok {
		t.Fatalf("nobody is %s", mis)
	}
	return p.ID
}

// What the vault has erased is forgotten; the rest of the book stands.
func TestErasedContentIsForgotten(t *testing.T) {
	k := newKit(t)
	k.mustImport(t, small())
	id := mustID(t, k, "A1")
	err := k.log.Read(t.Context(), 0, func(r ledger.Record) error {
		_, rest, _ := bytes.Cut(r.Body, []byte(`"content":"`))
		content, _, _ := bytes.Cut(rest, []byte(`"`))
		if bytes.Contains(r.Body, []byte(id)) {
			return k.vault.Erase(t.Context(), string(content))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	again := k.again(t)
	if _, _, ok := again.Name(id); ok || len(again.Contacts(id)) != 0 || len(again.Search("Hara")) != 0 || len(again.People()) != 4 {
		t.Errorf("%d people, erased one is still known: %v", len(again.People()), ok)
	}
}

func TestFoldRefusesWhatItCannotRead(t *testing.T) {
	k := newKit(t)
	for name, r := range map[string]ledger.Record{
		"no JSON":   {Entry: ledger.Entry{Kind: KindListed, Body: []byte(`{`)}},
		"no person": {Entry: ledger.Entry{Kind: KindLeft, Body: []byte(`{"by":"x"}`)}},
	} {
		if err := k.Fold(r); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := k.Fold(ledger.Record{Entry: ledger.Entry{Kind: "badge-issued", Body: []byte(`{`)}}); err != nil {
		t.Errorf("a record of another book: %v", err)
	}
	if _, err := k.vault.Put(t.Context(), "person-x", []byte("Zoë, not JSON")); err != nil {
		t.Fatal(err)
	}
	err := k.Fold(ledger.Record{Entry: ledger.Entry{Kind: KindListed, Body: []byte(`{"person":"p-x","content":"person-x"}`)}})
	if errs.CodeOf(err) != errs.Invalid || strings.Contains(err.Error(), "Zo") {
		t.Errorf("content that is no JSON: %v", err)
	}
}

func TestQueriesWhileImporting(t *testing.T) {
	k := newKit(t)
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			for range 50 {
				for _, p := range k.People() {
					scribble(p)
					_, _, _ = k.Name(p.ID)
				}
				_, _ = k.Search("zoe"), k.Places()
			}
		})
	}
	k.mustImport(t, small())
	group.Wait()
	for _, p := range k.People() {
		scribble(p)
	}
	if c := Diff(k.State(), small()); !c.Empty() {
		t.Errorf("a query changed the book: %+v", c)
	}
}

// scribble changes what a query returned.
func scribble(p Person) {
	for i := range p.Groups {
		p.Groups[i] = "mine"
	}
}
