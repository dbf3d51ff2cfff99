package continuity

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
)

// Source is one ledger to gather from.
type Source interface {
	Read(ctx context.Context, from uint64, fn func(ledger.Record) error) error
	ReadHashes(indexes []int64) ([]tlog.Hash, error)
	LastCheckpoint() []byte
}

// Gather takes what wants says from a ledger, with proofs. What came after its newest
// checkpoint is not signed for yet: later counts that. Errors: unavailable, conflict
// for more than a sheet holds.
func Gather(ctx context.Context, from Source, wants func(ledger.Record) bool) (l Ledger, later int, err error) {
	l.Checkpoint = string(from.LastCheckpoint())
	size := ledger.CheckpointSize([]byte(l.Checkpoint))
	err = from.Read(ctx, 0, func(r ledger.Record) error {
		if r.Seq == 0 {
			o, err := ledger.ReadOpening(r)
			if err != nil {
				return err
			}
			l.Key = o.Key
		} else if !wants(r) {
			return nil
		}
		if r.Seq >= size {
			later++
			return nil
		}
		if len(l.Records) == MaxRecords {
			return errs.New(errs.Conflict, fmt.Sprintf("A continuity sheet has at most %d records of one ledger.", MaxRecords), "Export the ledger instead: bellkeep ledger export")
		}
		proof, err := tlog.ProveRecord(int64(size), int64(r.Seq), from)
		l.Records = append(l.Records, Record{r.Seq, bytes.Clone(r.Leaf), proof})
		return err
	})
	if err != nil {
		return l, later, errs.Wrap(err, errs.CodeOf(err), "A ledger cannot be read for the continuity sheet.", "Run: bellkeep ledger verify")
	}
	return l, later, nil
}

// About wants the records that name a device or what is about it, and those that say
// whose passkeys a bank knows: what two people signed is checked by them.
func About(ids ...string) func(ledger.Record) bool {
	var named [][]byte
	for _, id := range ids {
		if id != "" {
			named = append(named, []byte(`"`+id+`"`))
		}
	}
	return func(r ledger.Record) bool {
		names := func(id []byte) bool { return bytes.Contains(r.Body, id) }
		return slices.ContainsFunc(named, names) || r.Kind == "approvers-learned" || r.Kind == "approvers-changed"
	}
}
