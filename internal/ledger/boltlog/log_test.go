package boltlog

import (
	"testing"

	"github.com/bellkeep/bellkeep/internal/ledger/ledgertest"
)

func mustOpen(t testing.TB, dir string) *Log {
	t.Helper()
	l, err := Open(dir, Options{Writer: "bank-a"})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	return l
}

func TestConformance(t *testing.T) {
	ledgertest.RunDurable(t, func(t *testing.T, dir string) ledgertest.DurableLog { return mustOpen(t, dir) })
}
