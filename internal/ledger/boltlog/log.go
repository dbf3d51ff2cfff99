package boltlog

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"go.etcd.io/bbolt"
)

// Log is an open ledger. It is safe for concurrent use. It implements
// ledger.Appender, ledger.Reader and tlog.HashReader.
type Log struct {
	name    Name
	db      *bbolt.DB
	keys    keyPair
	issuer  *ledger.Issuer
	reserve reserve
	alarm   error

	// Owned by the writer goroutine.
	edge   ledger.Edge
	commit func(*bbolt.Tx) error // (*bbolt.Tx).Commit, but for tests

	queue   chan *request
	closing chan struct{} // closed by Close
	ended   chan struct{} // closed when the writer is gone
	failed  chan struct{} // closed when it went because of an error
	once    sync.Once

	checkpoint atomic.Pointer[signed]

	mu    sync.Mutex
	size  uint64
	grown chan struct{} // closed and replaced when size grows
	err   error
}

// signed is a checkpoint as it stands in the file.
type signed struct {
	size uint64
	note []byte
}

// Name tells which ledger this is.
func (l *Log) Name() Name { return l.name }

// PublicKey is the note verifier key of this epoch's checkpoints.
func (l *Log) PublicKey() string { return l.keys.public }

// Check refuses a receipt this open log did not issue. Errors: denied.
func (l *Log) Check(r ledger.Receipt) error { return l.issuer.Check(r) }

// Alarm is not nil when the log works but needs somebody's attention: the disk
// has no room for the reserve. Errors: unavailable.
func (l *Log) Alarm() error { return l.alarm }

// Failed is closed when the log has died of an error; see Err. The process
// must then stop and start again.
func (l *Log) Failed() <-chan struct{} { return l.failed }

// Err tells why the log died; nil while it lives and after a clean Close.
// Errors: unavailable.
func (l *Log) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

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

// LastCheckpoint is the newest signed note in the file.
func (l *Log) LastCheckpoint() []byte { return l.checkpoint.Load().note }

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

func (l *Log) gone() error {
	if err := l.Err(); err != nil {
		return err
	}
	return closed()
}

// Size is the number of committed records.
func (l *Log) Size() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.size
}

// Wait returns as soon as Size is greater than size, ctx ends, or the log does.
func (l *Log) Wait(ctx context.Context, size uint64) error {
	for {
		l.mu.Lock()
		grown, have := l.grown, l.size
		l.mu.Unlock()
		if have > size {
			return nil
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		case <-l.ended:
			if l.Size() > size {
				return nil
			}
			return l.gone()
		}
	}
}

// Close commits what is queued, signs a last checkpoint and closes the file.
// It returns the error the log died of, if it did.
func (l *Log) Close() error {
	l.once.Do(func() { close(l.closing) })
	<-l.ended
	if err := l.db.Close(); err != nil {
		return errs.Wrap(err, errs.Unavailable, "The ledger could not be closed.", "")
	}
	return l.Err()
}

// publish makes a commit visible to readers.
func (l *Log) publish(size uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if size > l.size {
		l.size = size
		close(l.grown)
		l.grown = make(chan struct{})
	}
}

// fail ends the log. Nobody may rely on what the commit that failed left.
func (l *Log) fail(cause error) {
	err := stopped(cause)
	if isFull(cause) {
		if kept := l.reserve.release(); kept != nil {
			err = stopped(kept)
		}
	}
	l.mu.Lock()
	l.err = err
	l.mu.Unlock()
	close(l.failed)
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
