package main

import (
	"context"
	"fmt"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/locker"
)

// visitors hands on what visitors of the demonstration order on its pages. They
// cannot reach into a pretend cabinet, so somebody in the pretend world does there
// what the door was opened for.
type visitors struct {
	*banks.House
	opened chan opening
}

// opening is a door that was opened on a page.
type opening struct {
	bank  string
	door  int
	order locker.Order
}

// mostOpenings is how many doors wait for hands; what is opened beyond stands open.
const mostOpenings = 64

func newVisitors(house *banks.House) *visitors {
	return &visitors{house, make(chan opening, mostOpenings)}
}

// Order gives an order to a bank, and tells of the door it opened.
func (v *visitors) Order(ctx context.Context, bank string, o locker.Order) (banks.Done, error) {
	done, err := v.House.Order(ctx, bank, o)
	if err == nil && done.Refused == "" && done.Door != 0 {
		select {
		case v.opened <- opening{bank, done.Door, o}:
		default:
		}
	}
	return done, err
}

// attend finishes what visitors begin, until ctx ends.
func (d *demo) attend(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case o := <-d.visitors.opened:
			for _, b := range d.banks {
				if b.id == o.bank {
					go b.finish(ctx, o)
				}
			}
		}
	}
}

// finish puts in or takes out what a door was opened for, and shuts it. School time
// does not skip on meanwhile.
func (b *demoBank) finish(ctx context.Context, o opening) {
	hands, thing := b.world.TakeOut, o.order.Item
	switch {
	case o.order.Kind == locker.OrderPut:
		hands = b.world.PutIn
	case thing == "":
		thing = phoneOf(o.order.Person)
	}
	moved := false
	err := b.world.Play(ctx, world.Plan{Errands: [][]world.Errand{{{At: b.demo.clock.Now(), Do: func(ctx context.Context) (err error) {
		moved, err = hands(ctx, o.door, thing)
		return err
	}}}}})
	if ctx.Err() == nil && (err != nil || !moved) { // the pages say how the door stands
		fmt.Fprintf(b.demo.out, "%s: nobody could use door %d of bank %s.\n", b.demo.clock.Now().Format("15:04:05"), o.door, b.id)
	}
}

// phoneOf names the phone of a pretend pupil.
func phoneOf(person string) string { return "phone-" + person }
