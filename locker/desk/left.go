package desk

import (
	"cmp"
	"context"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// LeftThing is a device that nobody took back out of a class's tray.
type LeftThing struct {
	ID    string // the item that it becomes
	Form  string // whose tray it was in
	What  What
	Whose string
	Spot  string // the named place where it is now
}

// TakeLeft lists what is left over in a class's tray. A teacher keeps no devices of
// the school as a whole; this they may, of their own class. Listing it once more
// changes nothing. Errors: denied, invalid by field, conflict when there are too many,
// those of vault and ledger.
func (c *Custody) TakeLeft(ctx context.Context, by By, l LeftThing) error {
	c.command.Lock()
	defer c.command.Unlock()
	now := c.Stamp().Wall
	if !school.ValidID(by.Account) || !school.ValidID(by.Person) || !roles.May(by.Roles, roles.KeepTray, roles.Target{Form: l.Form}, now) {
		return errs.New(errs.Denied, "That is not your class’s tray.", "Ask a teacher of that class, or the office.")
	}
	if _, err := c.Item(l.ID); err == nil {
		return nil
	}
	place := At(l.Spot)
	if err := c.checkIntake(Intake{What: l.What, Why: LeftOver, Whose: l.Whose, Place: place}); err != nil {
		return err
	}
	place.Since = now
	return c.record(ctx, by, KindItemListed, body{Item: l.ID, What: l.What, Why: LeftOver, Whose: l.Whose, Place: &place}, Account{})
}

// MayGo refuses to give somebody anything back while a stop or hold stands on them, of
// which it gives no reason, or they are in an exam paper. Errors: denied.
func (c *Custody) MayGo(person string) error {
	i := Item{Whose: person}
	return cmp.Or(c.barred(i, c.Stamp().Wall), c.inPaper(i))
}
