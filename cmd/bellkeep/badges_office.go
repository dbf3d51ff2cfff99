package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/boltlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// badgePeople is what the book of badges needs of the register.
type badgePeople interface {
	Person(id string) (register.Person, bool)
	People() []register.Person // on the roll, by name
}

// badgeOffice is the school's data, opened for work on badges.
type badgeOffice struct {
	book   *badges.Book
	people badgePeople
	now    func() time.Time
}

// withBadges opens the school's data, reads its ledger into the books, does
// the work and closes again.
func withBadges(ctx context.Context, data string, work func(*badgeOffice) error) (err error) {
	dir := filepath.Join(data, schoolLedger)
	closed, err := boltlog.List(dir)
	if err != nil || len(closed) == 0 {
		return errs.Wrap(err, errs.NotFound, fmt.Sprintf("There is no school's ledger in %s.", dir),
			"Check --data, or import the school first: bellkeep import --help")
	}
	stamp := func() ledger.Stamp { return ledger.Stamp{Wall: time.Now()} }
	log, err := boltlog.Open(dir, boltlog.Options{Writer: schoolWriter, Stamp: stamp})
	if err != nil {
		return inUse(data, err)
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	kept, err := vault.Open(filepath.Join(data, vaultFile))
	if err != nil {
		return inUse(data, err)
	}
	defer func() { err = errors.Join(err, kept.Close()) }()

	people := register.New(log, kept, stamp)
	book := badges.New(log, kept, rand.Reader, stamp)
	fold := func(r ledger.Record) error { return errors.Join(people.Fold(r), book.Fold(r)) }
	for _, name := range closed {
		if name.Writer == schoolWriter && name.Epoch < log.Name().Epoch {
			if err := foldClosed(ctx, name, fold); err != nil {
				return err
			}
		}
	}
	if err := log.Read(ctx, 0, fold); err != nil {
		return err
	}
	return work(&badgeOffice{book: book, people: people, now: time.Now})
}

// foldClosed reads the ledger of an epoch that has ended: a badge outlives it.
func foldClosed(ctx context.Context, name boltlog.Name, fold func(ledger.Record) error) error {
	f, err := boltlog.OpenFile(name.Path())
	if err != nil {
		return err
	}
	return errors.Join(f.Read(ctx, 0, fold), f.Close())
}

// known finds a person on the roll.
func (o *badgeOffice) known(id string) (register.Person, error) {
	p, ok := o.people.Person(id)
	if !ok || !p.OnRoll() {
		return p, errs.New(errs.NotFound, fmt.Sprintf("Nobody on the roll has the id %.40q.", id),
			"Look the id up: bellkeep badges list --without")
	}
	return p, nil
}

// without gives the people who have no badge, form by form; all forms for "".
func (o *badgeOffice) without(form string) []register.Person {
	holders := o.book.Holders() // sorted
	found := slices.DeleteFunc(o.people.People(), func(p register.Person) bool {
		_, has := slices.BinarySearch(holders, p.ID)
		return has || form != "" && p.Form != form
	})
	slices.SortStableFunc(found, func(a, b register.Person) int { return cmp.Compare(a.Form, b.Form) })
	return found
}
