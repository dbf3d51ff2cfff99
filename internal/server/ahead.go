package server

import (
	"context"
	"os"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"github.com/bellkeep/bellkeep/internal/ledger"
)

const (
	aheadBatch   = 256 // records
	aheadBatches = 4
)

// source reads a ledger as ledger.Reader does.
type source func(ctx context.Context, from uint64, fn func(ledger.Record) error) error

// readAhead folds a whole ledger, in order, while the records that come next are
// read and checked: it takes as long as the slower of both, not as their sum.
// Errors: those of read and of fold.
func readAhead(ctx context.Context, read source, fold func(ledger.Record) error) error {
	group, ctx := errgroup.WithContext(ctx)
	batches := make(chan []ledger.Record, aheadBatches)
	group.Go(func() error {
		defer close(batches)
		var batch []ledger.Record
		send := func() error {
			select {
			case batches <- batch:
				batch = nil
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		err := read(ctx, 0, func(r ledger.Record) error {
			if batch = append(batch, r); len(batch) < aheadBatch {
				return nil
			}
			return send()
		})
		if err != nil {
			return err
		}
		return send()
	})
	group.Go(func() error {
		for batch := range batches {
			for _, r := range batch {
				if err := fold(r); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return group.Wait()
}

// fetchStep is what a kernel fetches at least of what it is asked for at once.
const fetchStep = 128 << 10 // bytes

// willRead asks the kernel to fetch a whole file in order, posix_fadvise(2). The
// store maps its file for random access, so that a cold one would come a page at
// a time. It is best effort: without it reading only takes longer.
func willRead(path string) {
	f, err := os.Open(path)
	if err != nil {
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return
	}
	for at := int64(0); at < info.Size(); at += fetchStep {
		if unix.Fadvise(int(f.Fd()), at, fetchStep, unix.FADV_WILLNEED) != nil {
			return
		}
	}
}
