package banks

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/locker"
)

// copyOf is a copy of a bank's ledger with n records after its opening.
func copyOf(t *testing.T, n int) *boltlog.Copy {
	t.Helper()
	dir := t.TempDir()
	log, err := boltlog.Open(dir, boltlog.Options{Writer: "a"})
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		if _, err := log.Append(t.Context(), ledger.Entry{Kind: string(locker.Help)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "a.1.ledger.key")); err != nil { // what lies there now is a copy
		t.Fatal(err)
	}
	c, err := boltlog.OpenCopy(dir, "a", 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// A snapshot is believed beside the records it was folded from, and nowhere
// else.
func TestSnapshotIsBelievedOnlyBesideItsRecords(t *testing.T) {
	setup := locker.Setup{Bank: "a", Doors: []int{1, 2}}
	first, second, short := copyOf(t, 5), copyOf(t, 5), copyOf(t, 2) // each with a key of its own
	dir := t.TempDir()
	newSnapshot(dir, setup, first, nil).Save([]byte("folded"), 4)
	cases := []struct {
		name   string
		setup  locker.Setup
		newest *boltlog.Copy
		before []*boltlog.Copy
		want   bool
	}{
		{"as it was", setup, first, nil, true},
		{"other doors", locker.Setup{Bank: "a", Doors: []int{1, 2, 3}}, first, nil, false},
		{"other records", setup, second, nil, false},
		{"fewer records", setup, short, nil, false},
		{"another epoch before", setup, first, []*boltlog.Copy{second}, false},
	}
	for _, c := range cases {
		data, ok := newSnapshot(dir, c.setup, c.newest, c.before).Load()
		if ok != c.want || ok && string(data) != "folded" {
			t.Errorf("%s: %q, %v", c.name, data, ok)
		}
	}
	if _, ok := newSnapshot(t.TempDir(), setup, first, nil).Load(); ok {
		t.Error("a snapshot was believed that is not there")
	}
}
