package attendance

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/vault/vaulttest"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

var (
	morning = time.Date(2026, 11, 23, 8, 50, 0, 0, time.UTC)
	monday  = school.DateOf(morning)
)

// office is a book with all it stands on.
type office struct {
	*Book
	log   *memlog.Log
	vault vaulttest.Memory
	desk  *desk.Book
	now   time.Time
}

type fataler interface {
	Helper()
	Fatal(...any)
}

func newOffice(t fataler) *office {
	t.Helper()
	o := &office{vault: vaulttest.Memory{}, now: morning}
	var err error
	if o.log, err = memlog.New("school", func() time.Time { return o.now }); err != nil {
		t.Fatal(err)
	}
	stamp := func() ledger.Stamp { return ledger.Stamp{Wall: o.now, Trusted: true} }
	o.desk = desk.New(o.log, stamp, policy.Default)
	o.Book = New(Config{Log: o.log, Vault: o.vault, Desk: o.desk, Stamp: stamp, Zone: time.UTC})
	return o
}

// again reads the ledger into a new book, as a restart does.
func (o *office) again(t fataler) *Book {
	t.Helper()
	b := New(o.Config)
	if err := o.log.Read(context.Background(), 0, b.Fold); err != nil {
		t.Fatal(err)
	}
	return b
}

func (o *office) mark(t fataler, day school.Date, marks map[string]Mark) Batch {
	t.Helper()
	batch, err := o.Mark(context.Background(), "office", day, ByHand, marks)
	if err != nil {
		t.Fatal(err)
	}
	return batch
}

// grants are those the banks would get.
func (o *office) grants() []locker.Grant { return o.desk.Grants(o.now) }
