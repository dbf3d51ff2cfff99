package badges_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/vault/vaulttest"
)

var monday = time.Date(2026, 9, 7, 7, 30, 0, 0, time.UTC)

var errDisk = errors.New("the disk is full")

// log is a ledger in memory that counts its calls and fails on demand.
type log struct {
	*memlog.Log
	calls  []int // entries in each call
	refuse int   // the call to refuse, from 1
}

func (l *log) Append(ctx context.Context, entries ...ledger.Entry) ([]ledger.Receipt, error) {
	l.calls = append(l.calls, len(entries))
	if len(l.calls) == l.refuse {
		return nil, errDisk
	}
	return l.Log.Append(ctx, entries...)
}

// desk is a book with all it stands on.
type desk struct {
	*badges.Book
	log   *log
	vault vaulttest.Memory
	now   time.Time
}

type fataler interface{ Fatal(...any) }

func newDesk(t fataler) *desk {
	d := &desk{log: &log{}, vault: vaulttest.Memory{}, now: monday}
	var err error
	if d.log.Log, err = memlog.New("school", func() time.Time { return d.now }); err != nil {
		t.Fatal(err)
	}
	d.Book = d.empty()
	return d
}

func (d *desk) empty() *badges.Book {
	return badges.New(d.log, d.vault, rand.Reader, func() ledger.Stamp { return ledger.Stamp{Wall: d.now} })
}

// again reads the ledger into a new book, as a restart does.
func (d *desk) again(t fataler) *badges.Book {
	b := d.empty()
	if err := d.log.Read(context.Background(), 0, b.Fold); err != nil {
		t.Fatal(err)
	}
	return b
}

// issue makes a badge that must succeed.
func (d *desk) issue(t *testing.T, person string) badges.Fresh {
	t.Helper()
	fresh, err := d.IssueTo(t.Context(), "s-1", person)
	if err != nil || len(fresh) != 1 {
		t.Fatal(fresh, err)
	}
	return fresh[0]
}

func (d *desk) spare(t *testing.T) badges.Fresh {
	t.Helper()
	fresh, err := d.Spares(t.Context(), "s-1", 1)
	if err != nil || len(fresh) != 1 {
		t.Fatal(fresh, err)
	}
	return fresh[0]
}

func people(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("p-%04d", i+1)
	}
	return ids
}

func wantCode(t *testing.T, err error, code errs.Code) {
	t.Helper()
	if errs.CodeOf(err) != code {
		t.Errorf("got %v (%s), want %s", err, errs.CodeOf(err), code)
	}
	if err != nil && errs.HintOf(err) == "" {
		t.Errorf("no next step is given with: %v", err)
	}
}
