package boltlog

import (
	"context"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
)

// Log is an open ledger of this machine's own. It is safe for concurrent use.
// It implements ledger.Appender, ledger.Reader and tlog.HashReader.
type Log struct {
	*store
	keys    keyPair
	issuer  *ledger.Issuer
	reserve reserve

	queue   chan *request
	closing chan struct{} // closed by Close
	once    sync.Once
}

// PublicKey is the note verifier key of this epoch's checkpoints.
func (l *Log) PublicKey() string { return l.keys.public }

// Check refuses a receipt this open log did not issue. Errors: denied.
func (l *Log) Check(r ledger.Receipt) error { return l.issuer.Check(r) }

// Append records entries; see ledger.Appender. Once queued, entries are
// committed whatever becomes of ctx, and the call waits for the disk.
// Errors: invalid, unavailable.
func (l *Log) Append(ctx context.Context, entries ...ledger.Entry) ([]ledger.Receipt, error) {
	r, err := newRequest(entries)
	if err != nil {
		return nil, err
	}
	if err := l.do(ctx, r); err != nil {
		return nil, err
	}
	receipts := make([]ledger.Receipt, len(entries))
	for i, e := range entries {
		receipts[i] = l.issuer.Issue(r.first+uint64(i), e, r.committed)
	}
	return receipts, nil
}

// Checkpoint signs the ledger as it is and returns the signed note, a fresh
// one only when something was recorded since the last. Call it every minute,
// and send what it returns to somebody else's keeping. Errors: unavailable.
func (l *Log) Checkpoint(ctx context.Context) ([]byte, error) {
	if err := l.do(ctx, &request{sign: true, done: make(chan struct{})}); err != nil {
		return nil, err
	}
	return l.LastCheckpoint(), nil
}

// do queues r and waits until it is committed.
func (l *Log) do(ctx context.Context, r *request) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case l.queue <- r:
	case <-ctx.Done():
		return ctx.Err()
	case <-l.closing:
		return l.gone()
	case <-l.ended:
		return l.gone()
	}
	select {
	case <-r.done:
		return nil
	case <-l.ended:
	}
	select {
	case <-r.done: // committed just before the end
		return nil
	default:
		return l.gone()
	}
}

// Close commits what is queued, signs a last checkpoint and closes the file.
// It returns the error the log died of, if it did.
func (l *Log) Close() error {
	l.once.Do(func() { close(l.closing) })
	<-l.ended
	return l.shut()
}

// die ends the log after a failed commit.
func (l *Log) die(cause error) {
	err := stopped(cause)
	if isFull(cause) {
		if kept := l.reserve.release(); kept != nil {
			err = stopped(kept)
		}
	}
	l.fail(err)
}

// request is one call waiting for the writer.
type request struct {
	rests [][]byte // entries encoded but for their sequence
	bytes int
	sign  bool

	// Set before done is closed.
	first     uint64
	committed time.Time
	done      chan struct{}
}

func newRequest(entries []ledger.Entry) (*request, error) {
	if len(entries) == 0 || len(entries) > ledger.MaxEntries {
		return nil, errs.New(errs.Invalid, "One call records 1 to 256 entries.", "")
	}
	r := &request{rests: make([][]byte, len(entries)), done: make(chan struct{})}
	for i, e := range entries {
		rest, err := ledger.EncodeRest(e)
		if err != nil {
			return nil, err
		}
		r.rests[i] = rest
		r.bytes += len(rest)
	}
	return r, nil
}
