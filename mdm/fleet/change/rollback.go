package change

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// RollBackWithin is how long after a change came into force one person alone may
// undo it whatever it did; later only if that loosens nothing that filters.
const RollBackWithin = 24 * time.Hour

// MayRollBack says why one person alone may not undo the version in force now.
// Errors: conflict.
func (b *Book) MayRollBack(now time.Time) error {
	_, _, err := b.undone(now)
	return err
}

// undone is the version a rollback undoes, and the one that holds again: always
// the one before. So a rollback brings back only what had been agreed to.
func (b *Book) undone(now time.Time) (v, before Version, err error) {
	v, _ = b.Last()
	before, ok := b.Before(v.N)
	switch {
	case !ok:
		return v, before, errs.New(errs.Conflict, "There is no version before this one.", "Ask for a change.")
	case now.Before(v.From):
		return v, before, errs.New(errs.Conflict, "Another change has been published and is not in force yet.", "Cancel that one, or ask for a change that follows it.")
	case v.Change == "":
		return v, before, errs.New(errs.Conflict, "The last change was rolled back already.", "Ask for a change.")
	case now.Sub(v.From) > RollBackWithin && b.loosens(v.Rules, before.Rules):
		return v, before, errs.New(errs.Conflict, "The change has been in force for more than a day, and undoing it would let through what is filtered now.", "Ask for a change; two people agree to it.")
	}
	return v, before, nil
}

// RollBack lets the version before hold again, as a new one. Errors: denied,
// conflict, invalid (at words), unavailable (the clock), those of the ledger and
// the vault.
func (b *Book) RollBack(ctx context.Context, by By, why string) (Version, error) {
	b.command.Lock()
	defer b.command.Unlock()
	now := b.Stamp()
	if err := by.May(roles.ManageDevices, now.Wall); err != nil {
		return Version{}, err
	}
	v, before, err := b.undone(now.Wall)
	switch {
	case err != nil:
		return Version{}, err
	case !now.Trusted:
		return Version{}, errClock
	}
	if err := checkWords(why, true); err != nil {
		return Version{}, err
	}
	if b.loosens(v.Rules, before.Rules) { // an account taken over today loosens nothing
		if _, err := by.Approve(now.Wall); err != nil {
			return Version{}, err
		}
	}
	e := body{By: by.Account, Person: by.Person, Version: len(b.Versions()) + 1, Undoes: v.N, Rules: before.text, From: now.Wall.UTC()}
	if e.Kept, err = b.keep(ctx, paper{Why: why}); err != nil {
		return Version{}, err
	}
	if err := b.commit(ctx, nil, step{KindRolledBack, e}); err != nil {
		return Version{}, err
	}
	made, _ := b.Last()
	return made, nil
}
