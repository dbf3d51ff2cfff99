package registers

import (
	"context"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// By is who does something, and as what.
type By struct {
	school.Actor
	Roles []roles.Assignment
}

// The answers for what is not there, or is none of the business of whoever asks.
var (
	ErrNoEntry    = errs.New(errs.NotFound, "There is no such entry.", "Look at the list of the register.")
	ErrNoRegister = errs.New(errs.NotFound, "There is no such register.", "Look at the list of registers.")
	ErrDenied     = errs.New(errs.Denied, "You may not write in this register.", "Its page says who keeps it.")
	errEnded      = errs.New(errs.Conflict, "The outcome of this entry is written already.", "Correct it, or make another entry.")
	errFull       = errs.New(errs.Conflict, "This register is full.", "Ask whoever looks after Bellkeep.")
)

// Add makes entries of a register, all of them or none, and gives their ids: a training
// of thirty people is thirty entries. Errors: not_found, denied, invalid (with the
// field), conflict, those of ledger and vault.
func (b *Book) Add(ctx context.Context, by By, register string, said ...Said) ([]string, error) {
	b.command.Lock()
	defer b.command.Unlock()
	stamp := b.Stamp()
	k, ok := b.Register(register)
	switch {
	case !ok:
		return nil, ErrNoRegister
	case !k.MayWrite(by.Roles, stamp.Wall):
		return nil, ErrDenied
	case len(said) == 0:
		return nil, errs.New(errs.Invalid, "There is nothing to write.", "Fill in the form.")
	case b.count(k)+len(said) > MaxEntries:
		return nil, errFull
	}
	var ids []string
	var entries []ledger.Entry
	for _, s := range said {
		s, err := b.check(k, s)
		if err != nil {
			return nil, err
		}
		e := body{Entry: ledger.NewID("e"), Register: k.ID, Seen: k.MaySee(by.Roles, stamp.Wall)}
		entry, err := b.entry(ctx, KindAdded, by, stamp, e.with(s), &paper{Values: s.Values})
		if err != nil {
			return nil, err
		}
		ids, entries = append(ids, e.Entry), append(entries, entry)
	}
	return ids, ledger.Commit(ctx, b.Log, b.Fold, entries...)
}

// Correct says anew what an entry says, and why; what it said stays with it. Errors: as
// Add.
func (b *Book) Correct(ctx context.Context, by By, id string, s Said, why string) error {
	b.command.Lock()
	defer b.command.Unlock()
	stamp := b.Stamp()
	_, k, err := b.find(by, id)
	if err != nil {
		return err
	}
	if !k.MayWrite(by.Roles, stamp.Wall) {
		return ErrDenied
	}
	if s, err = b.check(k, s); err != nil {
		return err
	}
	if why, err = text("why", why, "Say why it is corrected"); err != nil {
		return err
	}
	return b.record(ctx, KindCorrected, by, stamp, body{Entry: id}.with(s), &paper{s.Values, why})
}

// End writes what came of an entry. Errors: as Add.
func (b *Book) End(ctx context.Context, by By, id, outcome string, values map[string]string) error {
	b.command.Lock()
	defer b.command.Unlock()
	stamp := b.Stamp()
	e, k, err := b.find(by, id)
	switch {
	case err != nil:
		return err
	case !k.Closes:
		return errs.New(errs.Conflict, "Entries of this register have no outcome.", "Make another entry.")
	case e.Ended != nil:
		return errEnded
	case !k.MayRead(by.Roles, stamp.Wall) && e.Person != by.Person:
		return ErrDenied
	}
	if outcome, err = text("outcome", outcome, "Say what came of it"); err != nil {
		return err
	}
	if values, err = b.values(k.EndAsks, values); err != nil {
		return err
	}
	return b.record(ctx, KindEnded, by, stamp, body{Entry: id}, &paper{values, outcome})
}

// See says that somebody who must has seen an entry, or agrees to it. Errors: as Add.
func (b *Book) See(ctx context.Context, by By, id string) error {
	b.command.Lock()
	defer b.command.Unlock()
	stamp := b.Stamp()
	e, k, err := b.find(by, id)
	switch {
	case err != nil:
		return err
	case !k.MaySee(by.Roles, stamp.Wall):
		return ErrDenied
	}
	for _, m := range e.Seen {
		if m.Person == by.Person {
			return errs.New(errs.Conflict, "That is on record already.", "")
		}
	}
	return b.record(ctx, KindSeen, by, stamp, body{Entry: id}, nil)
}

// find is an entry that somebody may know of.
func (b *Book) find(by By, id string) (Entry, Kind, error) {
	e, k, ok := b.Entry(id, by.Person)
	if !ok {
		return e, k, ErrNoEntry
	}
	return e, k, nil
}

func (b *Book) count(k Kind) int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return len(b.order[k.ID])
}

// with is e with what an entry says.
func (e body) with(s Said) body {
	e.On, e.Due, e.About = dayText(s.On), dayText(s.Due), s.About
	return e
}

// entry puts what was written into the vault and gives the record.
func (b *Book) entry(ctx context.Context, kind string, by By, stamp ledger.Stamp, e body, written *paper) (ledger.Entry, error) {
	if !school.ValidID(by.Account) || !school.ValidID(by.Person) { // the ledger is for ever: no name may reach it
		return ledger.Entry{}, errs.New(errs.Invalid, "Whoever does this is named by an id, not by a name.", "Ask IT to say whose account it is.")
	}
	e.By, e.Person = by.Account, by.Person
	if written != nil {
		var err error
		if e.Kept, err = vault.Write(ctx, b.Vault, ledger.NewID("entry"), written); err != nil {
			return ledger.Entry{}, err
		}
	}
	return ledger.NewEntry(kind, stamp, e)
}

// record writes one record and folds it in. The caller holds command.
func (b *Book) record(ctx context.Context, kind string, by By, stamp ledger.Stamp, e body, written *paper) error {
	entry, err := b.entry(ctx, kind, by, stamp, e, written)
	if err != nil {
		return err
	}
	return ledger.Commit(ctx, b.Log, b.Fold, entry)
}
