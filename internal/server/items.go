package server

import (
	"context"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// itemBook lets the desk follow what banks say of items.
type itemBook struct{ custody *desk.Custody }

func (b itemBook) From(bank string) (epoch, seq uint64) { return b.custody.From(bank) }

func (b itemBook) Tell(ctx context.Context, at banks.Place, e locker.Event) error {
	return b.custody.Tell(ctx, desk.Ref{Bank: at.Bank, Epoch: at.Epoch, Seq: at.Seq}, e)
}
