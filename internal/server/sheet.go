package server

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/continuity"
)

// Sheet is the continuity sheet of a device: what this server's own ledger and its
// copies of the banks' say of it, of their newest epochs. later counts what no
// checkpoint covers yet. Errors: not_found, unavailable, conflict.
func (s *Server) Sheet(ctx context.Context, item string) (_ continuity.Sheet, later int, err error) {
	i, err := s.Custody.Item(item)
	if err != nil {
		return continuity.Sheet{}, 0, err
	}
	ids, banks := []string{i.ID, i.Case}, map[string]bool{}
	for _, r := range s.Consents.Of(i.ID) {
		ids = append(ids, r.ID)
	}
	for _, step := range i.Trail {
		if step.Ref.Bank != "" {
			banks[step.Ref.Bank] = true
		}
	}
	if _, err := s.Log.Checkpoint(ctx); err != nil {
		return continuity.Sheet{}, 0, err
	}
	made := continuity.Sheet{V: continuity.Version, School: s.School.Name, Item: i.ID, Made: s.Now().Wall.UTC().Truncate(time.Second)}
	sources := []continuity.Source{s.Log}
	for _, bank := range slices.Sorted(maps.Keys(banks)) {
		if c, ok := s.Banks.Copy(bank); !ok || c.LastCheckpoint() == nil {
			later++ // all that it says
		} else {
			sources = append(sources, c)
		}
	}
	for _, from := range sources {
		l, more, err := continuity.Gather(ctx, from, continuity.About(ids...))
		if err != nil {
			return continuity.Sheet{}, 0, err
		}
		made.Ledgers, later = append(made.Ledgers, l), later+more
	}
	return made, later, nil
}
