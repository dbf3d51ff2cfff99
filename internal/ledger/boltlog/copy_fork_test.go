package boltlog

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/ledgertest"
)

// A key put beside the file first is the only one that may open the epoch.
func TestKnownKeyBindsTheCopy(t *testing.T) {
	s, stranger := ledgertest.NewSource(t, "a", 1, 5), ledgertest.NewSource(t, "a", 1, 5)
	c := mustCopy(t, t.TempDir())
	defer c.Close()
	if err := os.WriteFile(c.Name().pubPath(), []byte(s.Key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Append(t.Context(), 0, stranger.Batch(0, 5)); !errors.Is(err, ledger.ErrFork) || c.Size() != 0 {
		t.Fatalf("%v, want a fork", err)
	}
}

func TestOperatorLetsAForkedCopyGoOn(t *testing.T) {
	s := ledgertest.NewSource(t, "a", 1, 9)
	c := mustCopy(t, t.TempDir())
	mustCopyFrom(t, c, s, 0, 5)
	if err := c.Checkpoint(s.Fork(t, 2).Checkpoint(t, 4)); !errors.Is(err, ledger.ErrFork) || c.Forked() == nil {
		t.Fatalf("%v, want a fork", err)
	}
	ledgertest.MustClose(t, c)
	if err := os.Rename(c.Name().copyPath(), filepath.Join(t.TempDir(), "evidence")); err != nil {
		t.Fatal(err)
	}
	c = mustCopy(t, c.Name().Dir)
	defer ledgertest.MustClose(t, c)
	if c.Forked() != nil {
		t.Fatal(c.Forked())
	}
	mustCopyFrom(t, c, s, 5, 4)
}

func TestDamagedMemoIsRefused(t *testing.T) {
	s := ledgertest.NewSource(t, "a", 1, 9)
	n := copied(t, s, 5)
	for _, junk := range []string{"", "{", `{"format":"2"}`, `{"format":"1","held":["no note"]}`, strings.Repeat(" ", maxMemo+1)} {
		if err := os.WriteFile(n.copyPath(), []byte(junk), 0o600); err != nil {
			t.Fatal(err)
		}
		if c, err := OpenCopy(n.Dir, "a", 1); err == nil {
			c.Close()
			t.Errorf("opened beside %.40q", junk)
		}
	}
}

// A writer far ahead must not fill memory; the smallest notes are met first
// and the largest tells how much is missing.
func TestHeldCheckpointsHaveALimit(t *testing.T) {
	s := ledgertest.NewSource(t, "a", 1, 100)
	c := mustCopy(t, t.TempDir())
	defer ledgertest.MustClose(t, c)
	mustCopyFrom(t, c, s, 0, 1)
	for size := 2; size <= 100; size++ {
		if err := c.Checkpoint(s.Checkpoint(t, size)); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.memo.held) != maxHeld || c.Ahead() != 100 {
		t.Fatalf("%d are held, up to %d", len(c.memo.held), c.Ahead())
	}
	mustCopyFrom(t, c, s, 1, 99)
	if n, err := ledger.OpenCheckpoint(c.LastCheckpoint(), c.key()); err != nil || n.Size != 100 || c.Ahead() != 0 {
		t.Fatalf("signed at %d, ahead %d, %v", n.Size, c.Ahead(), err)
	}
	ledgertest.MustClose(t, c)
	if r := mustVerify(t, c.Name(), VerifyOptions{}); r.Checkpoints != maxHeld {
		t.Fatalf("%+v", r)
	}
}
