package desk

import (
	"fmt"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
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
	b := New(log, func() ledger.Stamp { return now })
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
