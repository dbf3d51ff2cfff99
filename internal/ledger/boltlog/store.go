package boltlog

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/note"
)

// store is what Log and Copy share: a locked file, the tree at its end, and
// those who read and wait. Only one goroutine at a time may write to it.
type store struct {
	name  Name
	db    *bbolt.DB
	alarm error

	// Owned by whoever writes.
	edge   ledger.Edge
	commit func(*bbolt.Tx) error // (*bbolt.Tx).Commit, but for tests

	ended  chan struct{} // closed when nothing more will be written
	failed chan struct{} // closed when that is because of an error

	checkpoint atomic.Pointer[signed]

	mu       sync.Mutex
	verifier note.Verifier // of the epoch; nil while a copy is empty
	size     uint64
	grown    chan struct{} // closed and replaced when size grows
	err      error
}

// signed is a checkpoint as it stands in the file. The zero value stands for
// none.
type signed struct {
	size uint64
	note []byte
}

func newStore(n Name, db *bbolt.DB) *store {
	s := &store{
		name: n, db: db,
		commit: (*bbolt.Tx).Commit,
		ended:  make(chan struct{}),
		failed: make(chan struct{}),
		grown:  make(chan struct{}),
	}
	s.checkpoint.Store(&signed{})
	return s
}

// inspect lets fn look into the file before anybody writes to it.
func (s *store) inspect(fn func(snapshot) error) error {
	f, err := os.Open(s.name.Path())
	if err != nil {
		return notReadable(s.name.Path(), err)
	}
	defer f.Close()
	at, err := newSnapshot(f, s.name.Path())
	if err != nil {
		return err
	}
	return fn(at)
}

// load takes over the tree of a file signed by v, checked from last on.
func (s *store) load(at snapshot, v note.Verifier, last signed) error {
	edge, err := at.checkTail(s.name.Path(), v, last)
	if err != nil {
		return err
	}
	s.edge, s.size, s.verifier = edge, edge.Size(), v
	s.checkpoint.Store(&last)
	return nil
}

// Name tells which ledger this is.
func (s *store) Name() Name { return s.name }

// Alarm is not nil when the ledger works but needs somebody's attention, as
// when the disk has no room for the reserve. Errors: unavailable, internal.
func (s *store) Alarm() error { return s.alarm }

// Failed is closed when the ledger has died of an error; see Err. The process
// must then stop and start again.
func (s *store) Failed() <-chan struct{} { return s.failed }

// Err tells why the ledger died; nil while it lives and after a clean Close.
// Errors: unavailable.
func (s *store) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// LastCheckpoint is the newest signed note in the file; nil when a copy has
// none yet.
func (s *store) LastCheckpoint() []byte { return s.checkpoint.Load().note }

// Size is the number of committed records.
func (s *store) Size() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.size
}

// Wait returns as soon as Size is greater than size, ctx ends, or the ledger
// does.
func (s *store) Wait(ctx context.Context, size uint64) error {
	for {
		s.mu.Lock()
		grown, have := s.grown, s.size
		s.mu.Unlock()
		if have > size {
			return nil
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		case <-s.ended:
			if s.Size() > size {
				return nil
			}
			return s.gone()
		}
	}
}

// publish makes a commit visible to readers.
func (s *store) publish(size uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if size > s.size {
		s.size = size
		close(s.grown)
		s.grown = make(chan struct{})
	}
}

// fail notes why nothing more will be written. Nobody may rely on what the
// commit that failed left.
func (s *store) fail(err error) {
	s.mu.Lock()
	s.err = err
	s.mu.Unlock()
	close(s.failed)
}

func (s *store) gone() error {
	if err := s.Err(); err != nil {
		return err
	}
	return closed()
}

// shut closes the file and returns the error the ledger died of, if it did.
func (s *store) shut() error {
	if err := s.db.Close(); err != nil {
		return errs.Wrap(err, errs.Unavailable, "The ledger could not be closed.", "")
	}
	return s.Err()
}

// key is the verifier of the epoch's signatures; nil while a copy is empty.
func (s *store) key() note.Verifier {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.verifier
}

// write commits c: leaves, hashes, the bucket's sequence and checkpoints,
// nothing else. After an error the ledger must not be written to again.
func (s *store) write(c change) error {
	tx, err := s.db.Begin(true)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after a commit
	records := tx.Bucket([]byte(recordBucket))
	if records.Sequence() != c.first() {
		return fmt.Errorf("the file holds %d records, the writer has counted %d", records.Sequence(), c.first())
	}
	if err := c.put(records, tx.Bucket([]byte(signedBucket))); err != nil {
		return err
	}
	if err := s.commit(tx); err != nil {
		return err
	}
	s.edge = c.edge
	for _, n := range c.notes {
		if n.size > s.checkpoint.Load().size {
			s.checkpoint.Store(&n)
		}
	}
	s.publish(c.edge.Size())
	return nil
}
