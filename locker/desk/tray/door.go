package tray

import (
	"cmp"
	"context"
	"fmt"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// Put records that a tray, counted, is to go behind a door of a bank, and gives the
// order. The bank's ledger says what becomes of it; until then whoever has the tray has
// it. Errors: as Lock.
func (b *Book) Put(ctx context.Context, by desk.By, id, bank string, c Counted, unticked int) (desk.Ordered, error) {
	b.command.Lock()
	defer b.command.Unlock()
	t, err := b.mine(by, id)
	if err == nil {
		err = t.matches(c.Count)
	}
	switch {
	case err != nil:
		return desk.Ordered{}, err
	case !school.ValidID(bank):
		return desk.Ordered{}, errs.At("spot", "Choose where it is put", "")
	case c.Asked != unticked:
		return desk.Ordered{}, notAsked(unticked)
	}
	if err := b.record(ctx, by, KindDoorAsked, body{Tray: id, Count: c.Count.plain(), Asked: c.Asked}); err != nil {
		return desk.Ordered{}, err
	}
	return desk.Ordered{Bank: bank, Order: locker.Order{Kind: locker.OrderPut, Item: id, Class: locker.ClassTray, By: by.Account}}, nil
}

// TakeOut records that a tray is to come out of its door, and gives the order, which
// names this tray alone: the door of another class's stays shut. Errors: not_found,
// denied, conflict, those of the ledger.
func (b *Book) TakeOut(ctx context.Context, by desk.By, id string) (desk.Ordered, error) {
	b.command.Lock()
	defer b.command.Unlock()
	t, err := b.open(by, id)
	if err == nil {
		err = t.free()
	}
	switch {
	case err != nil:
		return desk.Ordered{}, err
	case t.Place.Kind != desk.Behind:
		return desk.Ordered{}, errs.New(errs.Conflict, "The tray is not behind a door.", "Look where it is.")
	}
	if err := b.record(ctx, by, KindOutAsked, body{Tray: id}); err != nil {
		return desk.Ordered{}, err
	}
	return desk.Ordered{Bank: t.Place.Bank, Order: locker.Order{Kind: locker.OrderTake, Item: id, Class: locker.ClassTray, Door: t.Place.Door, By: by.Account}}, nil
}

// free refuses a tray that somebody has in their hands.
func (t Tray) free() error {
	if t.Held() == "" {
		return nil
	}
	return errs.New(errs.Conflict, "Somebody has this tray in their hands.", "They hand it on to you on its page.")
}

func notAsked(unticked int) error {
	return errs.At("asked", fmt.Sprintf("Nothing is ticked for %s", pupils(unticked)), "Ask them, and tick what they hand in, or say that you have asked.")
}

// Owns reports whether what a bank calls an item is a tray.
func (b *Book) Owns(item string) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.trays[item] != nil
}

// Tell takes what a bank's ledger says of a tray. Telling again changes nothing.
// Errors: those of the ledger.
func (b *Book) Tell(ctx context.Context, ref desk.Ref, e locker.Event) error {
	b.command.Lock()
	defer b.command.Unlock()
	t, err := b.Tray(e.Item)
	if err != nil || b.told(ref) {
		return nil // it was told before, or is of a day that is not kept any more
	}
	told := body{Tray: t.ID, Ref: &ref, At: e.At.Wall, Door: e.Door}
	asked := Asking{By: e.By, Person: e.By} // nobody here asked: whoever did at the bank
	if t.Asked != nil {
		asked = *t.Asked
	}
	told.From = asked.Person
	by := desk.By{Actor: school.Actor{Account: cmp.Or(asked.By, "bank"), Person: asked.Person}}
	switch e.Kind {
	case locker.Deposited:
		return b.record(ctx, by, KindHandedOut, told)
	case locker.Collected:
		return b.record(ctx, by, KindTakenIn, told)
	}
	return nil
}

func (b *Book) told(ref desk.Ref) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	heard, some := b.heard[ref.Bank]
	return some && !(heard.Epoch < ref.Epoch || heard.Epoch == ref.Epoch && heard.Seq < ref.Seq)
}
