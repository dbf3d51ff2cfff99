package scenario

import (
	"context"
	"crypto/ed25519"
	"math/rand/v2"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/records"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
)

func (w *world) setUp(ctx context.Context, script Script, dir string) (err error) {
	if w.log, err = memlog.New("school", w.time); err != nil {
		return err
	}
	w.books = records.New(records.Parts{School: w.school.School, Log: w.log, Vault: w.vault, Sealed: w.sealed,
		Random: rand.NewChaCha8([32]byte{'b'}), Stamp: w.stamp, Machine: w.time, Behind: w.inDoors, Mailer: letterbox{}})
	w.books.Consents.Banks, w.books.Consents.Keys = signedFor{w}, w.approvers
	if w.school.Policy != nil {
		if err := w.books.Policy.Begin(ctx, *w.school.Policy, w.zone); err != nil {
			return err
		}
	}
	for _, c := range w.school.Cabinets {
		if err := w.books.List.Add(ctx, setupBy, banks.Bank{Label: c.Label, Setup: c.Setup}); err != nil {
			return err
		}
	}
	if len(w.school.Roll.People) == 0 {
		w.school.Roll = invent(script, w.school.ID)
	}
	if err := w.enrol(ctx); err != nil {
		return err
	}
	if err := w.cast(ctx, script); err != nil {
		return err
	}
	w.given = banks.NewRules(w.log, w.stamp, dir)
	w.given.Load(wire.NewKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))))
	w.publish()
	for _, c := range w.school.Cabinets {
		b, err := w.newBank(c)
		if err != nil {
			return err
		}
		w.banks = append(w.banks, b)
	}
	w.advance(w.now.Add(time.Minute))
	w.count()
	clear(w.written)
	return nil
}

// enrol takes the roll in and gives every pupil a place and a badge.
func (w *world) enrol(ctx context.Context) error {
	book := w.books.People
	if err := book.Apply(ctx, setupBy, register.Diff(book.State(), w.school.Roll), register.Stated{}); err != nil {
		return err
	}
	var placed []register.Placement
	for _, p := range w.school.Pupils {
		if p.Bank != "" {
			placed = append(placed, register.Placement{Person: p.ID, Place: locker.Place{Bank: p.Bank, Door: p.Door}})
		}
	}
	if w.school.Imported {
		var setups []locker.Setup
		for _, c := range w.school.Cabinets {
			setups = append(setups, c.Setup)
		}
		placed, _ = register.Allot(book.State().People, setups, nil)
	}
	if err := book.Assign(ctx, setupBy, placed); err != nil {
		return err
	}
	var ids []string
	for _, p := range book.People() {
		if p.Kind == register.Pupil {
			ids = append(ids, p.ID)
		}
	}
	fresh, err := w.books.Badges.IssueTo(ctx, setupBy, ids...)
	for _, f := range fresh {
		w.cards[f.Person] = f.Token
	}
	return err
}
