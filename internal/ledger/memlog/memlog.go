// Package memlog is a ledger in memory, for the simulator and for tests. It
// keeps the contract of the durable log but starts no goroutine and reads no
// clock of its own, so a run of it can be repeated exactly.
package memlog

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
)

// Log is a ledger in memory, safe for concurrent use.
type Log struct {
	now func() time.Time

	mu     sync.Mutex
	issuer *ledger.Issuer
	leaves [][]byte
	grown  chan struct{} // closed and replaced when a leaf is added
}

// New opens epoch 1 of writer. now stamps record 0 and the receipts.
// Errors: invalid.
func New(writer string, now func() time.Time) (*Log, error) {
	return Begin(ledger.Opening{Writer: writer, Epoch: 1, By: "memlog", Why: "kept in memory only"}, now)
}

// Begin opens any epoch, with what stands right behind its opening. Errors:
// invalid.
func Begin(o ledger.Opening, now func() time.Time, entries ...ledger.Entry) (*Log, error) {
	entry, err := o.Entry(ledger.Stamp{Wall: now()})
	if err != nil {
		return nil, err
	}
	l := &Log{now: now, issuer: ledger.NewIssuer(o.Writer, o.Epoch), grown: make(chan struct{})}
	for some := range slices.Chunk(append([]ledger.Entry{entry}, entries...), ledger.MaxEntries) {
		if _, err := l.Append(context.Background(), some...); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// Append records entries; see ledger.Appender. It never fails for want of a
// disk. Errors: invalid, that of ctx.
func (l *Log) Append(ctx context.Context, entries ...ledger.Entry) ([]ledger.Receipt, error) {
	if len(entries) == 0 || len(entries) > ledger.MaxEntries {
		return nil, errs.New(errs.Invalid, "One call records 1 to 256 entries.", "")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	first := uint64(len(l.leaves))
	leaves := make([][]byte, len(entries))
	for i, e := range entries {
		leaf, err := ledger.Encode(first+uint64(i), e)
		if err != nil {
			return nil, err
		}
		leaves[i] = leaf
	}
	l.leaves = append(l.leaves, leaves...)
	close(l.grown)
	l.grown = make(chan struct{})
	receipts := make([]ledger.Receipt, len(entries))
	for i, e := range entries {
		receipts[i] = l.issuer.Issue(first+uint64(i), e, l.now())
	}
	return receipts, nil
}

// Check refuses a receipt not issued since the last Restart. Errors: denied.
func (l *Log) Check(r ledger.Receipt) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.issuer.Check(r)
}

// Restart is what a restart of the process does to a ledger on disk: records
// stay, receipts become void.
func (l *Log) Restart() {
	l.mu.Lock()
	defer l.mu.Unlock()
	r, _ := ledger.Decode(l.leaves[0]) // its own leaf
	o, _ := ledger.ReadOpening(r)
	l.issuer = ledger.NewIssuer(o.Writer, o.Epoch)
}

// Size is the number of records.
func (l *Log) Size() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return uint64(len(l.leaves))
}

// Read calls fn for each record from sequence from on; see ledger.Reader.
// Errors: those of ctx and fn.
func (l *Log) Read(ctx context.Context, from uint64, fn func(ledger.Record) error) error {
	l.mu.Lock()
	leaves := l.leaves
	l.mu.Unlock()
	for ; from < uint64(len(leaves)); from++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, err := ledger.Decode(leaves[from])
		if err != nil {
			return err
		}
		if err := fn(r); err != nil {
			return err
		}
	}
	return nil
}

// Wait returns as soon as Size is greater than size, or ctx ends.
func (l *Log) Wait(ctx context.Context, size uint64) error {
	for {
		l.mu.Lock()
		have, grown := uint64(len(l.leaves)), l.grown
		l.mu.Unlock()
		if have > size {
			return nil
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
