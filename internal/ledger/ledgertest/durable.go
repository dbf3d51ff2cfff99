package ledgertest

import (
	"io"
	"testing"
)

// DurableLog is a log that outlives its process.
type DurableLog interface {
	Log
	io.Closer
}

// RunDurable runs the conformance suite and what only a log on disk can do.
// open opens the log in dir, and creates it the first time.
func RunDurable(t *testing.T, open func(t *testing.T, dir string) DurableLog) {
	Run(t, func(t *testing.T) Log {
		l := open(t, t.TempDir())
		t.Cleanup(func() { MustClose(t, l) })
		return l
	})
	t.Run("is there after a restart", func(t *testing.T) { testReopen(t, open) })
}

// MustClose closes or fails the test.
func MustClose(t testing.TB, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
}

func testReopen(t *testing.T, open func(t *testing.T, dir string) DurableLog) {
	dir := t.TempDir()
	l := open(t, dir)
	receipt := MustAppend(t, l, Entry(1), Entry(2))[1]
	MustClose(t, l)
	for round := range 3 {
		l = open(t, dir)
		if l.Size() != uint64(3+round) {
			t.Fatalf("round %d: size is %d", round, l.Size())
		}
		if l.Check(receipt) == nil {
			t.Fatal("a receipt outlived the process")
		}
		receipt = MustAppend(t, l, Entry(3+round))[0]
		if receipt.Seq() != uint64(3+round) {
			t.Fatalf("round %d: sequence is %d", round, receipt.Seq())
		}
		MustClose(t, l)
	}
	l = open(t, dir)
	defer MustClose(t, l)
	expect(t, MustRead(t, l, 1), 1, 2, 3, 4, 5)
}
