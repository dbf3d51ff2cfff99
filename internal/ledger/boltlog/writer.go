package boltlog

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/tlog"
)

// run is the only writer of the file. It ends when the log is closed or a
// commit fails.
func (l *Log) run() {
	defer close(l.ended)
	var batch []*request
	for open := true; open; {
		batch, open = l.next(batch[:0])
		if !open {
			batch = append(batch, &request{sign: true, done: make(chan struct{})})
		}
		if err := l.write(batch); err != nil {
			l.fail(err)
			return
		}
		committed := time.Now()
		for _, r := range batch {
			r.committed = committed
			close(r.done)
		}
	}
}

// next waits for a request and takes what else is queued. It reports false
// when the log is being closed.
func (l *Log) next(batch []*request) ([]*request, bool) {
	open, bytes := true, 0
	select {
	case r := <-l.queue:
		batch, bytes = append(batch, r), r.bytes
	case <-l.closing:
		open = false
	}
	// Callers that the last commit woke are about to ask again: let them, for
	// one commit serves them all.
	runtime.Gosched()
	for bytes < maxBatch {
		select {
		case r := <-l.queue:
			batch, bytes = append(batch, r), bytes+r.bytes
		default:
			return batch, open
		}
	}
	return batch, open
}

// write commits one batch: leaves, hashes, the bucket's sequence and now and
// then a checkpoint, nothing else.
func (l *Log) write(batch []*request) error {
	tx, err := l.db.Begin(true)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after a commit
	records := tx.Bucket([]byte(recordBucket))
	records.FillPercent = 1 // keys only ever grow: leave no half-empty pages
	if records.Sequence() != l.edge.Size() {
		return fmt.Errorf("the file holds %d records, the writer has counted %d", records.Sequence(), l.edge.Size())
	}
	last := l.checkpoint.Load()
	sign := false
	for _, r := range batch {
		r.first = l.edge.Size()
		sign = sign || r.sign
		for _, rest := range r.rests {
			if err := l.put(records, rest); err != nil {
				return err
			}
		}
	}
	size := l.edge.Size()
	if size == last.size {
		return nil // asked to sign what is signed already
	}
	if err := records.SetSequence(size); err != nil {
		return err
	}
	next := last
	if sign || size-last.size >= signEvery {
		if next, err = l.sign(tx); err != nil {
			return err
		}
	}
	if err := l.commit(tx); err != nil {
		return err
	}
	l.checkpoint.Store(next)
	l.publish(size)
	return nil
}

// put stores one record. bbolt keeps the value until the commit, so each has
// a buffer of its own.
func (l *Log) put(records *bbolt.Bucket, rest []byte) error {
	seq := l.edge.Size()
	hashes := ledger.Levels(seq) * tlog.HashSize
	value := ledger.AppendLeaf(make([]byte, hashes, hashes+len(rest)+40), seq, rest)
	for i, h := range l.edge.Add(tlog.RecordHash(value[hashes:])) {
		copy(value[i*tlog.HashSize:], h[:])
	}
	return records.Put(key(seq), value)
}

func (l *Log) sign(tx *bbolt.Tx) (*signed, error) {
	c := ledger.Checkpoint{
		Origin: ledger.Origin(l.name.Writer, l.name.Epoch),
		Size:   l.edge.Size(),
		Root:   l.edge.Root(),
	}
	note, err := c.Sign(l.keys.signer)
	if err != nil {
		return nil, err
	}
	bucket := tx.Bucket([]byte(signedBucket))
	bucket.FillPercent = 1
	return &signed{c.Size, note}, bucket.Put(key(c.Size), note)
}

func key(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
