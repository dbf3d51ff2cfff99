package banks

import (
	"log/slog"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/wire"
)

// schoolCheckpoint is where the school's ledger stands, with the proof that it
// continues what a bank has seen of it. It is nil when there is nothing new to
// show. A bank that has seen more than there is gets what there is: it will
// refuse it, and say so on its own record.
func (h *House) schoolCheckpoint(seen uint64) *wire.SchoolCheckpoint {
	if h.School == nil {
		return nil
	}
	signed := h.School.LastCheckpoint()
	size := ledger.CheckpointSize(signed)
	if size == 0 || size == seen {
		return nil
	}
	c := &wire.SchoolCheckpoint{Signed: signed}
	if seen > 0 && seen < size {
		proof, err := ledger.ProveConsistency(h.School, seen, size)
		if err != nil {
			slog.Error("the school's ledger cannot show that it continues", "err", err)
			return nil
		}
		c.Proof = proof
	}
	return c
}
