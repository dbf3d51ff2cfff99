package audit

import (
	"context"
	"errors"
	"sort"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
)

// back reads one ledger from a place towards its beginning.
type back struct {
	Ledger
	pos    uint64          // records below it are still to come
	chunk  []ledger.Record // read ahead, oldest first
	begun  bool            // something was read: every ledger gets a first chunk
	budget *int            // records that may still be read, of all ledgers together
}

const inChunk = 128 // records read at a time

var errEnough = errors.New("enough")

// peek is the next record, unless there is none or the budget is used up.
func (b *back) peek(ctx context.Context) (ledger.Record, bool, error) {
	for len(b.chunk) == 0 && b.pos > 0 && (*b.budget > 0 || !b.begun) {
		from := b.pos - min(b.pos, inChunk)
		err := b.Read(ctx, from, func(r ledger.Record) error {
			if r.Seq >= b.pos {
				return errEnough
			}
			b.chunk = append(b.chunk, r)
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			return ledger.Record{}, false, err
		}
		b.begun = true
		*b.budget -= int(b.pos - from)
		if len(b.chunk) == 0 {
			b.pos = from // none of these is shown here
		}
	}
	if len(b.chunk) == 0 {
		return ledger.Record{}, false, nil
	}
	return b.chunk[len(b.chunk)-1], true, nil
}

// starved reports whether there is more than may be read.
func (b *back) starved() bool {
	return len(b.chunk) == 0 && b.pos > 0 && b.begun && *b.budget <= 0
}

// take goes on to the record before.
func (b *back) take() {
	b.pos = b.chunk[len(b.chunk)-1].Seq
	b.chunk = b.chunk[:len(b.chunk)-1]
}

// newest takes the record that was written last by the clocks of all ledgers,
// with the ledger it is of; nil when there is none left, and errEnough when it
// cannot be said because more would have to be read.
func newest(ctx context.Context, tails []*back) (*back, ledger.Record, error) {
	var of *back
	var last ledger.Record
	for _, b := range tails {
		r, ok, err := b.peek(ctx)
		switch {
		case err != nil:
			return nil, r, err
		case !ok && b.starved():
			return nil, r, errEnough
		}
		if ok && (of == nil || r.Stamp.Wall.After(last.Stamp.Wall)) {
			of, last = b, r
		}
	}
	if of != nil {
		of.take()
	}
	return of, last, nil
}

// before is how many records a ledger had when its clock reached t. Clocks go
// back at times: what was written around such a moment may be on either side.
func before(ctx context.Context, r Reader, t time.Time) (uint64, error) {
	var failed error
	n := sort.Search(int(r.Size()), func(i int) bool {
		var at time.Time
		err := r.Read(ctx, uint64(i), func(rec ledger.Record) error {
			at = rec.Stamp.Wall
			return errEnough
		})
		if err != nil && !errors.Is(err, errEnough) {
			failed = err
		}
		return !at.Before(t)
	})
	return uint64(n), failed
}
