// Package accounts is the book of who may sign in to the school's pages, as
// what, since when and by whose word. It is a fold of the school's ledger; lines
// are ended there, never deleted. Names, and everything a secret can be checked
// against, lie in the vault.
//
// An account belongs to one person for ever. It counts while it has not been
// ended, its person has not left the school and one of its roles is in force.
//
// # Whose it is
//
// Rules that take two people count people of the school's register, so an account
// says which of them it belongs to. Whoever makes accounts could else make a
// second person of themselves. An account of somebody whom the register does not
// know, a visiting technician or a supply teacher on a day pass, has a person of
// its own, x- and its id. It neither asks for nor approves anything that takes two
// people, and a role by which doors are opened or roles given rests with it until
// somebody says whose it is. Two kinds of account are different:
//
//   - The school's first owner comes before the register, and brings it in. Their
//     role rests from the moment there are staff in the register, until they have
//     said which of them they are. They may say so themselves while no other owner
//     could; about every other account somebody else does.
//   - A sealed account is for the day on which nobody else can sign in, so it works
//     without a person. It is still none of the two people that something takes:
//     whoever opened the envelope has an account of their own too.
//
// A person has one account unless a second one was asked for in so many words.
// Two accounts of one person are one person wherever two are needed.
//
// # What ends what
//
// A lost phone may be signed in elsewhere too: whoever reports one loses their app,
// codes on paper, passkeys and logins at other services, and every session. A reset
// is for the day on which somebody else may have been in: with its use the password
// changes, logins elsewhere are cut and every session ends; the second factor stays.
// An account that has ended, whose holder has left or that has no role in force signs
// nobody in, by whatever way, and every session of it is over; its logins stay, so
// that they are nobody else's.
//
// School time says since when and until when; links and codes live in machine
// time.
package accounts

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// Console is who does what commands on the server's own machine ask for. No
// account has that name.
const Console = "console"

// Account is one account as lists show it.
type Account struct {
	ID     string // also what is typed to sign in
	Person string // id in the register; school.Unlisted and ID when that person is not in it
	Name   string // as pages show it; ID when no name is known
	Made   time.Time
	By     string
	Ended  time.Time // zero while it has not been
	Left   bool      // its person has left the school

	Changed  time.Time // of credentials, roles or the account itself
	Password time.Time // since when; zero for none
	TOTP     time.Time // since when codes of an app are asked for; zero for never
	Passkeys []Passkey
	Logins   []Login // at other services
	Recovery int     // codes left
	Grants   []Grant
	Pass     bool   // for one day, on a slip
	Visit    string // of whoever has that; "" for passes from before visitors signed
	Seal     Seal   // zero for an ordinary account
}

// Passkey is one that was added.
type Passkey struct {
	ID    string
	Label string // what its holder calls it
	Since time.Time
	Used  time.Time
}

// Login is an account at an OpenID Connect provider. Subject is the provider's
// own id for it, never an e-mail address.
type Login struct {
	ID              string
	Issuer, Subject string
	Since           time.Time
}

// Grant is one line of the register: a role somebody was given.
type Grant struct {
	ID string
	roles.Assignment
	Given   time.Time
	By      string
	Ended   time.Time // before its time, or zero
	EndedBy string
	Rests   bool // until it is said whose account it is
}

// Seal is what is known of an account that lies sealed in an envelope.
type Seal struct {
	Sealed time.Time // when its passphrase was printed
	Broken time.Time // when it was first used; zero for not yet
}

// SealLasts is how long a sealed account works from its first use, in school
// time.
const SealLasts = 4 * time.Hour

// Assignments are the roles that have not been ended and do not rest.
func (a Account) Assignments() []roles.Assignment { return a.given(false) }

// given are the roles that have not been ended; with resting ones or without.
func (a Account) given(resting bool) []roles.Assignment {
	var list []roles.Assignment
	for _, g := range a.Grants {
		if g.Ended.IsZero() && (resting || !g.Rests) {
			list = append(list, g.Assignment)
		}
	}
	return list
}

// Holds reports whether a role is in force at t.
func (a Account) Holds(t time.Time, any ...roles.Role) bool {
	return slices.ContainsFunc(a.Assignments(), func(g roles.Assignment) bool { return g.Holds(t) && slices.Contains(any, g.Role) })
}

// weighty reports whether somebody who became the account's holder could open
// doors or change who may, at t or later.
func (a Account) weighty(t time.Time) bool {
	return slices.ContainsFunc(a.given(true), func(g roles.Assignment) bool {
		return g.Role.Weighty() && (g.Until.IsZero() || t.Before(g.Until))
	})
}

// Live reports whether the account counts at t. One whose every role rests counts:
// its holder is told so.
func (a Account) Live(t time.Time) bool {
	if !a.Ended.IsZero() || a.Left {
		return false
	}
	if !a.Seal.Sealed.IsZero() && a.Seal.Broken.IsZero() {
		return true // its first use gives it its roles
	}
	return slices.ContainsFunc(a.given(true), func(g roles.Assignment) bool { return g.Holds(t) })
}

// Idle reports whether all that the account could be at t rests.
func (a Account) Idle(t time.Time) bool {
	return len(a.Grants) > 0 && a.Live(t) && !a.Holds(t, roles.All...)
}

// strong are the roles that need more than a password.
var strong = []roles.Role{roles.Owner, roles.Head, roles.DSL, roles.DeputyDSL, roles.IT}

// NeedsSecond reports whether a role of the account needs more than a password,
// and there is nothing more. A sealed account needs nothing: it is for the day
// on which all else fails.
func (a Account) NeedsSecond(t time.Time) bool {
	return a.Holds(t, strong...) && a.TOTP.IsZero() && len(a.Passkeys) == 0 && a.Seal.Sealed.IsZero()
}

// actor is the account's holder without the day of their last change.
func (a Account) actor() school.Actor { return school.Actor{Account: a.ID, Person: a.Person} }
