package roster

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/vault"
)

func TestRegisterKeepsNamesOutOfTheLedger(t *testing.T) {
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	log, err := memlog.New("school", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	roll := []Pupil{{ID: "p-1", Name: "Amara Quigley", Form: "7A"}, {ID: "p-2", Name: "Ben Yardley", Form: "7B"}}
	register := func() map[string]Personal {
		t.Helper()
		known, err := Register(t.Context(), roll, v, log, ledger.Stamp{})
		if err != nil {
			t.Fatal(err)
		}
		return known
	}
	if known := register(); known["p-1"] != (Personal{"Amara Quigley", "7A"}) || len(known) != 2 {
		t.Errorf("known: %v", known)
	}
	size := log.Size()
	register()
	if log.Size() != size {
		t.Error("an unchanged roll was recorded again")
	}
	roll[1].Form = "8B"
	if known := register(); known["p-2"].Form != "8B" || log.Size() != size+1 {
		t.Errorf("known %v, %d records", known, log.Size())
	}
	err = log.Read(context.Background(), 0, func(r ledger.Record) error {
		for _, name := range []string{"Amara", "Quigley", "Yardley"} {
			if bytes.Contains(r.Leaf, []byte(name)) {
				t.Errorf("record %d holds a name: %s", r.Seq, r.Leaf)
			}
		}
		if r.Kind != KindListed {
			return nil
		}
		if state, found, err := v.CheckBody(r.Body); err != nil || !found || state != vault.Opens {
			t.Errorf("record %d: commitment %v, %v, %v", r.Seq, state, found, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
