package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// When the pretend staff take a phone away, put it behind a door, and are asked
// for it by one adult and by another.
var (
	confiscatedAt = school.Clock{Hour: 11, Minute: 24}
	putAwayAt     = school.Clock{Hour: 11, Minute: 31}
	refusedAt     = school.Clock{Hour: 15, Minute: 12}
	releasedAt    = school.Clock{Hour: 15, Minute: 40}
)

// confiscation is one phone's stay at a bank with confiscation doors, by the same
// desk and orders that the pages use. Nothing happens where no pupil has a parent
// to release it to.
func (d *demo) confiscation(b *demoBank, day school.Date) []world.Errand {
	pupil, parent, other := d.family()
	if len(b.config.Setup.Confiscation) == 0 || pupil == "" {
		return nil
	}
	c := &confiscated{demo: d, bank: b, pupil: pupil}
	zone := d.school.Calendar.Zone
	list := []world.Errand{
		{At: day.At(confiscatedAt, zone), Do: c.take},
		{At: day.At(putAwayAt, zone), Do: c.putAway},
	}
	if other != "" {
		list = append(list, world.Errand{At: day.At(refusedAt, zone), Do: func(ctx context.Context) error { return c.refuse(ctx, other) }})
	}
	return append(list, world.Errand{At: day.At(releasedAt, zone), Do: func(ctx context.Context) error { return c.release(ctx, parent) }})
}

// family finds a pupil with a parent who may be handed a device, if possible one
// with another contact who must not be.
func (d *demo) family() (pupil, parent, other string) {
	for _, p := range d.server.People.People() {
		may, mayNot := "", ""
		for _, a := range d.server.People.Contacts(p.ID) {
			switch {
			case desk.Blocked(a):
				mayNot = a.ID
			case a.ParentalResponsibility:
				may = a.ID
			}
		}
		if p.Kind != register.Pupil || may == "" {
			continue
		}
		if pupil == "" || mayNot != "" {
			pupil, parent, other = p.ID, may, mayNot
		}
		if mayNot != "" {
			break
		}
	}
	return pupil, parent, other
}

// confiscated is the phone on its way.
type confiscated struct {
	demo  *demo
	bank  *demoBank
	pupil string
	file  desk.Case
}

// by is one of the demonstration's accounts at work.
func (d *demo) by(account string) desk.By {
	s, _ := d.server.Users.Standing(account)
	return desk.By{Actor: s.Actor, Roles: s.Roles}
}

func (c *confiscated) take(ctx context.Context) (err error) {
	now := c.demo.clock.Now()
	c.file, err = c.demo.server.Custody.Confiscate(ctx, c.demo.by(demoTeacher), desk.Confiscation{
		Whose: c.pupil, What: desk.Phone, Reason: desk.Breach, Zone: desk.Classroom, Taken: now, Considered: true, Despite: true,
		Account: desk.Account{Room: "14", Condition: "Crack at the top left."},
	})
	c.say(err, "A teacher confiscated a phone.")
	return err
}

func (c *confiscated) putAway(ctx context.Context) error {
	o, err := c.demo.server.Custody.Put(ctx, c.demo.by(demoUser), c.file.Item, c.bank.id, locker.ClassConfiscation)
	if err != nil {
		return err
	}
	return c.demo.orders(ctx, c.bank, o.Order, c.bank.world.PutIn)
}

// refuse is what the office sees when the wrong adult stands before it.
func (c *confiscated) refuse(ctx context.Context, contact string) error {
	err := c.hand(ctx, contact)
	if errs.CodeOf(err) == errs.Denied {
		c.say(nil, "The release to an adult with a restriction was refused.")
		return nil
	}
	return errors.Join(errs.New(errs.Internal, "A device was released to an adult with a restriction.", ""), err)
}

func (c *confiscated) release(ctx context.Context, contact string) error {
	if err := c.hand(ctx, contact); err != nil {
		return err
	}
	c.say(nil, "The release to a parent is on record.")
	o, err := c.demo.server.Custody.TakeOut(ctx, c.demo.by(demoUser), c.file.Item)
	if errs.CodeOf(err) == errs.Conflict { // the bank never got it
		return nil
	}
	if err != nil {
		return err
	}
	return c.demo.orders(ctx, c.bank, o.Order, c.bank.world.TakeOut)
}

func (c *confiscated) hand(ctx context.Context, contact string) error {
	return c.demo.server.Custody.Hand(ctx, c.demo.by(demoUser), desk.Release{
		Case: c.file.ID, To: desk.ToParent, Contact: contact, Identity: desk.PhotoID, Signed: desk.Signature{Name: "Signed on paper"},
	})
}

func (c *confiscated) say(err error, what string) {
	if err == nil {
		fmt.Fprintf(c.demo.out, "%s: %s\n", c.demo.clock.Now().Format("15:04:05"), what)
	}
}

// orders has a door opened, and hands do what it was opened for. A bank that
// does not open it, because it was killed say, spoils nobody's day.
func (d *demo) orders(ctx context.Context, b *demoBank, o locker.Order, hands func(ctx context.Context, door int, phone string) (bool, error)) error {
	done, err := d.server.Banks.Order(ctx, b.id, o)
	now := d.clock.Now().Format("15:04:05")
	switch {
	case errs.CodeOf(err) == errs.Unavailable && ctx.Err() == nil:
		fmt.Fprintf(d.out, "%s: the order to %s an item at bank %s got no answer.\n", now, o.Kind, b.id)
		return nil
	case err != nil:
		return err
	case done.Refused != "":
		fmt.Fprintf(d.out, "%s: the order to %s an item at bank %s was refused: %s.\n", now, o.Kind, b.id, done.Refused)
		return nil
	}
	moved, err := hands(ctx, done.Door, o.Item)
	if err == nil && !moved {
		fmt.Fprintf(d.out, "%s: door %d of bank %s did not open for the office.\n", now, done.Door, b.id)
	}
	return err
}
