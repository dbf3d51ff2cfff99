package banks

import (
	"context"

	"github.com/bellkeep/bellkeep/internal/ledger"
)

// nothing is the ledger of a bank that has never been heard of.
type nothing struct{}

// Size is 0.
func (nothing) Size() uint64 { return 0 }

// Read finds nothing.
func (nothing) Read(context.Context, uint64, func(ledger.Record) error) error { return nil }

// Wait waits until ctx ends.
func (nothing) Wait(ctx context.Context, _ uint64) error {
	<-ctx.Done()
	return ctx.Err()
}
