package ledgertest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"golang.org/x/mod/sumdb/tlog"
)

// Follower is what a durable copy of somebody else's ledger offers.
type Follower interface {
	ledger.Reader
	tlog.HashReader
	io.Closer
	Append(ctx context.Context, from uint64, leaves [][]byte) (size uint64, err error)
	Checkpoint(signed []byte) error
	LastCheckpoint() []byte
}

// Following gives the suite its followers of writer a, epoch 1.
type Following struct {
	// Open opens the follower in dir, and creates an empty one the first time.
	Open func(dir string) (Follower, error)
	// Spoil lets every later commit fail: after it took place, or before.
	Spoil func(f Follower, after bool)
}

// RunFollower runs the conformance suite of copying.
func RunFollower(t *testing.T, k Following) {
	for name, test := range map[string]func(*testing.T, Following){
		"any schedule ends with the same ledger":    testSchedules,
		"a gap names where to go on":                testGap,
		"what is here already is taken again":       testDuplicate,
		"leaves of anything else are refused":       testForeignLeaves,
		"a checkpoint is filed, or held for later":  testCheckpoints,
		"bad checkpoints change nothing":            testBadCheckpoints,
		"a flipped byte is found at the checkpoint": testFlippedByte,
		"a flipped byte under a held one stays out": testFlippedUnderHeld,
		"another record in its place is a fork":     testForkedRecord,
		"another root for a size is a fork":         testForkedRoot,
		"a failed commit ends it":                   testFailedCommit,
		"gives proofs":                              testFollowerProofs,
		"waits for growth":                          testFollowerWait,
	} {
		t.Run(name, func(t *testing.T) { test(t, k) })
	}
}

// following is a follower under test.
type following struct {
	Follower
	t    *testing.T
	dir  string
	open func(dir string) (Follower, error)
}

// start gives a follower that has the first n records of s.
func (k Following) start(t *testing.T, s *Source, n int) *following {
	t.Helper()
	f := &following{t: t, dir: t.TempDir(), open: k.Open}
	f.restart()
	t.Cleanup(func() { f.Close() }) // a test may have made it fail
	for from := 0; from < n; from += ledger.MaxEntries {
		f.mustAppend(s, from, min(ledger.MaxEntries, n-from))
	}
	return f
}

func (f *following) restart() {
	f.t.Helper()
	if f.Follower != nil {
		f.Close()
	}
	var err error
	if f.Follower, err = f.open(f.dir); err != nil {
		f.t.Fatal(err)
	}
}

func (f *following) append(from int, leaves [][]byte) error {
	_, err := f.Append(context.Background(), uint64(from), leaves)
	return err
}

func (f *following) mustAppend(s *Source, from, n int) {
	f.t.Helper()
	before := int(f.Size())
	size, err := f.Append(context.Background(), uint64(from), s.Batch(from, n))
	if err != nil || int(size) != max(before, from+n) || size != f.Size() {
		f.t.Fatalf("%d leaves from %d gave size %d, %v", n, from, size, err)
	}
}

func (f *following) mustTake(signed []byte) {
	f.t.Helper()
	if err := f.Checkpoint(signed); err != nil {
		f.t.Fatalf("checkpoint: %v", err)
	}
}

// mustHold wants exactly the first n leaves of s.
func (f *following) mustHold(s *Source, n int) {
	f.t.Helper()
	if err := same(f.Follower, s, n); err != nil {
		f.t.Fatal(err)
	}
}

// same tells whether f is s as far as n, byte by byte and in its tree.
func same(f Follower, s *Source, n int) error {
	var leaves [][]byte
	err := f.Read(context.Background(), 0, func(r ledger.Record) error {
		leaves = append(leaves, r.Leaf)
		return nil
	})
	if err != nil {
		return err
	}
	if !slices.EqualFunc(leaves, s.Leaves[:n], bytes.Equal) || int(f.Size()) != n {
		return errors.New("the leaves differ")
	}
	root, err := tlog.TreeHash(int64(n), f)
	if err == nil && n > 0 && root != s.Root(n) {
		err = errors.New("the trees differ")
	}
	return err
}

// mustRemember wants f to refuse everything because of a fork, after a restart
// too, and to hold what it held.
func (f *following) mustRemember(s *Source, n int, err error) {
	f.t.Helper()
	for range 2 {
		if !errors.Is(err, ledger.ErrFork) || errs.CodeOf(err) != errs.Conflict || errs.HintOf(err) == "" {
			f.t.Fatalf("%v, want a fork", err)
		}
		f.mustHold(s, n)
		if err := f.append(n, s.Batch(n, 1)); !errors.Is(err, ledger.ErrFork) {
			f.t.Fatalf("append after a fork: %v", err)
		}
		f.restart()
		err = f.Checkpoint(s.Checkpoint(f.t, n))
	}
}

func testGap(t *testing.T, k Following) {
	s := NewSource(t, "a", 1, 20)
	f := k.start(t, s, 0)
	if err := f.Checkpoint(s.Checkpoint(t, 5)); !errors.Is(err, ledger.ErrGap) {
		t.Fatalf("a checkpoint before record 0: %v", err)
	}
	for _, n := range []int{0, 7} {
		if n > 0 {
			f.mustAppend(s, 0, n)
		}
		size, err := f.Append(context.Background(), uint64(n+1), s.Batch(n+1, 5))
		if !errors.Is(err, ledger.ErrGap) || errs.CodeOf(err) != errs.Conflict || int(size) != n {
			t.Fatalf("size %d, %v; want a gap after %d", size, err, n)
		}
	}
	f.mustHold(s, 7)
}

func testDuplicate(t *testing.T, k Following) {
	s := NewSource(t, "a", 1, 30)
	f := k.start(t, s, 10)
	f.mustAppend(s, 0, 10)
	f.mustAppend(s, 3, 2)
	f.mustAppend(s, 5, 15)
	f.mustAppend(s, 0, 20)
	f.mustHold(s, 20)
}

func testForeignLeaves(t *testing.T, k Following) {
	s := NewSource(t, "a", 1, ledger.MaxEntries+9)
	whole := k.start(t, s, 5)
	for name, c := range map[string]struct {
		f      *following
		from   int
		leaves [][]byte
	}{
		"nothing":                 {whole, 5, nil},
		"too many":                {whole, 5, s.Batch(5, ledger.MaxEntries+1)},
		"no leaf":                 {whole, 5, append(s.Batch(5, 1), []byte(`{"v":1}`))},
		"out of order":            {whole, 5, append(s.Batch(5, 1), s.Batch(7, 1)...)},
		"under another number":    {whole, 3, s.Batch(4, 1)},
		"no opening":              {k.start(t, s, 0), 0, [][]byte{mustEncode(t, 0, Entry(1))}},
		"opening of another bank": {k.start(t, s, 0), 0, NewSource(t, "b", 1, 1).Leaves},
		"opening of another year": {k.start(t, s, 0), 0, NewSource(t, "a", 2, 1).Leaves},
		"opening without a key":   {k.start(t, s, 0), 0, [][]byte{mustOpening(t, "")}},
		"opening with b's key":    {k.start(t, s, 0), 0, [][]byte{mustOpening(t, NewSource(t, "b", 1, 1).Key)}},
	} {
		n := int(c.f.Size())
		if err := c.f.append(c.from, c.leaves); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: %v, want invalid", name, err)
		}
		c.f.mustHold(s, n)
		c.f.mustAppend(s, n, 3) // and nothing is held against the writer
	}
}

func mustEncode(t *testing.T, seq uint64, e ledger.Entry) []byte {
	t.Helper()
	leaf, err := ledger.Encode(seq, e)
	if err != nil {
		t.Fatal(err)
	}
	return leaf
}

func mustOpening(t *testing.T, key string) []byte {
	t.Helper()
	e, err := ledger.Opening{Writer: "a", Epoch: 1, Key: key, By: "test", Why: "test"}.Entry(ledger.Stamp{})
	if err != nil {
		t.Fatal(err)
	}
	return mustEncode(t, 0, e)
}

func testFollowerProofs(t *testing.T, k Following) {
	s := NewSource(t, "a", 1, 40)
	f := k.start(t, s, 40)
	for old := 1; old < 40; old++ {
		p, err := ledger.ProveConsistency(f, uint64(old), 40)
		if err != nil {
			t.Fatal(err)
		}
		at := func(n int) ledger.Checkpoint { return ledger.Checkpoint{Origin: "a", Size: uint64(n), Root: s.Root(n)} }
		if err := p.Check(at(old), at(40)); err != nil {
			t.Fatalf("from %d: %v", old, err)
		}
	}
}

func testFollowerWait(t *testing.T, k Following) {
	s := NewSource(t, "a", 1, 20)
	f := k.start(t, s, 3)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- f.Wait(ctx, 3) }()
	f.mustAppend(s, 0, 3)
	f.mustAppend(s, 3, 1)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := f.Wait(ctx, 4); !errors.Is(err, context.Canceled) {
		t.Fatalf("Wait = %v", err)
	}
	if _, err := f.Append(ctx, 4, s.Batch(4, 1)); !errors.Is(err, context.Canceled) {
		t.Fatalf("Append = %v", err)
	}
	f.mustHold(s, 4)
}
