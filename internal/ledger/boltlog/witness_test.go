package boltlog

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/ledgertest"
)

// The school's log and a bank that holds it to its word.
func TestWitnessOfALog(t *testing.T) {
	l := mustOpen(t, t.TempDir())
	defer ledgertest.MustClose(t, l)
	file := WitnessFile{filepath.Join(t.TempDir(), "bank-a.1.seen")}
	size := uint64(0)
	for n := range 12 {
		ledgertest.Fill(t, l, 1+n)
		signed, err := l.Checkpoint(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		var p ledger.Proof
		if size > 0 {
			if p, err = ledger.ProveConsistency(l, size, l.Size()); err != nil {
				t.Fatal(err)
			}
		}
		w, err := ledger.NewWitness(l.PublicKey(), file) // a restart each time
		if err != nil {
			t.Fatal(err)
		}
		if size, err = w.Accept(signed, p); err != nil || size != l.Size() {
			t.Fatalf("size %d of %d, %v", size, l.Size(), err)
		}
	}
	stranger := mustOpen(t, t.TempDir())
	defer ledgertest.MustClose(t, stranger)
	if _, err := ledger.NewWitness(stranger.PublicKey(), file); errs.CodeOf(err) != errs.Internal {
		t.Fatalf("went on for another key: %v", err)
	}
}

func TestWitnessFile(t *testing.T) {
	w := WitnessFile{filepath.Join(t.TempDir(), "seen")}
	if data, err := w.Load(); data != nil || err != nil {
		t.Fatalf("%q, %v", data, err)
	}
	for _, text := range []string{"first", "second"} {
		if err := w.Save([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if data, err := w.Load(); string(data) != text || err != nil {
			t.Fatalf("%q, %v", data, err)
		}
	}
	if _, err := os.Stat(w.Path + ".new"); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("left behind: %v", err)
	}
	if err := os.WriteFile(w.Path, []byte(strings.Repeat("x", maxWitness+1)), 0o600); err != nil {
		t.Fatal(err)
	}
	nowhere := WitnessFile{filepath.Join(w.Path, "seen")}
	for _, err := range []error{second(w.Load()), second(nowhere.Load()), nowhere.Save(nil)} {
		if errs.CodeOf(err) != errs.Unavailable {
			t.Errorf("%v, want unavailable", err)
		}
	}
}

func second(_ []byte, err error) error { return err }
