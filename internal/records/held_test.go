package records

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/roster"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// A hold keeps what was written of whom it stands against, and of nobody else.
func TestHeld(t *testing.T) {
	log, err := memlog.New("school", func() time.Time { return monday })
	if err != nil {
		t.Fatal(err)
	}
	r := New(Parts{School: roster.School{Calendar: school.Calendar{Zone: time.UTC}}, Log: log, Random: rand.Reader, Machine: time.Now, Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: monday} }})
	if _, err := r.Desk.Place(t.Context(), "dsl", desk.Hold, locker.Subject{Person: "p-1"}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Desk.Place(t.Context(), "dsl", desk.Stop, locker.Subject{Person: "p-2"}); err != nil {
		t.Fatal(err)
	}
	for person, want := range map[string]bool{"p-1": true, "p-2": false, "": false} {
		if got := r.held(person); got != want {
			t.Errorf("%q: %v", person, got)
		}
	}
}
