package accounts

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// Nobody is who did what nobody in particular did. No account has that name.
const Nobody = "nobody"

// reserved begin what records name beside accounts: people of the register and
// outside it, programs' tokens, day passes and sealed accounts.
var reserved = []string{"s-", "p-", school.Unlisted, "token-", passPrefix, sealedPrefix}

// Allowed reports whether somebody may choose an id for a new account: it can be
// taken for nothing else that records name.
func Allowed(id string) bool {
	return school.ValidID(id) && len(id) <= MaxID && id != Console && id != Nobody &&
		!slices.ContainsFunc(reserved, func(prefix string) bool { return strings.HasPrefix(id, prefix) })
}

// mayBegin refuses an account that somebody asks for under a name that is not
// allowed, or as a second one of its person without saying so.
func (b *Book) mayBegin(n NewAccount) error {
	if school.ValidID(n.ID) && !Allowed(n.ID) {
		return errs.At("id", "That name could be taken for somebody or something else in the school's records",
			"Choose one that is not nobody or console, and does not begin with "+strings.Join(reserved, ", ")+".")
	}
	return b.onlyOne(n.Person, n.Another)
}

// onlyOne refuses a second account of one person, unless that is what is wanted.
func (b *Book) onlyOne(person string, another bool) error {
	for _, a := range b.List() {
		if !another && person != "" && a.Person == person && a.Ended.IsZero() {
			return errs.At("person", fmt.Sprintf("They have the account %s already", a.ID), "Say that they are to have a second one, or end the first.")
		}
	}
	return nil
}

// Fits refuses a role that opens doors or gives roles to whoever is not in the
// register; person is "" for them. Errors: invalid.
func (b *Book) Fits(person string, r roles.Role) error {
	if b.needsPerson(person, r) {
		return errs.At("role", "That role is for members of staff in the register", "Say first whose account it is.")
	}
	return nil
}

// needsPerson reports whether a role rests with a person.
func (b *Book) needsPerson(person string, r roles.Role) bool {
	if school.Known(person) || !r.Weighty() {
		return false
	}
	return r != roles.Owner || b.People.Staffed()
}

// Link says which person of the register an account belongs to. It can be said
// once. Errors: invalid, not_found, conflict, denied (about one's own account),
// those of the ledger.
func (b *Book) Link(ctx context.Context, by, id, person string, another bool) error {
	b.command.Lock()
	defer b.command.Unlock()
	a, known := b.Get(id)
	switch {
	case !known:
		return unknown(id)
	case school.Known(a.Person):
		return errs.New(errs.Conflict, "It is already known whose account this is.", "End it, and make another for the other person.")
	case !a.Ended.IsZero() || a.Pass || !a.Seal.Sealed.IsZero():
		return errs.New(errs.Conflict, "That account belongs to nobody in the register.", "Make an account for them.")
	case by == id && !b.MayTie(a):
		return errs.New(errs.Denied, "Nobody says themselves whose account theirs is.", "Ask whoever looks after accounts.")
	}
	if err := b.staff(person); err != nil {
		return err
	}
	if err := b.onlyOne(person, another); err != nil {
		return err
	}
	return b.record(ctx, by, event{kind: KindLinked, body: body{Account: id, Person: person}})
}

// MayTie reports whether the holder of an account says themselves whose it is: an
// owner does while no other owner could.
func (b *Book) MayTie(a Account) bool {
	now := b.Stamp().Wall
	return !school.Known(a.Person) && a.Seal.Sealed.IsZero() && b.owners(now, a.ID) == 0 &&
		slices.ContainsFunc(a.given(true), func(g roles.Assignment) bool { return g.Role == roles.Owner && g.Holds(now) })
}

// staff refuses whoever is no member of staff now.
func (b *Book) staff(person string) error {
	if p, known := b.People.Person(person); !known || p.Kind != register.Staff || !p.OnRoll() {
		return errs.At("person", "That is no member of staff on the roll", "Leave it empty for somebody the register does not know.")
	}
	return nil
}
