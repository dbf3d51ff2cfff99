package register

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// Whatever two rolls say, after applying their difference the book is the
// second one, and so is the book of a restart.
func TestApplyingADiffGivesTheRoll(t *testing.T) {
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	rapid.Check(t, func(t *rapid.T) {
		k := withVault(t, v)
		for _, label := range []string{"first", "second", "third"} {
			roll := drawRoll(t, label)
			k.mustImport(t, roll)
			for _, b := range []*Book{k.Book, k.again(t)} {
				mustBe(t, b, roll)
			}
		}
	})
}

func drawRoll(t *rapid.T, label string) Roll {
	roll := Roll{People: []Entry{{Kind: Staff, Details: Details{MIS: "T0", Given: "Always"}}}}
	word := rapid.SampledFrom([]string{"Ada", "Zoë", "O'Hara", "Li"})
	for i := range 6 {
		if !rapid.Bool().Draw(t, fmt.Sprintf("%s %d is there", label, i)) {
			continue
		}
		e := Entry{Kind: Pupil, Details: Details{MIS: fmt.Sprintf("A%d", i), Given: word.Draw(t, "given"), Family: word.Draw(t, "family"),
			Form: rapid.SampledFrom([]string{"", "7A", "7B"}).Draw(t, "form"), Groups: rapid.SliceOfN(word, 0, 3).Draw(t, "groups")}}
		if i == 5 {
			e.Kind = Staff
		}
		roll.People = append(roll.People, e)
	}
	if rapid.Bool().Draw(t, label+" has contacts") {
		roll.Contacts = map[string][]Contact{}
		for i := range 6 {
			for n := range rapid.IntRange(0, 2).Draw(t, "contacts") {
				c := Contact{ID: fmt.Sprintf("C%d", n), Given: word.Draw(t, "contact"), Priority: rapid.IntRange(1, 2).Draw(t, "priority"), NoContact: rapid.Bool().Draw(t, "no contact")}
				mis := fmt.Sprintf("A%d", i)
				roll.Contacts[mis] = append(roll.Contacts[mis], c)
			}
		}
	}
	return roll
}

func mustBe(t tb, b *Book, roll Roll) {
	t.Helper()
	if c := Diff(b.State(), roll); !c.Empty() {
		t.Fatalf("a second diff finds: %s", told(c))
	}
	people := b.People()
	if len(people) != len(roll.People) {
		t.Fatalf("%d people on the roll, want %d", len(people), len(roll.People))
	}
	for _, e := range roll.People {
		p, ok := b.ByMIS(e.MIS)
		want := e.tidy()
		if !ok || !p.OnRoll() || p.Kind != e.Kind || p.Name() != want.Name() || p.Form != want.Form || !slices.Equal(p.Groups, want.Groups) {
			t.Fatalf("%s is %+v, want %+v", e.MIS, p, want)
		}
		if roll.Contacts != nil && e.Kind == Pupil && !slices.Equal(b.Contacts(p.ID), inOrder(roll.Contacts[e.MIS])) {
			t.Fatalf("contacts of %s: %+v", e.MIS, b.Contacts(p.ID))
		}
	}
}

// Differences that somebody looked at before somebody else changed the book
// are not applied.
func TestStaleChangesAreRefused(t *testing.T) {
	for name, edit := range map[string]func(*Roll){
		"listed meanwhile":           func(r *Roll) { r.People = append(r.People, pupil("A9", "New", "Pupil", "7A")) },
		"changed meanwhile":          func(r *Roll) { r.People[0].Form = "7C" },
		"left meanwhile":             func(r *Roll) { r.People = r.People[1:]; r.Contacts = nil },
		"contacts changed meanwhile": func(r *Roll) { r.Contacts["A2"] = nil },
	} {
		k := newKit(t)
		k.mustImport(t, small())
		roll := small()
		edit(&roll)
		seen := Diff(k.State(), roll)
		k.mustImport(t, roll)
		size := k.log.Size()
		if err := k.Apply(t.Context(), "s-office", seen, sure(seen)); errs.CodeOf(err) != errs.Conflict || k.log.Size() != size {
			t.Errorf("%s: %v, %d records more", name, err, k.log.Size()-size)
		}
	}
}

func TestIdsThatASchoolGivesOut(t *testing.T) {
	k := newKit(t)
	roll := small()
	roll.People[0].ID = "p-001"
	k.mustImport(t, roll)
	if p, ok := k.Person("p-001"); !ok || p.MIS != "A1" {
		t.Errorf("%+v, %v", p, ok)
	}
	roll.People[0].MIS = "B1" // the information system was replaced
	roll.Contacts = nil
	if c := k.mustImport(t, roll); len(c.Changed) != 1 || len(c.New) != 0 {
		t.Errorf("changes: %s", told(c))
	}
	for name, e := range map[string]Entry{
		"ill-formed id": {ID: "P 1", Kind: Pupil, Details: Details{MIS: "A7"}},
		"no MIS id":     {Kind: Pupil},
		"no kind":       {Details: Details{MIS: "A8"}},
	} {
		if err := k.Apply(t.Context(), "s-office", Changes{New: []Entry{e}}, Stated{}); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, by := range []string{"", "Ann Smith", "ann@school.example"} {
		if err := k.Apply(t.Context(), by, Diff(k.State(), roll), Stated{}); errs.CodeOf(err) != errs.Invalid || errs.HintOf(err) == "" {
			t.Errorf("asked for by %q: %v", by, err)
		}
	}
}

// failing fails from the second Append on, as a full disk does.
type failing struct {
	Log
	calls int
}

func (f *failing) Append(ctx context.Context, entries ...ledger.Entry) ([]ledger.Receipt, error) {
	if f.calls++; f.calls > 1 {
		return nil, errors.New("disk full")
	}
	return f.Log.Append(ctx, entries...)
}

// An import cut in the middle is completed by the next one.
func TestImportCutInTheMiddle(t *testing.T) {
	k := newKit(t)
	cut := New(&failing{Log: k.log}, k.vault, stamp)
	roll := year(ledger.MaxEntries + 10)
	if err := cut.Apply(t.Context(), "s-office", Diff(cut.State(), roll), Stated{}); err == nil {
		t.Fatal("the disk was full and nobody noticed")
	}
	found := kit{k.again(t), k.log, k.vault}
	if n := len(found.People()); n != ledger.MaxEntries {
		t.Fatalf("%d people after the cut", n)
	}
	if c := found.mustImport(t, roll); len(c.New) != 10 {
		t.Errorf("%d new people", len(c.New))
	}
	mustBe(t, found.again(t), roll)
}
