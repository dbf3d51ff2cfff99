package accounts

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// The limits of the book.
const (
	MaxID       = 32   // characters of an account's name
	MaxName     = 100  // of a person's
	MaxAccounts = 4000 // day passes and ended accounts too
	MaxGrants   = 400  // lines of one account
	MaxForms    = 40   // forms of one role
)

// NewAccount is what an account is made of.
type NewAccount struct {
	ID     string // small letters, digits and hyphens
	Person string // in the register; "" for somebody who is not in it
	Name   string // of somebody who is not

	Another bool // beside an account that the person has already
}

// Make makes an account that nobody can sign in to yet: it needs a role, and its
// holder chooses a password by a link. Errors: invalid, conflict, not_found,
// those of the ledger and the vault.
func (b *Book) Make(ctx context.Context, by string, n NewAccount) error {
	b.command.Lock()
	defer b.command.Unlock()
	made, err := b.making(n)
	if err == nil {
		err = b.mayBegin(n)
	}
	if err != nil {
		return err
	}
	return b.record(ctx, by, made)
}

// making checks what an account is to be made of.
func (b *Book) making(n NewAccount) (event, error) {
	b.mu.RLock()
	taken, full := b.accounts[n.ID] != nil, len(b.accounts) >= MaxAccounts
	b.mu.RUnlock()
	e := event{kind: KindMade, body: body{Account: n.ID, Person: n.Person}}
	switch {
	case !school.ValidID(n.ID) || len(n.ID) > MaxID:
		return e, errs.At("id", fmt.Sprintf("An account's name has 1 to %d small letters, digits and hyphens", MaxID), "For example: j-smith")
	case n.ID == Console || taken:
		return e, errs.At("id", "That name is or was somebody's: an account is never used for a second person", "Choose another, such as j-smith-2.")
	case full:
		return e, errs.New(errs.Conflict, "There are too many accounts.", "Ask for a release that takes more.")
	case utf8.RuneCountInString(n.Name) > MaxName || strings.ContainsFunc(n.Name, func(r rune) bool { return r < ' ' }):
		return e, errs.At("name", fmt.Sprintf("A name has up to %d characters", MaxName), "")
	case n.Person == "":
		e.body.Person = school.Unlisted + n.ID
		if n.Name != "" {
			e.content = []byte(n.Name)
		}
		return e, nil
	}
	return e, b.staff(n.Person)
}

// End ends an account for good, with everything it is signed in with. Errors:
// not_found, conflict (ended, or the last owner), denied (one's own), those of
// the ledger and the vault.
func (b *Book) End(ctx context.Context, by, id string) error {
	b.command.Lock()
	defer b.command.Unlock()
	a, known := b.Get(id)
	switch {
	case !known:
		return unknown(id)
	case !a.Ended.IsZero():
		return errs.New(errs.Conflict, "That account has ended already.", "")
	case b.samePerson(by, a.Person):
		return errs.New(errs.Denied, "Nobody ends their own account.", "Ask another person who looks after accounts.")
	case a.Holds(b.Stamp().Wall, roles.Owner) && b.owners(b.Stamp().Wall, id) == 0:
		return lastOwner()
	}
	if err := b.record(ctx, by, event{kind: KindEnded, body: body{Account: id}}); err != nil {
		return err
	}
	return b.forget(ctx, b.secrets(id)...)
}

func lastOwner() error {
	return errs.New(errs.Conflict, "This is the school's last owner.", "Give somebody else the role of owner first.")
}

// secrets are where the vault keeps what an account signs in with.
func (b *Book) secrets(id string) []string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	a := b.accounts[id]
	list := []string{a.password.at, a.totp.at, a.recovery.at}
	for _, k := range a.passkeys {
		list = append(list, k.at)
	}
	return list
}

// samePerson reports whether an account is of a person.
func (b *Book) samePerson(id, person string) bool {
	a, known := b.Get(id)
	return known && a.Person == person
}

// Give gives an account a role that fits its person. Nobody gives one to
// themselves, and only an owner, a head or the console makes a head, an owner or
// somebody who looks after safeguarding. Errors: invalid, not_found, denied, conflict, those of the
// ledger.
func (b *Book) Give(ctx context.Context, by, id string, r roles.Assignment) error {
	b.command.Lock()
	defer b.command.Unlock()
	a, known := b.Get(id)
	if !known {
		return unknown(id)
	}
	if err := b.mayGive(by, a, r.Role); err != nil {
		return err
	}
	e, err := giving(a, r, b.Stamp().Wall)
	if err == nil {
		err = b.Fits(a.Person, r.Role)
	}
	if err != nil {
		return err
	}
	return b.record(ctx, by, e)
}

// grave are the roles that only an owner or a head gives and takes.
var grave = []roles.Role{roles.Owner, roles.Head, roles.DSL, roles.DeputyDSL}

func (b *Book) mayGive(by string, to Account, r roles.Role) error {
	if by == Console {
		return nil
	}
	giver, _ := b.Get(by)
	switch {
	case giver.Person == to.Person:
		return errs.New(errs.Denied, "Nobody changes their own roles.", "Ask another person who gives out roles.")
	case slices.Contains(grave, r) && !giver.Holds(b.Stamp().Wall, roles.Owner, roles.Head):
		return errs.New(errs.Denied, "Only an owner or the headteacher gives and ends that role.", "Ask one of them.")
	}
	return nil
}

// giving checks a role that is to be given.
func giving(a Account, r roles.Assignment, now time.Time) (event, error) {
	r.From, r.Until = r.From.UTC(), r.Until.UTC()
	if r.From.IsZero() {
		r.From = now
	}
	if r.Until.Unix() == (time.Time{}).Unix() {
		r.Until = time.Time{}
	}
	ofClass := r.Role == roles.Teacher || r.Role == roles.Supply
	switch {
	case !r.Role.Known():
		return event{}, errs.At("role", "Choose a role", "")
	case !a.Ended.IsZero() || a.Left:
		return event{}, errs.New(errs.Conflict, "That account has ended, or its holder has left.", "Make a new account.")
	case !a.Seal.Sealed.IsZero():
		return event{}, errs.New(errs.Conflict, "A sealed account has no roles but those of its first use.", "Give the role to another account.")
	case len(a.Grants) >= MaxGrants:
		return event{}, errs.New(errs.Conflict, "That account has had too many roles.", "Make a new account.")
	case len(r.Forms) > MaxForms || slices.ContainsFunc(r.Forms, badForm):
		return event{}, errs.At("forms", fmt.Sprintf("Give up to %d forms by their names", MaxForms), "For example: 9B, 9C")
	case !ofClass && len(r.Forms) > 0:
		return event{}, errs.At("forms", "Only teachers and supply teachers have forms", "Leave it empty.")
	case !r.Until.IsZero() && !r.Until.After(r.From) || !r.Until.IsZero() && !r.Until.After(now):
		return event{}, errs.At("until", "The end must lie after the beginning, and ahead", "")
	}
	return event{kind: KindRoleGiven, body: body{Account: a.ID, ID: random()[:12], Role: r.Role, Forms: r.Forms, From: r.From, Until: r.Until}}, nil
}

// badForm refuses what is no name of a form, like 9B or Year 6.
func badForm(f string) bool {
	return f == "" || len(f) > 20 || f != strings.TrimSpace(f) || strings.ContainsFunc(f, func(r rune) bool { return r < ' ' })
}

// EndRole ends a role before its time. Errors: not_found, denied, conflict, those
// of the ledger.
func (b *Book) EndRole(ctx context.Context, by, id, grant string) error {
	b.command.Lock()
	defer b.command.Unlock()
	a, _ := b.Get(id)
	i := slices.IndexFunc(a.Grants, func(g Grant) bool { return g.ID == grant })
	if i < 0 || !a.Grants[i].Ended.IsZero() {
		return errs.New(errs.NotFound, "There is no such role to end.", "It may have been ended already: look again.")
	}
	if err := b.mayGive(by, a, a.Grants[i].Role); err != nil {
		return err
	}
	if a.Grants[i].Role == roles.Owner && b.owners(b.Stamp().Wall, id) == 0 && a.Seal.Sealed.IsZero() {
		return lastOwner()
	}
	return b.record(ctx, by, event{kind: KindRoleEnded, body: body{Account: id, ID: grant}})
}
