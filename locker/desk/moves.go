package desk

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
)

// Intake is a device that comes into the school's custody without a case: found,
// left over, or given in at the desk.
type Intake struct {
	What      What
	Why       Why
	Whose     string // person; "" while nobody knows
	Place     Place  // hands or spot
	Condition string // for the vault; never changed later
}

// Take lists a device and gives its item. Errors: denied, invalid by field,
// not_found, conflict when there are too many, those of vault and ledger.
func (c *Custody) Take(ctx context.Context, by By, in Intake) (Item, error) {
	c.command.Lock()
	defer c.command.Unlock()
	now := c.Stamp().Wall
	if err := by.may(roles.MoveItem, now); err != nil {
		return Item{}, err
	}
	if err := c.checkIntake(in); err != nil {
		return Item{}, err
	}
	in.Place.Since = now
	e := body{Item: ledger.NewID("i"), What: in.What, Why: in.Why, Whose: in.Whose, Place: &in.Place}
	if err := c.record(ctx, by, KindItemListed, e, Account{Condition: in.Condition}); err != nil {
		return Item{}, err
	}
	return c.Item(e.Item)
}

func (c *Custody) checkIntake(in Intake) error {
	switch {
	case !slices.Contains(Whats, in.What):
		return errs.At("what", "It is not said what the device is.", "Choose a kind of device.")
	case in.Why != Found && in.Why != LeftOver && in.Why != GivenIn:
		return errs.At("why", "It is not said how the device came here.", "Choose found, left over or given in.")
	case in.Whose == "" && in.Why != Found:
		return errs.At("whose", "It is not said whose device it is.", "Choose the pupil.")
	case len(in.Condition) > MaxText:
		return tooLong("condition")
	}
	if err := c.known("whose", in.Whose); err != nil {
		return err
	}
	return cmp.Or(in.Place.here(), c.room())
}

// known refuses a person who is not in the register; "" is nobody.
func (c *Custody) known(field, person string) error {
	if person == "" {
		return nil
	}
	if _, ok := c.People.Person(person); !ok {
		return errs.At(field, "Nobody of that number is known here.", "Look for the name.")
	}
	return nil
}

func tooLong(field string) error {
	return errs.At(field, "The text is too long.", "Use up to 2,000 characters.")
}

// room refuses more items than can be kept.
func (c *Custody) room() error {
	c.mu.RLock()
	defer c.mu.RUnlock()
	open := 0
	for _, i := range c.items {
		if i.Open() {
			open++
		}
	}
	if open >= MaxItems {
		return errs.New(errs.Conflict, "There are too many devices in custody.", "Give some back first.")
	}
	return nil
}

// Own says whose an item is. Errors: denied, not_found, conflict when it has a
// case or an owner, those of the ledger.
func (c *Custody) Own(ctx context.Context, by By, item, person string) error {
	c.command.Lock()
	defer c.command.Unlock()
	if err := by.may(roles.MoveItem, c.Stamp().Wall); err != nil {
		return err
	}
	i, err := c.Item(item)
	if err != nil {
		return err
	}
	if i.Whose != "" || i.Case != "" {
		return errs.New(errs.Conflict, "It is on record already whose this device is.", "Add a correction to the record.")
	}
	if person == "" {
		return errs.At("whose", "It is not said whose device it is.", "Choose the pupil.")
	}
	if err := c.known("whose", person); err != nil {
		return err
	}
	return c.record(ctx, by, KindItemOwned, body{Item: item, Whose: person}, nil)
}

// Move records that an item is in somebody's hands or in a named place now. It
// takes nothing out of a bank. Errors: denied, not_found, conflict, invalid by
// field, those of the ledger.
func (c *Custody) Move(ctx context.Context, by By, item string, to Place) error {
	c.command.Lock()
	defer c.command.Unlock()
	now := c.Stamp().Wall
	if err := by.may(roles.MoveItem, now); err != nil {
		return err
	}
	i, err := c.Item(item)
	if err != nil {
		return err
	}
	if err := cmp.Or(i.movable(), to.here()); err != nil {
		return err
	}
	to.Since = now
	return c.record(ctx, by, KindItemMoved, body{Item: item, Case: i.Case, Place: &to}, nil)
}

// movable refuses what the school itself does not have: the owner of a holding
// is the bank while it is behind a door.
func (i Item) movable() error {
	switch i.Place.Kind {
	case Behind:
		return errs.New(errs.Conflict, "The device is behind a door of a bank.", "Take it out there first.")
	case Gone:
		return errs.New(errs.Conflict, "The device is not in the school's custody any more.", "Look at its record.")
	}
	return nil
}

// GiveBack hands an item that nobody confiscated to its owner, or to an adult for
// them. Nothing is given back while a bar or hold stands on it. Errors: denied,
// not_found, conflict, those of the ledger.
func (c *Custody) GiveBack(ctx context.Context, by By, item string, to To) error {
	c.command.Lock()
	defer c.command.Unlock()
	now := c.Stamp().Wall
	if err := by.may(roles.MoveItem, now); err != nil {
		return err
	}
	i, err := c.Item(item)
	if err != nil {
		return err
	}
	switch {
	case i.Why == Confiscated || i.Why == PutInAtBank:
		return errs.New(errs.Denied, "A confiscated device goes out by a release.", "Open its case.")
	case i.Why == OfVisitor:
		return errs.New(errs.Denied, "A visitor's device goes back by their slip.", "Use the page Visitors’ devices.")
	case i.Whose == "":
		return errs.New(errs.Conflict, "Nobody has said whose device this is.", "Say whose it is first.")
	case to != ToOwner && to != ToParent:
		return errs.At("to", "It is not said who gets the device.", "Choose the owner or a parent.")
	}
	if err := cmp.Or(i.movable(), c.barred(i, now), c.inPaper(i)); err != nil {
		return err
	}
	return c.record(ctx, by, KindItemMoved, body{Item: item, Place: &Place{Kind: Gone, To: to, Since: now}}, nil)
}

// inPaper refuses to let a candidate's device go while they are in their own paper.
func (c *Custody) inPaper(i Item) error {
	if c.Writing == nil || i.Whose == "" || !c.Writing(i.Whose) {
		return nil
	}
	return errs.New(errs.Denied, "Its owner is in an exam paper now, so the device stays here.", "It goes back once the exams officer has recorded that they have finished.")
}

// Ordered is an order that is on record, and may be given to its bank.
type Ordered struct {
	Bank  string
	Order locker.Order
}

// Put records that an item is to go behind a door of a class at a bank, and gives
// the order. The bank's ledger says what becomes of it. Errors: denied,
// not_found, conflict, invalid by field, those of the ledger.
func (c *Custody) Put(ctx context.Context, by By, item, bank string, class locker.Class) (Ordered, error) {
	c.command.Lock()
	defer c.command.Unlock()
	if err := by.may(roles.OpenDoor, c.Stamp().Wall); err != nil {
		return Ordered{}, err
	}
	i, err := c.Item(item)
	if err != nil {
		return Ordered{}, err
	}
	if err := cmp.Or(c.mayStand(i, bank, class), i.movable()); err != nil {
		return Ordered{}, err
	}
	if err := c.record(ctx, by, KindPutAsked, body{Item: item, Case: i.Case}, nil); err != nil {
		return Ordered{}, err
	}
	return Ordered{bank, locker.Order{Kind: locker.OrderPut, Item: item, Class: class, By: by.Account}}, nil
}

// mayStand refuses doors that are not for what staff put in. What may be evidence
// of a crime goes behind a door that gives nothing out again.
func (c *Custody) mayStand(i Item, bank string, class locker.Class) error {
	file, _ := c.Case(i.Case) // none for what has no case
	switch {
	case !school.ValidID(bank):
		return errs.At("bank", "It is not said which bank.", "Choose a bank.")
	case class != locker.ClassConfiscation && class != locker.ClassEvidence:
		return errs.At("class", "It is not said behind what kind of door.", "Choose a confiscation or an evidence door.")
	case class == locker.ClassConfiscation && file.Facts.Reason.Restricted():
		return errs.At("class", "This device belongs behind an evidence door.", "Choose a bank that has one.")
	}
	return nil
}

// TakeOut records that an item is to come out of its door, and gives the order. A
// release goes on record first; without one the item will be in the hands of by.
// Errors: denied, not_found, conflict, those of the ledger.
func (c *Custody) TakeOut(ctx context.Context, by By, item string) (Ordered, error) {
	c.command.Lock()
	defer c.command.Unlock()
	now := c.Stamp().Wall
	if err := by.may(roles.OpenDoor, now); err != nil {
		return Ordered{}, err
	}
	i, err := c.Item(item)
	if err != nil {
		return Ordered{}, err
	}
	if i.Place.Kind != Behind {
		return Ordered{}, errs.New(errs.Conflict, "The device is not behind a door.", "Look where it is.")
	}
	if err := c.barred(i, now); err != nil {
		return Ordered{}, err
	}
	if i.Case == "" {
		if err := c.inPaper(i); err != nil {
			return Ordered{}, err
		}
	}
	if err := c.record(ctx, by, KindTakeAsked, body{Item: item, Case: i.Case}, nil); err != nil {
		return Ordered{}, err
	}
	return Ordered{i.Place.Bank, locker.Order{Kind: locker.OrderTake, Item: item, Door: i.Place.Door, By: by.Account}}, nil
}

// Barred refuses to let an item go while a stop or hold stands on it, on whose it
// is or on its door. It gives no reason. Errors: denied.
func Barred(i Item, bars []locker.Bar, held []locker.Subject, now time.Time) error {
	on := func(s locker.Subject) bool {
		return s.Item != "" && s.Item == i.ID || s.Person != "" && s.Person == i.Whose ||
			s.Door != 0 && i.Place.Kind == Behind && s.Bank == i.Place.Bank && s.Door == i.Place.Door
	}
	stands := func(b locker.Bar) bool {
		return on(b.Subject) && !now.Before(b.From) && (b.Until.IsZero() || now.Before(b.Until))
	}
	if slices.ContainsFunc(bars, stands) || slices.ContainsFunc(held, on) {
		return DoNotRelease()
	}
	return nil
}

// DoNotRelease is all that anybody at the desk is told of a restriction.
func DoNotRelease() error {
	return errs.New(errs.Denied, "Do not release. See the safeguarding lead.", "Say only that the device is not available today.")
}

// barred is Barred by all that stands now.
func (c *Custody) barred(i Item, now time.Time) error {
	return Barred(i, forBanks(c.Bars.Standing()), c.heldDoors(), now)
}

// heldDoors are the doors that staff at a bank have shut for everybody.
func (c *Custody) heldDoors() []locker.Subject {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var list []locker.Subject
	for d := range c.held {
		list = append(list, locker.Subject{Bank: d.bank, Door: d.n})
	}
	return list
}
