package boltlog

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/ledgertest"
	"go.etcd.io/bbolt"
)

func mustCopy(t testing.TB, dir string) *Copy {
	t.Helper()
	c, err := OpenCopy(dir, "a", 1)
	if err != nil {
		t.Fatalf("open copy: %v", err)
	}
	return c
}

func TestCopyConformance(t *testing.T) {
	t.Parallel()
	ledgertest.RunFollower(t, ledgertest.Following{
		Open: func(dir string) (ledgertest.Follower, error) {
			c, err := OpenCopy(dir, "a", 1)
			if err == nil {
				c.db.NoSync = true // nothing here cuts the power, and there are thousands of commits
			}
			return c, err
		},
		Spoil: func(f ledgertest.Follower, after bool) {
			f.(*Copy).commit = func(tx *bbolt.Tx) error {
				broken := errors.New("input/output error")
				if after {
					return errors.Join(tx.Commit(), broken)
				}
				return broken
			}
		},
	})
}

// copied is a closed copy of the first n records of s, signed at n.
func copied(t *testing.T, s *ledgertest.Source, n int) Name {
	t.Helper()
	c := mustCopy(t, t.TempDir())
	mustCopyFrom(t, c, s, 0, n)
	if err := c.Checkpoint(s.Checkpoint(t, n)); err != nil {
		t.Fatal(err)
	}
	ledgertest.MustClose(t, c)
	return c.Name()
}

func mustCopyFrom(t testing.TB, c *Copy, s *ledgertest.Source, from, n int) {
	t.Helper()
	if size, err := c.Append(context.Background(), uint64(from), s.Batch(from, n)); err != nil || int(size) != from+n {
		t.Fatalf("%d leaves from %d: size %d, %v", n, from, size, err)
	}
}

// What the writer stored, hashes and signatures included, and nothing else.
func TestCopyIsTheWritersFile(t *testing.T) {
	s := makeSample(t)
	dir := t.TempDir()
	c, err := OpenCopy(dir, "bank-a", 1)
	if err != nil {
		t.Fatal(err)
	}
	for seq, value := range s.values {
		_, leaf, err := split(element{key: key(uint64(seq)), value: value}, uint64(seq))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Append(t.Context(), uint64(seq), [][]byte{leaf}); err != nil {
			t.Fatal(err)
		}
	}
	for _, i := range rand.Perm(len(s.notes)) {
		if err := c.Checkpoint(s.notes[i]); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := c.VerifyAll(t.Context(), VerifyOptions{}); err != nil || !r.OK() || r.Checkpoints != len(s.notes) {
		t.Fatalf("%+v, %v", r, err)
	}
	ledgertest.MustClose(t, c)
	data, err := os.ReadFile(c.Name().Path())
	if err != nil {
		t.Fatal(err)
	}
	s.mustBeSame(t, data)
	if r := mustVerify(t, c.Name(), VerifyOptions{Key: s.key, Checkpoint: s.notes[len(s.notes)-1]}); !r.OK() || r.Signed != r.Size {
		t.Fatalf("%+v", r)
	}
	if public, err := readKey(c.Name().pubPath()); err != nil || public != s.key {
		t.Fatalf("the key beside the copy is %q, %v", public, err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Fatalf("beside the copy lie %v", entries)
	}
	mustRefuse(t, dir, errs.Unavailable, "signing key") // nobody can go on writing it
}

// Late checkpoints split pages in the middle of their bucket.
func TestCheckpointsInAnyOrderKeepTheFileSound(t *testing.T) {
	t.Parallel()
	const n = 400
	s := ledgertest.NewSource(t, "a", 1, n)
	c := mustCopy(t, t.TempDir())
	mustCopyFrom(t, c, s, 0, 200)
	mustCopyFrom(t, c, s, 200, 200)
	for _, i := range rand.Perm(n) {
		if err := c.Checkpoint(s.Checkpoint(t, i+1)); err != nil {
			t.Fatal(err)
		}
	}
	ledgertest.MustClose(t, c)
	if r := mustVerify(t, c.Name(), VerifyOptions{}); !r.OK() || r.Checkpoints != n {
		t.Fatalf("%+v", r)
	}
}

func TestUnsignedCopyIsCalledSo(t *testing.T) {
	s := ledgertest.NewSource(t, "a", 1, 5)
	c := mustCopy(t, t.TempDir())
	if r, err := c.VerifyAll(t.Context(), VerifyOptions{}); err != nil || !r.OK() || r.Size != 0 {
		t.Fatalf("an empty copy: %+v, %v", r, err)
	}
	if r, err := c.VerifyAll(t.Context(), VerifyOptions{Checkpoint: s.Checkpoint(t, 5)}); err != nil || r.OK() {
		t.Fatalf("an empty copy of what was signed: %+v, %v", r, err)
	}
	mustCopyFrom(t, c, s, 0, 5)
	ledgertest.MustClose(t, c)
	mustFind(t, c.Name(), VerifyOptions{}, 0, "not signed")
}

func TestOwnLedgerIsNoCopy(t *testing.T) {
	dir := t.TempDir()
	filled(t, dir, 3)
	if _, err := OpenCopy(dir, "bank-a", 1); errs.CodeOf(err) != errs.Conflict || errs.HintOf(err) == "" {
		t.Fatalf("%v, want a conflict", err)
	}
	for _, c := range []struct {
		writer string
		epoch  uint64
	}{{"Bank A", 1}, {"a", 0}, {"../a", 1}} {
		if _, err := OpenCopy(dir, c.writer, c.epoch); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%q epoch %d: %v, want invalid", c.writer, c.epoch, err)
		}
	}
}

func TestCopyIsOpenOnce(t *testing.T) {
	t.Parallel()
	c := mustCopy(t, t.TempDir())
	defer ledgertest.MustClose(t, c)
	if _, err := OpenCopy(c.Name().Dir, "a", 1); errs.CodeOf(err) != errs.Conflict {
		t.Fatalf("%v, want a conflict", err)
	}
}

func TestClosedCopyRefuses(t *testing.T) {
	s := ledgertest.NewSource(t, "a", 1, 5)
	c := mustCopy(t, t.TempDir())
	ledgertest.MustClose(t, c)
	ledgertest.MustClose(t, c)
	if _, err := c.Append(t.Context(), 0, s.Batch(0, 1)); errs.CodeOf(err) != errs.Unavailable || c.Err() != nil {
		t.Fatalf("%v; died of %v", err, c.Err())
	}
}

func TestCopyServesReadersWhileItGrows(t *testing.T) {
	t.Parallel()
	s := ledgertest.NewSource(t, "a", 1, 2000)
	c := mustCopy(t, t.TempDir())
	defer ledgertest.MustClose(t, c)
	var wg sync.WaitGroup
	wg.Go(func() {
		for size := uint64(0); size < 2000; size = c.Size() {
			if err := c.Wait(t.Context(), size); err != nil {
				t.Error(err)
				return
			}
			if r, err := c.VerifyAll(t.Context(), VerifyOptions{}); err != nil || !r.OK() {
				t.Errorf("%+v, %v", r, err)
			}
		}
	})
	for from := 0; from < 2000; from += 50 {
		mustCopyFrom(t, c, s, from, 50)
		if err := c.Checkpoint(s.Checkpoint(t, from+50)); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
}

// The rate of copying batches of 64 leaves of about 300 bytes.
func BenchmarkCopyAppend(b *testing.B) {
	const batch = 64
	e := benchEntry()
	e.Body = json.RawMessage(`{"note":"` + strings.Repeat("x", 160) + `"}`)
	rest, err := ledger.EncodeRest(e)
	if err != nil {
		b.Fatal(err)
	}
	s := ledgertest.NewSource(b, "a", 1, 1)
	c := mustCopy(b, b.TempDir())
	defer ledgertest.MustClose(b, c)
	mustCopyFrom(b, c, s, 0, 1)
	leaves := make([][]byte, batch)
	for b.Loop() {
		from := c.Size()
		for i := range leaves {
			leaves[i] = ledger.AppendLeaf(nil, from+uint64(i), rest)
		}
		if _, err := c.Append(b.Context(), from, leaves); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(batch*b.N)/b.Elapsed().Seconds(), "leaves/s")
	b.ReportMetric(float64(len(leaves[0])), "B/leaf")
}
