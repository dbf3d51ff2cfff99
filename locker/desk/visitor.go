package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// OfVisitor is why an item is here that a visitor handed in. Whose it is, is the id of
// a visit: the register does not know them. It goes back by their slip, see package
// visit, and by no other way.
const OfVisitor Why = "visitor"

// TakeFromVisitor lists a device that a visitor hands in. Errors: denied, invalid by
// field, conflict when there are too many, those of vault and ledger.
func (c *Custody) TakeFromVisitor(ctx context.Context, by By, visit string, in Intake) (Item, error) {
	c.command.Lock()
	defer c.command.Unlock()
	now := c.Stamp().Wall
	if err := by.may(roles.DepositAtDesk, now); err != nil {
		return Item{}, err
	}
	switch {
	case !slices.Contains(Whats, in.What):
		return Item{}, errs.At("what", "It is not said what the device is.", "Choose a kind of device.")
	case !strings.HasPrefix(visit, school.Unlisted) || !school.ValidID(visit):
		return Item{}, errs.At("visit", "It is not said whose device it is.", "Choose the visitor.")
	case len(in.Condition) > MaxText:
		return Item{}, tooLong("condition")
	}
	if err := cmp.Or(in.Place.here(), c.room()); err != nil {
		return Item{}, err
	}
	in.Place.Since = now
	e := body{Item: ledger.NewID("i"), What: in.What, Why: OfVisitor, Whose: visit, Place: &in.Place}
	if err := c.record(ctx, by, KindItemListed, e, Account{Condition: in.Condition}); err != nil {
		return Item{}, err
	}
	return c.Item(e.Item)
}

// GiveToVisitor hands a visitor's device back. Nothing is given back while a stop or
// hold stands on it. Errors: denied, not_found, conflict, those of the ledger.
func (c *Custody) GiveToVisitor(ctx context.Context, by By, item string) error {
	c.command.Lock()
	defer c.command.Unlock()
	now := c.Stamp().Wall
	if err := by.may(roles.DepositAtDesk, now); err != nil {
		return err
	}
	i, err := c.Item(item)
	switch {
	case err != nil:
		return err
	case i.Why != OfVisitor:
		return errs.New(errs.Denied, "This is no visitor's device.", "Look at its record.")
	}
	if err := cmp.Or(i.movable(), c.barred(i, now)); err != nil {
		return err
	}
	return c.record(ctx, by, KindItemMoved, body{Item: item, Place: &Place{Kind: Gone, To: ToOwner, Since: now}}, nil)
}
