package bridge

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/record"
)

// Empty says why the doors of a bank must not open just to see which they are: nil
// if nothing is behind them, nor on its way there, and nobody keeps one shut. A
// nil list of doors means all. Errors: denied.
func Empty(s *locker.State, doors []int) error {
	if doors == nil {
		for n := range s.Setup.All() {
			doors = append(doors, n)
		}
		for _, holdings := range []map[string]*locker.Holding{s.Holdings, s.Items} {
			for _, h := range holdings {
				doors = append(doors, h.Door) // perhaps of a door that the file has no more
			}
		}
	}
	var kept []int
	for _, n := range doors {
		_, held := s.Holds[n]
		if held || s.HoldingAt(n) != nil || s.ItemAt(n) != nil || s.VisitAt(n) != nil {
			kept = append(kept, n)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	slices.Sort(kept)
	var names []string
	for _, n := range slices.Compact(kept) {
		names = append(names, strconv.Itoa(n))
	}
	return errs.New(errs.Denied, "Something is behind these doors, or they are kept shut: "+strings.Join(names, ", ")+".",
		"Let it be collected first; or map only doors that are empty.")
}

// Custody folds a bank's ledgers, oldest first, to what it holds.
func Custody(ctx context.Context, setup locker.Setup, logs ...Past) (*locker.State, error) {
	s := locker.NewState(setup)
	for _, log := range logs {
		err := log.Read(ctx, 0, func(r ledger.Record) error {
			e, err := record.Event(r)
			if err != nil {
				return err
			}
			s.Apply(r.Seq, e)
			return nil
		})
		if err != nil {
			return nil, errs.Wrap(err, errs.Internal, "The ledger cannot be read, so nobody knows what is behind the doors.", "Run: bellkeep ledger verify")
		}
	}
	return s, nil
}
