package desk

import (
	"context"
	"errors"
	"slices"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// Suspicion is what somebody says who has a device in hand that may be evidence,
// a pupil's, a member of staff's or nobody's known. All that must be said is what
// it is.
type Suspicion struct {
	Whose   string // person of the register; "" while nobody knows
	What    What
	Reason  Reason // one that is restricted
	Zone    Zone
	Account Account
}

func (s Suspicion) check() error {
	f := faults{}
	f.when(!slices.Contains(Whats, s.What), "what", "It is not said what the device is.", "Choose a kind of device.")
	f.when(!s.Reason.Restricted(), "reason", "It is not said what is suspected.", "Choose a reason.")
	f.when(!slices.Contains(Zones, s.Zone), "zone", "It is not said where it was taken.", "Choose a place.")
	if len(s.Account.Happened) > MaxText || len(s.Account.Condition) > MaxText {
		f.list = append(f.list, tooLong("happened"))
	}
	return errors.Join(f.list...)
}

// Suspect takes a device that may be evidence: whether phones are banned now and
// whether its owner may keep one does not matter. The hold stands before anything
// else is recorded; the device is in the hands of by. Suspected is not told of it.
// Errors: denied, invalid by field, conflict when there are too many, those of
// vault and ledger.
func (c *Custody) Suspect(ctx context.Context, by By, in Suspicion) (Case, error) {
	c.command.Lock()
	defer c.command.Unlock()
	now := c.Stamp().Wall
	if err := by.may(roles.RaiseConcern, now); err != nil {
		return Case{}, err
	}
	if err := errors.Join(in.check(), c.known("whose", in.Whose)); err != nil {
		return Case{}, err
	}
	if err := c.room(); err != nil {
		return Case{}, err
	}
	place := InHandsOf(by.Person)
	place.Since = now
	e := body{Case: ledger.NewID("c"), Item: ledger.NewID("i"), What: in.What, Whose: in.Whose, Place: &place,
		Facts: &Facts{Reason: in.Reason, Zone: in.Zone, Taken: now.UTC(), Taker: by.Person}}
	if err := c.hold(ctx, by, e.Item, in.Reason); err != nil {
		return Case{}, err
	}
	if err := c.record(ctx, by, KindCaseOpened, e, in.Account); err != nil {
		return Case{}, err
	}
	return c.Case(e.Case)
}

// Keep places a hold on a device that is in custody already. Errors: denied,
// not_found, those of the ledger.
func (c *Custody) Keep(ctx context.Context, by By, item string) error {
	c.command.Lock()
	defer c.command.Unlock()
	if err := by.may(roles.RaiseConcern, c.Stamp().Wall); err != nil {
		return err
	}
	i, err := c.Item(item)
	if err != nil {
		return err
	}
	if !i.Open() {
		return errs.New(errs.Conflict, "The device is not in the school's custody any more.", "Look at its record.")
	}
	return c.hold(ctx, by, item, Evidence)
}
