package desk

import (
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/locker"
)

// Recusal keeps those out of the end of a hold whom it is about, and says who
// stands in for them.
type Recusal interface {
	// Recused reports whether somebody has no part in what a hold stands on.
	Recused(person string, on locker.Subject) bool
	// Approvers are the rules with others in the place of those recused.
	Approvers(r policy.Rules, on locker.Subject) policy.Rules
}

// Recuse has r asked from now on, before anything else is done with the book.
func (b *Book) Recuse(r Recusal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.recusal = r
}

// Without is the same book to somebody who must not know of some bars.
func (b *Book) Without(hidden func(Bar) bool) *Book { return &Book{b.bars, hidden} }

func (b *Book) hides(bar Bar) bool { return b.hidden != nil && b.hidden(bar) }

func (b *Book) recused(person string, on locker.Subject) bool {
	return b.recusal != nil && b.recusal.Recused(person, on)
}

// rulesFor are the rules on the end of a hold on something.
func (b *Book) rulesFor(on locker.Subject) policy.Rules {
	if b.recusal == nil {
		return b.rules()
	}
	return b.recusal.Approvers(b.rules(), on)
}

var errNoBar = errs.New(errs.NotFound, "That bar does not stand any more.", "")
