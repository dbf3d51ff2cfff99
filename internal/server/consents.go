package server

import (
	"context"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
	"github.com/bellkeep/bellkeep/locker"
)

// consentBanks are the banks as those see them who sign for one.
type consentBanks struct{ *banks.House }

// Known are the keys that a bank's own ledger says it knows, and the people whose
// keys count by now.
func (b consentBanks) Known(bank string) (keys passkey.Set, count []string) {
	board, _ := b.Board(bank)
	return board.Approvers.Set, board.Approving
}

func (b consentBanks) Order(ctx context.Context, bank string, o locker.Order) (seq uint64, refused string, err error) {
	done, err := b.House.Order(ctx, bank, o)
	return done.Seq, done.Refused, err
}
