package server

import (
	"context"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/records"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/view"
)

// behind are the devices behind pupil doors, by person, as the banks' records have it.
func (s *Server) behind() map[string]desk.Place {
	all := map[string]desk.Place{}
	for _, b := range s.Banks.Banks() {
		for _, p := range b.Board.People {
			if p.State == view.In || p.State == view.StillIn {
				all[p.ID] = desk.Place{Kind: desk.Behind, Bank: b.Setup.Bank, Door: p.Door, Since: p.Since}
			}
		}
	}
	return all
}

// itemBook lets the desk follow what banks say of items, and of classes' trays.
type itemBook struct{ *records.Records }

func (b itemBook) From(bank string) (epoch, seq uint64) { return b.Custody.From(bank) }

func (b itemBook) Tell(ctx context.Context, at banks.Place, e locker.Event) error {
	return b.TellItem(ctx, desk.Ref{Bank: at.Bank, Epoch: at.Epoch, Seq: at.Seq}, e)
}
