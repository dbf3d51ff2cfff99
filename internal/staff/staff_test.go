package staff

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/pins"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/vault"
)

var monday = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func stamp() ledger.Stamp { return ledger.Stamp{Wall: monday} }

// office is a book on its ledger and vault, and the people it asks about.
type office struct {
	*Book
	log    *memlog.Log
	vault  *vault.Vault
	people crew
}

// crew is a register.
type crew map[string]register.Person

func (c crew) Person(id string) (register.Person, bool) { p, ok := c[id]; return p, ok }

func newOffice(t testing.TB) office {
	t.Helper()
	log, err := memlog.New("school", func() time.Time { return monday })
	must(t, err)
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	must(t, err)
	t.Cleanup(func() { must(t, v.Close()) })
	people := crew{
		"s-1": {ID: "s-1", Kind: register.Staff}, "s-2": {ID: "s-2", Kind: register.Staff},
		"s-3": {ID: "s-3", Kind: register.Staff, Left: monday}, "p-1": {ID: "p-1", Kind: register.Pupil},
	}
	return office{New(log, v, people, stamp), log, v, people}
}

// again is a book made of what the ledger says.
func (o office) again(t testing.TB) *Book {
	t.Helper()
	book := New(o.log, o.vault, o.people, stamp)
	must(t, o.log.Read(context.Background(), 0, book.Fold))
	return book
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// right reports whether a PIN is somebody's, as a bank would find it.
func right(b *Book, person, pin string) bool {
	return pins.Checker{}.Verify(b.Entries()[person].PIN, pin)
}

func TestSetAndRemove(t *testing.T) {
	o := newOffice(t)
	must(t, o.Set(t.Context(), "it", "s-1", "271828"))
	must(t, o.Set(t.Context(), "it", "s-2", "314159"))
	must(t, o.Set(t.Context(), "it", "s-1", "161803"))
	for _, b := range []*Book{o.Book, o.again(t)} {
		if !right(b, "s-1", "161803") || right(b, "s-1", "271828") || !right(b, "s-2", "314159") || len(b.Entries()) != 2 {
			t.Errorf("the entries are %v", b.Entries())
		}
		if at, ok := b.Since("s-1"); !ok || !at.Equal(monday) {
			t.Errorf("since %v, %v", at, ok)
		}
	}
	must(t, o.Remove(t.Context(), "it", "s-1"))
	for _, b := range []*Book{o.Book, o.again(t)} {
		if _, ok := b.Since("s-1"); ok || len(b.Entries()) != 1 {
			t.Errorf("after it was removed: %v", b.Entries())
		}
	}
	if err := o.Remove(t.Context(), "it", "s-1"); errs.CodeOf(err) != errs.NotFound {
		t.Errorf("removing it twice: %v", err)
	}
}

func TestRefusedPINs(t *testing.T) {
	o := newOffice(t)
	for _, c := range []struct {
		by, person, pin string
		want            errs.Code
	}{
		{"it", "p-1", "271828", errs.NotFound}, // a pupil
		{"it", "s-3", "271828", errs.NotFound}, // has left
		{"it", "nobody", "271828", errs.NotFound},
		{"it", "s-1", "123456", errs.Invalid},
		{"it", "s-1", "27182", errs.Invalid},
		{"", "s-1", "271828", errs.Invalid},
	} {
		if err := o.Set(t.Context(), c.by, c.person, c.pin); errs.CodeOf(err) != c.want || errs.HintOf(err) == "" {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if n := len(o.Entries()); n != 0 || o.log.Size() != 1 {
		t.Errorf("%d entries, %d records", n, o.log.Size())
	}
}

// Whoever leaves is no longer listed; whoever comes back needs no new PIN.
func TestLeaversAreNotListed(t *testing.T) {
	o := newOffice(t)
	must(t, o.Set(t.Context(), "it", "s-1", "271828"))
	o.people["s-1"] = register.Person{ID: "s-1", Kind: register.Staff, Left: monday}
	if len(o.Entries()) != 0 {
		t.Error("a leaver is listed")
	}
	must(t, o.Remove(t.Context(), "it", "s-1")) // it can be taken away all the same
}

// The ledger holds ids and a commitment; the vault forgets what no longer
// counts.
func TestVerifiersStayInTheVault(t *testing.T) {
	o := newOffice(t)
	must(t, o.Set(t.Context(), "it", "s-1", "271828"))
	old := o.Entries()["s-1"].PIN
	must(t, o.Set(t.Context(), "it", "s-1", "161803"))
	must(t, o.Set(t.Context(), "it", "s-2", "314159"))
	must(t, o.Remove(t.Context(), "it", "s-2"))
	states := map[vault.State]int{}
	must(t, o.log.Read(t.Context(), 1, func(r ledger.Record) error {
		if text := string(r.Leaf); strings.Contains(text, "argon2") || strings.Contains(text, "271828") || strings.Contains(text, old) {
			t.Errorf("the ledger tells a secret: %s", text)
		}
		var e body
		if err := json.Unmarshal(r.Body, &e); err != nil || e.Commitment == nil {
			return err
		}
		state, err := o.vault.Check(*e.Commitment)
		states[state]++
		return err
	}))
	if want := map[vault.State]int{vault.Opens: 1, vault.Erased: 2}; !maps.Equal(states, want) {
		t.Errorf("of the commitments, %v; want %v", states, want)
	}
}

// A PIN that could not be recorded does not count, and leaves nothing behind.
func TestPINOffTheRecord(t *testing.T) {
	o := newOffice(t)
	must(t, o.Set(t.Context(), "it", "s-1", "271828"))
	kept := &counting{Vault: o.vault}
	o.Book = New(broken{}, kept, o.people, stamp)
	must(t, o.log.Read(t.Context(), 0, o.Fold))
	if err := o.Set(t.Context(), "it", "s-1", "161803"); err == nil || !right(o.Book, "s-1", "271828") {
		t.Errorf("set although the ledger is broken: %v", err)
	}
	if kept.put != 1 || kept.erased != 1 {
		t.Errorf("%d verifiers put, %d erased", kept.put, kept.erased)
	}
}

type broken struct{}

func (broken) Append(context.Context, ...ledger.Entry) ([]ledger.Receipt, error) {
	return nil, errors.New("no disk")
}

type counting struct {
	Vault
	put, erased int
}

func (c *counting) Put(ctx context.Context, id string, content []byte) (vault.Commitment, error) {
	c.put++
	return c.Vault.Put(ctx, id, content)
}

func (c *counting) Erase(ctx context.Context, ids ...string) error {
	c.erased += len(ids)
	return c.Vault.Erase(ctx, ids...)
}

func TestFoldRefusesWhatItCannotRead(t *testing.T) {
	for _, text := range []string{"no JSON", "{}", `{"person":7}`} {
		r := ledger.Record{Seq: 3, Entry: ledger.Entry{Kind: KindSet, Body: []byte(text)}}
		if err := newOffice(t).Fold(r); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: %v", text, err)
		}
		r.Kind = "bar-placed"
		if err := newOffice(t).Fold(r); err != nil {
			t.Errorf("somebody else's record: %v", err)
		}
	}
}

// Whatever is set and removed, a book read from the ledger is the book in memory.
func TestBookIsTheFoldOfItsLedger(t *testing.T) {
	o := newOffice(t)
	chance := rand.New(rand.NewPCG(1, 0))
	pick := func(list ...string) string { return list[chance.IntN(len(list))] }
	for step := range 25 {
		person := pick("s-1", "s-2", "s-3", "p-1")
		if chance.IntN(2) == 0 {
			_ = o.Set(t.Context(), "it", person, pick("271828", "161803", "1")) // refusals change nothing
		} else {
			_ = o.Remove(t.Context(), "it", person)
		}
		if got, want := o.again(t).Entries(), o.Entries(); !maps.Equal(got, want) {
			t.Fatalf("step %d: read again: %v, in memory: %v", step, got, want)
		}
	}
}

// A technician's PIN says so, to banks and after a restart; a PIN in its place does
// not, unless it is one again.
func TestTechnicians(t *testing.T) {
	o := newOffice(t)
	must(t, o.SetTechnician(t.Context(), "it", "s-1", "271828"))
	must(t, o.Set(t.Context(), "it", "s-2", "314159"))
	for _, b := range []*Book{o.Book, o.again(t)} {
		if e := b.Entries(); !e["s-1"].Technician || e["s-2"].Technician {
			t.Errorf("the entries are %v", e)
		}
	}
	must(t, o.Set(t.Context(), "it", "s-1", "161803"))
	if o.Entries()["s-1"].Technician {
		t.Error("still a technician")
	}
}
