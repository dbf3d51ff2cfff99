package station

import (
	"context"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
	"github.com/bellkeep/bellkeep/locker"
)

// Approvers are those whose passkeys a bank that does not run goes by. Errors: those
// of reading its ledger.
func (s *Station) Approvers(ctx context.Context) (locker.Approvers, error) {
	state, err := s.custody(ctx)
	if err != nil {
		return locker.Approvers{}, err
	}
	return state.Approvers, nil
}

// LearnApprovers puts other keys in place of those that a bank which does not run
// knows, by the word of somebody on its computer. Errors: invalid, those of its ledger.
func (s *Station) LearnApprovers(ctx context.Context, set passkey.Set, by string) error {
	state, err := s.custody(ctx)
	if err != nil {
		return err
	}
	e, err := locker.LearnApprovers(state, set, by, s.Now())
	if err != nil {
		return err
	}
	_, err = bridge.Note(ctx, s.Log, e.At, e)
	return err
}

func (s *Station) custody(ctx context.Context) (*locker.State, error) {
	if s.Log == nil {
		return nil, errs.New(errs.NotNow, "This bank has not joined a school yet.", "Let it join first: it learns its approvers then.")
	}
	return bridge.Custody(ctx, s.Cabinet.Setup, append(s.Past(), s.Log)...)
}
