package server

import (
	"context"
	"errors"
	"testing"

	"github.com/bellkeep/bellkeep/internal/ledger"
)

// upTo reads n records and then fails with err.
func upTo(n uint64, err error) source {
	return func(_ context.Context, from uint64, fn func(ledger.Record) error) error {
		for seq := from; seq < n; seq++ {
			if err := fn(ledger.Record{Seq: seq}); err != nil {
				return err
			}
		}
		return err
	}
}

func TestReadAheadFoldsEveryRecordInOrder(t *testing.T) {
	for _, n := range []uint64{0, 1, aheadBatch - 1, aheadBatch, 10*aheadBatch + 7} {
		next := uint64(0)
		err := readAhead(t.Context(), upTo(n, nil), func(r ledger.Record) error {
			if r.Seq != next {
				t.Fatalf("record %d came after %d", r.Seq, next)
			}
			next++
			return nil
		})
		if err != nil || next != n {
			t.Errorf("%d of %d records were folded: %v", next, n, err)
		}
	}
}

func TestReadAheadEndsWithTheFirstError(t *testing.T) {
	broken := errors.New("broken")
	if err := readAhead(t.Context(), upTo(5000, broken), func(ledger.Record) error { return nil }); !errors.Is(err, broken) {
		t.Errorf("reading: %v", err)
	}
	if err := readAhead(t.Context(), upTo(5000, nil), func(ledger.Record) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("folding: %v", err)
	}
}
