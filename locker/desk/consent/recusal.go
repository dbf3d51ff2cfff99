package consent

import (
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/locker"
)

// Without is the same book to somebody who must not know of some requests.
func (b *Book) Without(hidden func(on locker.Subject) bool) *Book {
	return &Book{b.Config, b.requests, hidden}
}

var errNone = errs.New(errs.NotFound, "There is no such request.", "Begin it anew.")

func (b *Book) hides(on locker.Subject) bool { return b.hidden != nil && b.hidden(on) }

// on is the device or the door that a request is about.
func (r Request) on() locker.Subject {
	if r.Wish.Item != "" {
		return locker.Subject{Item: r.Wish.Item}
	}
	return locker.Subject{Bank: r.Wish.Bank, Door: r.Wish.Door}
}

// recused reports whether somebody has no part in what is done with a device or a
// door: it is about them.
func (b *Book) recused(person string, on locker.Subject) bool {
	return b.Recusal != nil && b.Recusal.Recused(person, on)
}

// rules are the school's, with others in the place of those recused.
func (b *Book) rules(on locker.Subject) policy.Rules {
	if b.Recusal == nil {
		return b.Rules()
	}
	return b.Recusal.Approvers(b.Rules(), on)
}
