package server

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/continuity"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
)

// Sheet is the continuity sheet of a device: what this server's own ledgers and its
// copies of the banks' say of it, of all epochs. later counts what no checkpoint
// covers yet. Errors: not_found, unavailable, conflict.
func (s *Server) Sheet(ctx context.Context, item string) (_ continuity.Sheet, later int, err error) {
	i, err := s.Custody.Item(item)
	if err != nil {
		return continuity.Sheet{}, 0, err
	}
	if _, err := s.Log.Checkpoint(ctx); err != nil {
		return continuity.Sheet{}, 0, err
	}
	ids := []string{i.ID, i.Case}
	for _, r := range s.Consents.Of(i.ID) {
		ids = append(ids, r.ID)
	}
	g := gathering{Sheet: continuity.Sheet{V: continuity.Version, School: s.School.Name, Item: i.ID, Made: s.Now().Wall.UTC().Truncate(time.Second)}, ids: ids}
	if err := s.earlier(func(f *boltlog.File) error { return g.closed(ctx, f) }); err != nil {
		return continuity.Sheet{}, 0, err
	}
	if err := g.add(ctx, s.Log, s.Log.LastCheckpoint()); err != nil {
		return continuity.Sheet{}, 0, err
	}
	for _, c := range s.Banks.AllCopies() {
		if err := g.add(ctx, c, c.LastCheckpoint()); err != nil {
			return continuity.Sheet{}, 0, err
		}
	}
	return g.Sheet, g.later, nil
}

// gathering is a sheet while it is put together.
type gathering struct {
	continuity.Sheet
	ids   []string
	later int
}

// add takes what a ledger says. One that says nothing of the device is left out; so is
// one that its bank has not signed for at all, but it counts.
func (g *gathering) add(ctx context.Context, from continuity.Source, checkpoint []byte) error {
	found, err := continuity.Gather(ctx, from, checkpoint, g.ids...)
	if err != nil {
		return err
	}
	if found.Names == 0 {
		return nil
	}
	g.later += found.Later
	if checkpoint == nil {
		return nil
	}
	if len(g.Ledgers) == continuity.MaxLedgers {
		return errs.New(errs.Conflict, "Too many ledgers tell of this device for one continuity sheet.", "Export the ledgers instead: bellkeep ledger export")
	}
	g.Ledgers = append(g.Ledgers, found.Ledger)
	return nil
}

// closed takes what one of the school's earlier epochs says. What it has without a
// checkpoint counts as not signed for.
func (g *gathering) closed(ctx context.Context, f *boltlog.File) error {
	checkpoint, err := f.LastCheckpoint()
	if err != nil {
		checkpoint = nil
	}
	return g.add(ctx, f, checkpoint)
}
