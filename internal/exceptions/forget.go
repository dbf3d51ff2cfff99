package exceptions

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school/exception"
)

// KindErased is the kind of record that says that the vault has forgotten an exception.
const KindErased = "exception-erased"

// mostErased is how many are forgotten at a time.
const mostErased = 100

// Forget erases what kind exceptions were, and every reason, once that has been kept as
// long as the school's rules say after each was over, and records that it did. That
// there was one, for whom and when, stays. Nothing is erased while a hold stands. Errors: those of the vault and the ledger.
func (b *Book) Forget(ctx context.Context) error {
	b.command.Lock()
	defer b.command.Unlock()
	stamp, years := b.Stamp(), b.Rules().Retention.ExceptionYears
	var entries []ledger.Entry
	var contents []string
	for _, e := range b.All() {
		over := overSince(e)
		papers := b.papersOf(e.ID)
		if len(papers) == 0 || over.IsZero() || b.Held != nil && b.Held(e.Person) || stamp.Wall.Before(over.AddDate(years, 0, 0)) || len(entries) == mostErased {
			continue
		}
		entry, err := ledger.NewEntry(KindErased, stamp, body{Exception: e.ID, By: "retention"})
		if err != nil {
			return err
		}
		entries, contents = append(entries, entry), append(contents, papers...)
	}
	if len(entries) == 0 {
		return nil
	}
	if err := b.Vault.Erase(ctx, contents...); err != nil {
		return err
	}
	return ledger.Commit(ctx, b.Log, b.Fold, entries...)
}

// overSince is when an exception came to its end, zero for one that may still bind or
// be decided. One that goes on after its time has not ended until a person ends it.
func overSince(e exception.Exception) time.Time {
	switch {
	case e.Gone != nil:
		return e.Gone.At
	case e.Approved.At.IsZero() && e.Refused != nil:
		return e.Refused.At
	case e.Approved.At.IsZero() || e.Renewal != nil:
		return time.Time{}
	}
	return e.Ends()
}

// papersOf are the ids in the vault of all that was written about an exception.
func (b *Book) papersOf(id string) []string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.papers[id]
}

// erased takes out of memory what the vault has forgotten. The caller holds mu.
func (b *Book) erased(x *exception.Exception) {
	x.Terms = exception.Terms{Person: x.Person, From: x.From, Until: x.Until, Review: x.Review}
	x.Paper = exception.Paper{}
	for _, note := range []*exception.Note{x.Refused, x.Gone} {
		if note != nil {
			note.Why = ""
		}
	}
	delete(b.papers, x.ID)
}
