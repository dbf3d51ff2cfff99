package boltlog

import (
	"bytes"
	"context"

	"go.etcd.io/bbolt"
	"golang.org/x/mod/sumdb/tlog"
)

// VerifyAll verifies the open ledger in the background: every record, hash and
// signed checkpoint there was when it began. It looks through bbolt and so
// does not see damage that bbolt passes over, as Verify does on a closed file.
// Errors: those of ctx and of o.Each.
func (s *store) VerifyAll(ctx context.Context, o VerifyOptions) (Report, error) {
	report := Report{Path: s.name.Path(), Writer: s.name.Writer, Epoch: s.name.Epoch}
	var notes []element
	err := s.view(func(tx *bbolt.Tx) error {
		report.Size = tx.Bucket([]byte(recordBucket)).Sequence()
		return tx.Bucket([]byte(signedBucket)).ForEach(func(k, v []byte) error {
			notes = append(notes, element{key: bytes.Clone(k), value: bytes.Clone(v)})
			return nil
		})
	})
	if err != nil {
		report.find(0, "sequence 0 and all after it: the signed checkpoints cannot be read: %v", err)
		return report, ctx.Err()
	}
	if report.Size == 0 { // a copy that has nothing yet, not even a key
		if o.Checkpoint != nil {
			report.find(0, "sequence 0 and all after it are missing")
		}
		return report, ctx.Err()
	}
	c := &checker{report: &report, verifier: s.key(), roots: map[uint64]tlog.Hash{}}
	for _, e := range notes {
		c.checkpoint(e)
	}
	c.outside(o.Checkpoint)
	next := uint64(0)
	var stop error
	err = s.each(ctx, 0, report.Size, func(e element, seq uint64) error {
		r, good, err := c.record(e, seq)
		if err != nil {
			return err
		}
		next++
		stop = o.step(ctx, r, good, report.Size)
		return stop
	})
	switch {
	case stop != nil:
		return report, stop
	case ctx.Err() != nil:
		return report, ctx.Err()
	case err != nil:
		report.find(next, "sequence %d and all after it cannot be read: %v", next, err)
	}
	if report.OK() {
		report.Root = c.edge.Root()
	}
	return report, nil
}
