package change

import (
	"context"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/vault"
)

var (
	errNoRequest = errs.New(errs.NotFound, "No such change waits.", "Look at the list of changes: it may have been decided.")
	errClock     = errs.New(errs.Unavailable, "The server’s clock cannot be trusted now, so nothing is put in force by it.", "Let the clock be set, and try again.")
)

// Review records what somebody says of a request for a side. The last agreement
// that is needed publishes it. Errors: not_found, denied (see school.Actor.Approve),
// invalid (at words), conflict (made on another version than the last, or said
// already), unavailable (the clock), those of the ledger and the vault.
func (b *Book) Review(ctx context.Context, by By, id string, as Side, agreed bool, words string) (Request, error) {
	b.command.Lock()
	defer b.command.Unlock()
	now := b.Stamp().Wall
	r, last, err := b.decidable(id, agreed)
	if err != nil {
		return Request{}, err
	}
	a, err := r.Say(by, as, agreed, words, now)
	if err != nil {
		return Request{}, err
	}
	said := body{By: by.Account, Person: by.Person, Change: id, As: as, Agreed: agreed}
	if a.Words != "" {
		if said.Kept, err = b.keep(ctx, paper{Why: a.Words}); err != nil {
			return Request{}, err
		}
	}
	steps := []step{{KindReviewed, said}}
	if as == Leadership {
		steps[0].kind = KindConsented
	}
	r.Said = append(r.Said, a)
	if agreed && len(r.Missing()) == 0 {
		published, err := b.publish(r, by, last)
		if err != nil {
			return Request{}, err
		}
		steps = append(steps, published)
	}
	if err := b.commit(ctx, nil, steps...); err != nil {
		return Request{}, err
	}
	r, _ = b.Request(id)
	return r, nil
}

// decidable is a request that waits, and the version it would follow. Only one
// made on the last version may be agreed to.
func (b *Book) decidable(id string, agreed bool) (Request, Version, error) {
	r, ok := b.Request(id)
	if !ok || r.State != Waiting {
		return r, Version{}, errNoRequest
	}
	last, _ := b.Last()
	if agreed && r.Base != last.N {
		return r, last, errStale(r.Base, last.N)
	}
	return r, last, nil
}

// publish is the step that puts a request in force. What its rules would do is
// looked at once more: devices may have moved to other groups since it was made.
func (b *Book) publish(r Request, by By, last Version) (step, error) {
	now := b.Stamp()
	from := r.From
	if from.Before(now.Wall) {
		from = now.Wall
	}
	switch {
	case !now.Trusted:
		return step{}, errClock
	case from.Before(last.From):
		return step{}, errs.New(errs.Conflict, "Another change comes into force later than this one would.", "Cancel that one first, or ask for this one to follow it.")
	case !r.Filters && b.Filters(last.Rules, r.Rules):
		return step{}, errs.New(errs.Conflict, "Devices have moved since this was asked for: it would now change what pupils see.", "Cancel it and ask for it anew.")
	}
	return step{KindPublished, body{By: by.Account, Person: by.Person, Change: r.ID, Version: len(b.Versions()) + 1, From: from.UTC()}}, nil
}

// MayCancel says why one person alone may not end a request now: it is decided or in
// force, or without it something would be let through that two people agreed to
// filter. Errors: not_found, conflict.
func (b *Book) MayCancel(r Request, now time.Time) error {
	switch r.State {
	case Waiting:
		return nil
	case Published:
	default:
		return errNoRequest
	}
	v, _ := b.Version(r.Version)
	before, _ := b.Before(r.Version)
	switch {
	case !now.Before(v.From):
		return errs.New(errs.Conflict, "This change is in force already.", "Roll it back, or ask for another one.")
	case b.loosens(v.Rules, before.Rules):
		return errs.New(errs.Conflict, "Two people agreed to this change, and without it something would be let through that it filters.",
			"Ask for a change that follows it, which two people agree to; or roll it back once it is in force.")
	}
	return nil
}

// Cancel ends a request that waits, or one that is published and not yet in force,
// where one person may; see MayCancel. Errors: not_found, denied, conflict, invalid
// (at words), unavailable (the clock), those of the ledger and the vault.
func (b *Book) Cancel(ctx context.Context, by By, id, why string) error {
	b.command.Lock()
	defer b.command.Unlock()
	now := b.Stamp()
	if err := by.May(roles.AskDeviceChange, now.Wall); err != nil {
		return err
	}
	r, _ := b.Request(id)
	if err := b.MayCancel(r, now.Wall); err != nil {
		return err
	}
	if r.State == Published && !now.Trusted {
		return errClock
	}
	e, err := b.cancelling(ctx, by, id, why)
	if err != nil {
		return err
	}
	return b.commit(ctx, nil, e)
}

func (b *Book) cancelling(ctx context.Context, by By, id, why string) (step, error) {
	why = strings.TrimSpace(why)
	if err := checkWords(why, true); err != nil {
		return step{}, err
	}
	e := body{By: by.Account, Person: by.Person, Change: id}
	var err error
	e.Kept, err = b.keep(ctx, paper{Why: why})
	return step{KindCancelled, e}, err
}

// step is a record to be written.
type step struct {
	kind string
	body body
}

// commit writes steps together, after entries.
func (b *Book) commit(ctx context.Context, entries []ledger.Entry, steps ...step) error {
	stamp := b.Stamp()
	for _, s := range steps {
		e, err := ledger.NewEntry(s.kind, stamp, s.body)
		if err != nil {
			return err
		}
		entries = append(entries, e)
	}
	return ledger.Commit(ctx, b.Log, b.Fold, entries...)
}

// keep puts words into the vault.
func (b *Book) keep(ctx context.Context, p paper) (vault.Kept, error) {
	return vault.Write(ctx, b.Vault, ledger.NewID("change"), p)
}
