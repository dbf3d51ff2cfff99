package uplink

import (
	"context"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/wire"
)

// leafCheckpoint names a school checkpoint on the bank's record of refusals.
const leafCheckpoint wire.Leaf = "checkpoint"

// witness keeps what the school's ledger was at one moment. A school that comes
// with another history later is refused, and that is on the bank's record: once,
// because the record itself is acknowledged with the same checkpoint.
func (l *Link) witness(ctx context.Context, c *wire.SchoolCheckpoint) error {
	if c == nil || l.Witness == nil {
		return nil
	}
	if _, err := l.Witness.Accept(c.Signed, c.Proof); err != nil {
		if l.doubts.Swap(true) {
			return nil
		}
		return l.refuse(ctx, leafCheckpoint, err)
	}
	l.doubts.Store(false)
	return nil
}

// seen is the size of the newest school checkpoint the bank has taken.
func (l *Link) seen() uint64 {
	if l.Witness == nil {
		return 0
	}
	return ledger.CheckpointSize(l.Witness.Newest())
}
