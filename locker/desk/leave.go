package desk

import (
	"context"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
)

// Leaves records that an item is about to come out of its door by what two people
// have signed: to the police, or back into the hands of by. The bank weighs their
// signatures; its ledger says what becomes of it. agreed is the id of what they
// signed. Errors: denied, not_found, conflict, those of the ledger.
func (c *Custody) Leaves(ctx context.Context, by By, item string, purpose locker.Purpose, agreed string) error {
	c.command.Lock()
	defer c.command.Unlock()
	if err := by.may(roles.Sign, c.Stamp().Wall); err != nil {
		return err
	}
	i, err := c.Item(item)
	if err != nil {
		return err
	}
	if i.Place.Kind != Behind {
		return errs.New(errs.Conflict, "The device is not behind a door.", "Look where it is.")
	}
	to := InHandsOf(by.Person)
	if purpose == locker.HandOver {
		to = Place{Kind: Gone, To: ToPolice}
	}
	return c.record(ctx, by, KindLeaves, body{Item: item, Case: i.Case, Place: &to, Agreed: agreed}, nil)
}

// Goes records that a device that is behind no door is with the police now, because two
// people agreed to that: agreed is the id of what both signed. A hold does not keep it
// from them. Errors: denied, not_found, conflict, those of the ledger.
func (c *Custody) Goes(ctx context.Context, by By, item, agreed string) error {
	c.command.Lock()
	defer c.command.Unlock()
	now := c.Stamp().Wall
	if err := by.may(roles.Sign, now); err != nil {
		return err
	}
	i, err := c.Item(item)
	if err != nil {
		return err
	}
	if err := i.movable(); err != nil {
		return err
	}
	return c.record(ctx, by, KindItemMoved, body{Item: item, Case: i.Case, Place: &Place{Kind: Gone, To: ToPolice, Since: now}, Agreed: agreed}, nil)
}

// Held reports whether a stop or hold stands on an item, on whose it is or on its
// door.
func (c *Custody) Held(i Item) bool { return c.barred(i, c.Stamp().Wall) != nil }
