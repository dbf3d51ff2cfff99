package ledgertest

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
)

func testCheckpoints(t *testing.T, k Following) {
	s := NewSource(t, "a", 1, 60)
	f := k.start(t, s, 10)
	newest := func(size int) {
		t.Helper()
		want := []byte(nil)
		if size > 0 {
			want = s.Checkpoint(t, size)
		}
		if !bytes.Equal(f.LastCheckpoint(), want) {
			t.Fatalf("the newest checkpoint is %q, want that of size %d", f.LastCheckpoint(), size)
		}
	}
	newest(0)
	f.mustTake(s.Checkpoint(t, 4))
	newest(4)
	for _, size := range []int{30, 22, 10, 2, 10} { // ahead, ahead, here, late, again
		f.mustTake(s.Checkpoint(t, size))
	}
	newest(10)
	f.restart() // what is held must survive
	newest(10)
	f.mustAppend(s, 10, 15)
	newest(22)
	f.mustAppend(s, 25, 30)
	newest(30)
	f.restart()
	newest(30)
	f.mustHold(s, 55)
}

func testBadCheckpoints(t *testing.T, k Following) {
	s := NewSource(t, "a", 1, 20)
	f := k.start(t, s, 10)
	good := s.Checkpoint(t, 10)
	flipped := slices.Clone(good)
	flipped[len(flipped)-5] ^= 1
	for name, bad := range map[string][]byte{
		"nothing":        nil,
		"flipped":        flipped,
		"another key":    NewSource(t, "a", 1, 10).Checkpoint(t, 10),
		"another ledger": s.Sign(t, ledger.Checkpoint{Origin: "bellkeep/b/1", Size: 10, Root: s.Root(10)}),
		"no record":      s.Sign(t, ledger.Checkpoint{Origin: "bellkeep/a/1", Root: s.Root(10)}),
		"too long":       append(slices.Clone(good), make([]byte, ledger.MaxCheckpoint)...),
	} {
		if err := f.Checkpoint(bad); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
	if f.LastCheckpoint() != nil {
		t.Errorf("kept %q", f.LastCheckpoint())
	}
	f.mustTake(good)
	f.mustAppend(s, 10, 1)
}

// A byte that changes on the way leaves a leaf that reads well.
func testFlippedByte(t *testing.T, k Following) {
	s := NewSource(t, "a", 1, 20)
	sent := s.Fork(t, 12)
	for _, size := range []int{13, 16} { // of the checkpoint
		f := k.start(t, sent, 16)
		f.mustTake(s.Checkpoint(t, 12))
		f.mustRemember(sent, 16, f.Checkpoint(s.Checkpoint(t, size)))
	}
}

func testFlippedUnderHeld(t *testing.T, k Following) {
	s := NewSource(t, "a", 1, 20)
	f := k.start(t, s, 10)
	f.mustTake(s.Checkpoint(t, 15))
	f.mustRemember(s, 10, f.append(10, s.Fork(t, 12).Batch(10, 8)))
}

func testForkedRecord(t *testing.T, k Following) {
	s := NewSource(t, "a", 1, 20)
	for _, c := range []struct{ at, from, n int }{{7, 7, 1}, {7, 0, 15}, {9, 5, 10}} {
		f := k.start(t, s, 10)
		f.mustRemember(s, 10, f.append(c.from, s.Fork(t, c.at).Batch(c.from, c.n)))
	}
	f := k.start(t, s, 10)
	f.mustRemember(s, 10, f.append(0, NewSource(t, "a", 1, 10).Batch(0, 1))) // a second one of the same name
}

func testForkedRoot(t *testing.T, k Following) {
	s := NewSource(t, "a", 1, 20)
	f := k.start(t, s, 10)
	f.mustRemember(s, 10, f.Checkpoint(s.Fork(t, 3).Checkpoint(t, 8)))

	f = k.start(t, s, 10) // both ahead of the copy
	f.mustTake(s.Checkpoint(t, 15))
	f.mustRemember(s, 10, f.Checkpoint(s.Fork(t, 12).Checkpoint(t, 15)))
}

func testFailedCommit(t *testing.T, k Following) {
	s := NewSource(t, "a", 1, 20)
	for _, after := range []bool{false, true} {
		f := k.start(t, s, 5)
		k.Spoil(f.Follower, after)
		for range 2 {
			err := f.append(5, s.Batch(5, 4))
			if errs.CodeOf(err) != errs.Unavailable || errors.Is(err, ledger.ErrGap) {
				t.Fatalf("append: %v", err)
			}
			if f.Size() != 5 {
				t.Fatalf("acknowledged size %d", f.Size())
			}
		}
		if err := f.Checkpoint(s.Checkpoint(t, 3)); errs.CodeOf(err) != errs.Unavailable {
			t.Fatalf("checkpoint: %v", err)
		}
		if err := f.Close(); err == nil {
			t.Fatal("Close hides the failure")
		}
		f.Follower = nil
		f.restart()
		want := 5
		if after {
			want = 9
		}
		f.mustHold(s, want)
		f.mustAppend(s, 5, 10)
	}
}
