package register

import (
	"context"
	"fmt"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// Placement gives a person a home bank and a door; without a bank it takes them
// away. Waves are the calendar's and not kept here.
type Placement struct {
	Person string
	locker.Place
}

// Assign records placements. Nobody is given somebody else's door, whether
// that person is still on the roll or not. Whoever moves a person from one
// place to another has made sure that nothing is held at the old one.
// Errors: invalid, not found, conflict, unavailable.
func (b *Book) Assign(ctx context.Context, by string, list []Placement) error {
	if len(list) == 0 {
		return nil
	}
	b.command.Lock()
	defer b.command.Unlock()
	if err := b.fits(list); err != nil {
		return err
	}
	events := make([]event, len(list))
	for i, p := range list {
		events[i] = event{kind: KindPlaced, body: body{Person: p.Person, Bank: p.Bank, Door: p.Door}}
	}
	return b.record(ctx, by, events)
}

// fits checks that after all of list each door has one owner.
func (b *Book) fits(list []Placement) error {
	after := b.Places()
	for _, p := range list {
		at := locker.Place{Bank: p.Bank, Door: p.Door}
		switch {
		case !b.knows(p.Person):
			return errs.New(errs.NotFound, fmt.Sprintf("Nobody in the register has the id %.40q.", p.Person), "")
		case at == (locker.Place{}):
			delete(after, p.Person)
			continue
		case !school.ValidID(p.Bank) || p.Door < 0 || p.Door > ledger.MaxDoor:
			return errs.New(errs.Invalid, fmt.Sprintf("There can be no door %d at bank %.40q.", p.Door, p.Bank), "")
		}
		after[p.Person] = at
	}
	owner := make(map[locker.Place]string, len(after))
	for person, place := range after {
		if other := owner[place]; place.Door != 0 && other != "" {
			return errs.New(errs.Conflict,
				fmt.Sprintf("Door %d of bank %s would belong to two people.", place.Door, place.Bank), "Choose a free door.")
		}
		owner[place] = person
	}
	return nil
}

func (b *Book) knows(id string) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.people[id] != nil
}
