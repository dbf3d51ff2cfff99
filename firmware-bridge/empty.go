package bridge

import (
	"context"
	"strconv"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/record"
)

// Empty says why the doors named, or all of a bank, must not open just to see which
// they are: nil if nothing is behind them. Errors: denied.
func Empty(s *locker.State, dir *locker.Directory, now school.Instant, doors []int) error {
	kept := s.Kept(dir, now, doors...)
	if len(kept) == 0 {
		return nil
	}
	names := make([]string, len(kept))
	for i, n := range kept {
		names[i] = strconv.Itoa(n)
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
