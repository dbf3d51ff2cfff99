package boltlog

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/ledgertest"
)

// One flipped bit turns a person into another one. No reader may act on it.
func TestReadRefusesAFlippedBit(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(dir, Options{Writer: "a"})
	if err != nil {
		t.Fatal(err)
	}
	for _, person := range []string{"p-001", "p-007", "p-009"} {
		e := ledgertest.Entry(1)
		e.Body = []byte(`{"person":"` + person + `"}`)
		if _, err := l.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	path := l.Name().Path()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.ReplaceAll(data, []byte("p-007"), []byte("p-003")), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	err = f.Read(t.Context(), 0, func(ledger.Record) error { read++; return nil })
	if err == nil || !strings.Contains(err.Error(), "sequence 2") || read != 2 {
		t.Errorf("%d records were read, err = %v", read, err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
