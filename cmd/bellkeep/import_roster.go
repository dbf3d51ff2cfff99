package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/roster/contacts"
	"github.com/bellkeep/bellkeep/internal/roster/oneroster"
	"github.com/bellkeep/bellkeep/internal/rules"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
)

// readRoll reads a OneRoster export and, when a file is named, contacts, as
// they are on a day.
func readRoll(from, contactsFile string, today school.Date) (register.Roll, error) {
	set, err := oneroster.Load(from)
	if err != nil {
		return register.Roll{}, err
	}
	roll := set.Roll(today)
	if contactsFile != "" {
		roll.Contacts, err = contacts.Load(contactsFile)
	}
	return roll, err
}

// imported is what an import has done.
type imported struct {
	changes register.Changes
	placed  []register.Placement
	without []string // pupils for whom no bank had room
}

// importRoster brings the book up to a roll, and gives a place at banks to
// every pupil who has none; see register.Allot for held. by is the id of who
// asked for it.
func importRoster(ctx context.Context, book *register.Book, by string, roll register.Roll, banks []locker.Setup,
	stated register.Stated, held func(person string, at locker.Place) bool) (imported, error) {
	done := imported{changes: register.Diff(book.State(), roll)}
	if err := book.Apply(ctx, by, done.changes, stated); err != nil {
		return done, err
	}
	if len(banks) == 0 {
		return done, nil
	}
	done.placed, done.without = register.Allot(book.State().People, banks, held)
	return done, book.Assign(ctx, by, done.placed)
}

// The files of a school server's data folder.
const (
	schoolWriter = "school"
	schoolLedger = "school-ledger"
	vaultFile    = "vault"
)

// schoolRegister is the register of a data folder, open for writing.
type schoolRegister struct {
	book  *register.Book
	log   *boltlog.Log
	vault *vault.Vault
}

// openRegister opens, or begins, the register in a data folder.
func openRegister(ctx context.Context, data string, bar *progress) (r *schoolRegister, err error) {
	r = &schoolRegister{}
	defer func() {
		if err != nil {
			err = errors.Join(inUse(data, err), r.Close())
		}
	}()
	stamp := func() ledger.Stamp { return ledger.Stamp{Wall: time.Now()} }
	if r.log, err = boltlog.Open(filepath.Join(data, schoolLedger), boltlog.Options{Writer: schoolWriter, Stamp: stamp}); err != nil {
		return r, err
	}
	if r.vault, err = vault.Open(filepath.Join(data, vaultFile)); err != nil {
		return r, err
	}
	r.book = register.New(&shownLog{Log: r.log, bar: bar}, r.vault, stamp)
	fold := byTheRules(r.book, r.vault)
	if err = foldFiles(ctx, fold, data, r.log.Name().Epoch); err != nil {
		return r, err
	}
	return r, r.log.Read(ctx, 0, fold)
}

// Close gives up what was opened.
func (r *schoolRegister) Close() error {
	var err error
	if r.vault != nil {
		err = r.vault.Close()
	}
	if r.log != nil {
		err = errors.Join(err, r.log.Close())
	}
	return err
}

// readRegister reads the register in a data folder without changing anything
// there. A folder without one gives an empty book.
func readRegister(ctx context.Context, data string) (*register.Book, error) {
	names, err := boltlog.List(filepath.Join(data, schoolLedger))
	if err != nil || len(names) == 0 {
		return register.New(nil, nil, nil), nil // nothing was ever imported; --apply says what it cannot write
	}
	v, err := vault.OpenReadOnly(filepath.Join(data, vaultFile))
	if err != nil {
		return nil, inUse(data, err)
	}
	defer v.Close()
	book := register.New(nil, v, nil)
	return book, inUse(data, foldFiles(ctx, byTheRules(book, v), data, names[len(names)-1].Epoch+1))
}

// byTheRules lets the book go by the rules that are on the same ledger, and gives
// the fold of both.
func byTheRules(book *register.Book, v *vault.Vault) func(ledger.Record) error {
	now := func() ledger.Stamp { return ledger.Stamp{Wall: time.Now()} }
	policy := rules.New(nil, v, now)
	book.Percent = func() int { return policy.Now().LeaversPercent }
	return func(r ledger.Record) error { return errors.Join(book.Fold(r), policy.Fold(r)) }
}

// foldFiles folds all closed ledgers before an epoch.
func foldFiles(ctx context.Context, fold func(ledger.Record) error, data string, before uint64) error {
	names, err := boltlog.List(filepath.Join(data, schoolLedger))
	if err != nil {
		return unreadable(data, err)
	}
	for _, n := range names {
		if n.Writer != schoolWriter || n.Epoch >= before {
			continue
		}
		if err := foldFile(ctx, fold, n.Path()); err != nil {
			return err
		}
	}
	return nil
}

func foldFile(ctx context.Context, fold func(ledger.Record) error, path string) error {
	f, err := boltlog.OpenFile(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Read(ctx, 0, fold), f.Close())
}

// inUse words a folder that a running server holds.
func inUse(data string, err error) error {
	if errs.CodeOf(err) != errs.Conflict {
		return err
	}
	return errs.Wrap(err, errs.Conflict, fmt.Sprintf("The school server is running on %s.", data),
		"Stop it, for example with 'systemctl stop bellkeep', do this, and start it again; banks go on meanwhile.")
}
