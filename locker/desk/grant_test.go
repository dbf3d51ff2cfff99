package desk

import (
	"fmt"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/locker"
)

// Permissions that are over make room for new ones, unless the clock that says so
// may be wrong.
func TestOldGrantsMakeRoom(t *testing.T) {
	log, err := memlog.New("school", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	now := ledger.Stamp{Wall: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	b := New(log, func() ledger.Stamp { return now }, policy.Default)
	give := func() error {
		_, err := b.Give(t.Context(), "office", locker.Grant{Kind: locker.MayKeep, Person: "p-1", From: now.Wall, Until: now.Wall.Add(time.Hour)})
		return err
	}
	for range mostGrants {
		if err := give(); err != nil {
			t.Fatal(err)
		}
	}
	now.Wall = now.Wall.Add(time.Hour)
	if err := give(); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("one too many by a clock that is not trusted: %v", err)
	}
	now.Trusted = true
	if err := give(); err != nil || len(b.Grants(now.Wall)) != 1 || len(b.grants) != 1 {
		t.Errorf("once all the others are over: %v; %d are kept", err, len(b.grants))
	}
}

// In a new epoch of the ledger the bars of the old one keep their order: banks
// would otherwise be given the same directory again and again.
func TestOrderOfBarsInANewEpoch(t *testing.T) {
	b, _ := open(t)
	for n := range 20 {
		if _, err := b.Place(t.Context(), "office", Stop, locker.Subject{Person: fmt.Sprint("p-", n)}); err != nil {
			t.Fatal(err)
		}
	}
	b.renumber()
	for range 5 {
		for n, bar := range b.Standing() {
			if bar.On.Person != fmt.Sprint("p-", n) {
				t.Fatalf("bar %d is that on %s", n, bar.On.Person)
			}
		}
	}
}

// A permission taken back is gone for banks, stays gone over a restart, and its
// id is never given again.
func TestWithdraw(t *testing.T) {
	b, log := open(t)
	from := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	g, err := b.Give(t.Context(), "office", locker.Grant{ID: "g-mine", Kind: locker.MayCollect, Person: "p-1", From: from, Until: from.Add(time.Hour), Uses: 1})
	if err != nil || g.ID != "g-mine" || b.Given("g-mine") == 0 {
		t.Fatalf("%+v, %v, record %d", g, err, b.Given("g-mine"))
	}
	given := b.Given("g-mine")
	if _, err := b.Give(t.Context(), "office", g); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("given twice: %v", err)
	}
	if err := b.Withdraw(t.Context(), "office", "g-mine"); err != nil {
		t.Fatal(err)
	}
	again := New(log, nil, policy.Default)
	if err := log.Read(t.Context(), 0, again.Fold); err != nil {
		t.Fatal(err)
	}
	for _, book := range []*Book{b, again} {
		if len(book.Grants(from)) != 0 || !book.Withdrawn("g-mine") || book.Given("g-mine") <= given {
			t.Errorf("after taking it back: %v, record %d", book.Grants(from), book.Given("g-mine"))
		}
	}
	if err := b.Withdraw(t.Context(), "office", "g-mine"); errs.CodeOf(err) != errs.NotFound {
		t.Errorf("taken back twice: %v", err)
	}
	if _, err := b.Give(t.Context(), "office", g); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("given again: %v", err)
	}
}
