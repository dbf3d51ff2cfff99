package main

import (
	"context"
	"fmt"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// When the pretend office puts a confiscated phone away, and gives it back.
var (
	confiscatedAt = school.Clock{Hour: 11, Minute: 31}
	givenBackAt   = school.Clock{Hour: 15, Minute: 40}
)

// confiscation is one phone's stay at a bank with confiscation doors. The orders
// go the way that those of the school's pages go.
func (d *demo) confiscation(b *demoBank, day school.Date) []world.Errand {
	if len(b.config.Setup.Confiscation) == 0 {
		return nil
	}
	item := "i-" + day.String()
	door := 0 // known once it is in
	zone := d.school.Calendar.Zone
	return []world.Errand{
		{At: day.At(confiscatedAt, zone), Do: func(ctx context.Context) (err error) {
			door, err = d.orders(ctx, b, locker.Order{Kind: locker.OrderPut, Item: item, Class: locker.ClassConfiscation}, b.world.PutIn)
			return err
		}},
		{At: day.At(givenBackAt, zone), Do: func(ctx context.Context) error {
			_, err := d.orders(ctx, b, locker.Order{Kind: locker.OrderTake, Item: item, Door: door}, b.world.TakeOut)
			return err
		}},
	}
}

// orders has a door opened, and hands do what it was opened for. A bank that
// does not open it, because it was killed say, spoils nobody's day.
func (d *demo) orders(ctx context.Context, b *demoBank, o locker.Order, hands func(ctx context.Context, door int, phone string) (bool, error)) (door int, err error) {
	o.By = demoUser
	done, err := d.server.Banks.Order(ctx, b.id, o)
	now := d.clock.Now().Format("15:04:05")
	switch {
	case errs.CodeOf(err) == errs.Unavailable && ctx.Err() == nil:
		fmt.Fprintf(d.out, "%s: the order to %s an item at bank %s got no answer.\n", now, o.Kind, b.id)
		return 0, nil
	case err != nil:
		return 0, err
	case done.Refused != "":
		fmt.Fprintf(d.out, "%s: the order to %s an item at bank %s was refused: %s.\n", now, o.Kind, b.id, done.Refused)
		return 0, nil
	}
	moved, err := hands(ctx, done.Door, o.Item)
	if err == nil && !moved {
		fmt.Fprintf(d.out, "%s: door %d of bank %s did not open for the office.\n", now, done.Door, b.id)
	}
	return done.Door, err
}
