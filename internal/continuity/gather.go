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
}

// Gathered is what one ledger says of a device.
type Gathered struct {
	Ledger
	Names int // of its records, those that name the device or what is about it
	Later int // records after the checkpoint, for which nobody has signed yet
}

// Gather takes from a ledger, with proofs, the records that name one of these ids, and
// those that say whose passkeys a bank knows: what two people signed is checked by them.
// Errors: unavailable, conflict for more than a sheet holds.
func Gather(ctx context.Context, from Source, checkpoint []byte, ids ...string) (g Gathered, err error) {
	g.Checkpoint = string(checkpoint)
	size := ledger.CheckpointSize(checkpoint)
	names := naming(ids)
	err = from.Read(ctx, 0, func(r ledger.Record) error {
		switch {
		case r.Seq == 0:
			o, err := ledger.ReadOpening(r)
			if err != nil {
				return err
			}
			g.Key = o.Key
		case names(r):
			g.Names++
		case r.Kind != "approvers-learned" && r.Kind != "approvers-changed":
			return nil
		}
		if r.Seq >= size {
			g.Later++
			return nil
		}
		if len(g.Records) == MaxRecords {
			return errs.New(errs.Conflict, fmt.Sprintf("A continuity sheet has at most %d records of one ledger.", MaxRecords), "Export the ledger instead: bellkeep ledger export")
		}
		proof, err := tlog.ProveRecord(int64(size), int64(r.Seq), from)
		g.Records = append(g.Records, Record{r.Seq, bytes.Clone(r.Leaf), proof})
		return err
	})
	if err != nil {
		return g, errs.Wrap(err, errs.CodeOf(err), "A ledger cannot be read for the continuity sheet.", "Run: bellkeep ledger verify")
	}
	return g, nil
}

// naming tells of a record whether it names one of some ids.
func naming(ids []string) func(ledger.Record) bool {
	var quoted [][]byte
	for _, id := range ids {
		if id != "" {
			quoted = append(quoted, []byte(`"`+id+`"`))
		}
	}
	return func(r ledger.Record) bool {
		return slices.ContainsFunc(quoted, func(id []byte) bool { return bytes.Contains(r.Body, id) })
	}
}
