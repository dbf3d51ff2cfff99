package banks

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/locker"
	custody "github.com/bellkeep/bellkeep/locker/record"
)

// Place is where a record stands: the reference by which one ledger names what
// another says.
type Place struct {
	Bank       string
	Epoch, Seq uint64
}

// ItemBook is told what the banks' ledgers say of items and holds, record by
// record, in the order of each bank's ledger.
type ItemBook interface {
	// From is the first record of a bank that the book has not been told; 0, 0
	// for all. It is asked at every start of the server.
	From(bank string) (epoch, seq uint64)
	// Tell takes one event. It is told again what it fails on, and after a
	// restart whatever From asks for.
	Tell(ctx context.Context, at Place, e locker.Event) error
}

// tellItems tells the book what the copies of a bank's ledger say, from where it
// left off, until ctx ends.
func (l *line) tellItems(ctx context.Context) error {
	next := Place{Bank: l.id}
	next.Epoch, next.Seq = l.house.ItemBook.From(l.id)
	for known := ""; ctx.Err() == nil; {
		newest, before, changed := l.follower.current()
		err := l.tellFrom(ctx, &next, newest, before)
		if err == nil {
			known = ""
			err = grown(ctx, newest, next.Seq, changed)
		}
		if err == nil || ctx.Err() != nil {
			continue
		}
		if err.Error() != known {
			slog.Error("what a bank says of items cannot be followed, trying again", "bank", l.id, "err", err, "next", errs.HintOf(err))
			known = err.Error()
		}
		_ = wait.For(ctx, drawAgain) // the loop sees that ctx ended
	}
	return nil
}

// tellFrom reads the copies from next on, and moves it.
func (l *line) tellFrom(ctx context.Context, next *Place, newest *boltlog.Copy, before []*boltlog.Copy) error {
	if newest == nil {
		return nil
	}
	for _, c := range append(slices.Clone(before), newest) {
		epoch := c.Name().Epoch
		if epoch < next.Epoch {
			continue
		}
		if epoch > next.Epoch {
			next.Epoch, next.Seq = epoch, 0
		}
		if err := c.Read(ctx, next.Seq, func(r ledger.Record) error { return l.tell(ctx, next, r) }); err != nil {
			return err
		}
	}
	return nil
}

// tell tells the book of one record, if it is about an item or a hold. One that
// nobody here understands says so on the board.
func (l *line) tell(ctx context.Context, next *Place, r ledger.Record) error {
	next.Seq = r.Seq
	e, err := custody.Event(r)
	if err == nil && e.AboutItems() {
		if err := l.house.ItemBook.Tell(ctx, *next, e); err != nil {
			return fmt.Errorf("record %d: %w", r.Seq, err)
		}
	}
	next.Seq++
	return nil
}

// grown waits until the newest copy has a record at seq, or there is another
// newest one.
func grown(ctx context.Context, newest *boltlog.Copy, seq uint64, changed <-chan struct{}) error {
	if newest == nil {
		select {
		case <-changed:
		case <-ctx.Done():
		}
		return nil
	}
	within, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		select {
		case <-changed:
			stop()
		case <-within.Done():
		}
	}()
	if err := newest.Wait(within, seq); err != nil && within.Err() == nil {
		return err
	}
	return nil
}
