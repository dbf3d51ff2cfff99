package corrections

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
)

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestCorrections(t *testing.T) {
	log, err := memlog.New("school", func() time.Time { return monday })
	must(t, err)
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	must(t, err)
	defer v.Close()
	stamp := func() ledger.Stamp { return ledger.Stamp{Wall: monday} }
	book := New(log, v, stamp)
	dsl, of := school.Actor{Account: "dsl", Person: "s-dsl"}, Ref{"bank-a.1", 7}
	must(t, book.Add(t.Context(), dsl, of, " It was Tom Baker's phone. "))
	must(t, book.Add(t.Context(), dsl, of, "No, his brother's."))
	for text, code := range map[string]errs.Code{"": errs.Invalid, "no": errs.Invalid, strings.Repeat("x", maxText+1): errs.Invalid, "\xff\xff\xff": errs.Invalid} {
		if err := book.Add(t.Context(), dsl, of, text); errs.CodeOf(err) != code {
			t.Errorf("%.10q: %v", text, err)
		}
	}
	if err := book.Add(t.Context(), school.Actor{}, of, "By nobody."); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("by nobody: %v", err)
	}
	again := New(log, v, stamp)
	must(t, log.Read(context.Background(), 0, func(r ledger.Record) error {
		if strings.Contains(string(r.Leaf), "Baker") {
			t.Errorf("the ledger tells: %s", r.Leaf)
		}
		return again.Fold(r)
	}))
	for _, b := range []*Book{book, again} {
		if got := b.Of(of); len(got) != 2 || got[0] != (Correction{"dsl", monday, "It was Tom Baker's phone."}) || len(b.Of(Ref{"bank-a.2", 7})) != 0 {
			t.Errorf("%+v", got)
		}
	}
	for range most - 2 {
		must(t, book.Add(t.Context(), dsl, of, "Once more."))
	}
	if err := book.Add(t.Context(), dsl, of, "Once more."); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("too many: %v", err)
	}
	if err := book.Fold(ledger.Record{Entry: ledger.Entry{Kind: KindCorrected, Body: []byte(`{}`)}}); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("damaged: %v", err)
	}
}
