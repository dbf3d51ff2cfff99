package desk

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
)

// Confiscation is what somebody says who took a device.
type Confiscation struct {
	Item       string // an item that staff put in at a bank; "" for a new one
	Whose      string // the pupil
	What       What
	Reason     Reason
	Zone       Zone
	Taken      time.Time
	Considered bool // age, needs and disability were considered
	Despite    bool // the pupil may keep their phone, and it is taken all the same
	Outside    bool // phones were not banned at that time, and it was against the rules all the same
	Account    Account
}

// How long after taking a device somebody may put it on record, and how far their
// watch may be ahead.
const (
	recordWithin = 7 * 24 * time.Hour
	watchAhead   = 5 * time.Minute
)

// ErrExempt is the fault of a confiscation from a pupil who may keep their phone,
// until whoever takes it says that they know.
var ErrExempt = errs.At("despite", "This pupil may keep their phone. Return it now.", "Tick the box only if you must go on.")

// ErrNotBanned is the fault of a breach of the phone policy at a time when pupils
// may use a phone, until whoever takes it says that they know.
var ErrNotBanned = errs.At("outside", "Phones were not banned at that time.", "Tick the box if it was against the rules all the same.")

// Free reports whether a confiscation says that the phone policy was breached
// where, at a time without a ban, it does not hold. Places where nobody may use a
// device are never free.
func (c Confiscation) Free(banned bool) bool {
	return !banned && c.Reason == Breach && !c.Zone.Private()
}

// Check gives all that is wrong with a confiscation at now: from a pupil who may
// keep their phone or not, and with phones banned when it was taken or not. Errors:
// invalid, one for each field.
func (c Confiscation) Check(now time.Time, exempt, banned bool) error {
	f := faults{now: now}
	f.when(c.Whose == "", "whose", "It is not said whose device it is.", "Look for the pupil's name.")
	f.when(!slices.Contains(Whats, c.What), "what", "It is not said what was taken.", "Choose a kind of device.")
	f.when(!slices.Contains(Reasons, c.Reason), "reason", "It is not said why it was taken.", "Choose a reason.")
	f.when(!slices.Contains(Zones, c.Zone), "zone", "It is not said where it was taken.", "Choose a place.")
	f.when(!f.recent(c.Taken), "taken", "A device was taken within the last 7 days.", "Say when it was taken.")
	f.when(c.Reason == OtherReason && c.Account.Happened == "", "happened", "Another reason needs a few words.", "Say what happened.")
	for _, t := range [][2]string{{"room", c.Account.Room}, {"happened", c.Account.Happened}, {"condition", c.Account.Condition}, {"witness", c.Account.Witness}} {
		if len(t[1]) > MaxText {
			f.list = append(f.list, tooLong(t[0]))
		}
	}
	if exempt && !c.Despite {
		f.list = append(f.list, ErrExempt)
	}
	if c.Free(banned) && !c.Outside {
		f.list = append(f.list, ErrNotBanned)
	}
	return errors.Join(f.list...)
}

// Confiscate opens a case. The device is in the hands of by from then on, unless
// it is an item that lies behind a bank's door already. Where it may hold an
// indecent image a hold stands on it before the case does. Errors: denied,
// invalid by field, not_found, conflict, those of vault and ledger.
func (c *Custody) Confiscate(ctx context.Context, by By, in Confiscation) (Case, error) {
	c.command.Lock()
	defer c.command.Unlock()
	now := c.Stamp().Wall
	if err := by.may(roles.Confiscate, now); err != nil {
		return Case{}, err
	}
	exempt := in.Whose != "" && c.Exempt(in.Whose, now)
	banned := c.Banned(in.Taken)
	if err := cmp.Or(in.Check(now, exempt, banned), c.known("whose", in.Whose), c.room()); err != nil {
		return Case{}, err
	}
	e := body{Case: ledger.NewID("c"), Item: in.Item, What: in.What, Whose: in.Whose,
		Facts: &Facts{Reason: in.Reason, Zone: in.Zone, Taken: in.Taken.UTC(), Taker: by.Person, Considered: in.Considered,
			Despite: exempt && in.Despite, Outside: in.Free(banned)}}
	if in.Item == "" {
		place := InHandsOf(by.Person)
		place.Since = now
		e.Item, e.Place = ledger.NewID("i"), &place
	} else if err := c.explainable(in.Item); err != nil {
		return Case{}, err
	}
	if err := c.hold(ctx, by, e.Item, in.Reason); err != nil {
		return Case{}, err
	}
	if err := c.record(ctx, by, KindCaseOpened, e, in.Account); err != nil {
		return Case{}, err
	}
	file, err := c.Case(e.Case)
	if err == nil && in.Reason.Restricted() && c.Suspected != nil {
		c.Suspected(ctx, by, file, in.Account)
	}
	return file, err
}

// explainable refuses an item that has a case or did not come through a bank.
func (c *Custody) explainable(item string) error {
	i, err := c.Item(item)
	if err != nil {
		return err
	}
	if i.Why != PutInAtBank || i.Case != "" || !i.Open() {
		return errs.New(errs.Conflict, "It is on record already how that device came here.", "Look at its record.")
	}
	return nil
}

// hold keeps what may hold an indecent image from going anywhere.
func (c *Custody) hold(ctx context.Context, by By, item string, reason Reason) error {
	if !reason.Restricted() {
		return nil
	}
	_, err := c.Bars.Place(ctx, by.Account, Hold, locker.Subject{Item: item})
	if errs.CodeOf(err) == errs.Conflict && c.isHeld(item) {
		return nil // from an earlier try
	}
	return err
}

func (c *Custody) isHeld(item string) bool {
	return slices.ContainsFunc(c.Bars.Standing(), func(b Bar) bool { return b.Kind == Hold && b.On.Item == item })
}

// Return gives a device back to a pupil who may keep their phone, and closes the
// case. Errors: denied, not_found, conflict, those of the ledger.
func (c *Custody) Return(ctx context.Context, by By, id string) error {
	c.command.Lock()
	defer c.command.Unlock()
	now := c.Stamp().Wall
	if err := by.may(roles.Confiscate, now); err != nil {
		return err
	}
	file, i, err := c.file(id)
	if err != nil {
		return err
	}
	if err := MayReturn(file, i, c.Exempt(file.Whose, now)); err != nil {
		return err
	}
	if err := cmp.Or(c.barred(i, now), c.inPaper(i)); err != nil {
		return err
	}
	return c.record(ctx, by, KindReturned, body{Case: id, Item: i.ID}, nil)
}

// MayReturn refuses to give a device to the pupil unless the pupil may keep it,
// now or when it was taken. Errors: denied, conflict.
func MayReturn(file Case, i Item, exempt bool) error {
	switch {
	case !file.Open():
		return closed()
	case !exempt && !file.Facts.Despite:
		return errs.New(errs.Denied, "A confiscated device does not go back to the pupil.", "Release it to a parent or carer.")
	}
	return i.movable()
}

// file finds a case and its item.
func (c *Custody) file(id string) (Case, Item, error) {
	file, err := c.Case(id)
	if err != nil {
		return Case{}, Item{}, err
	}
	i, err := c.Item(file.Item)
	return file, i, err
}

func closed() error {
	return errs.New(errs.Conflict, "The case is closed.", "Add a correction to its record.")
}
