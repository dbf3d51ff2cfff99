package school

import (
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Actor is somebody who does something through an account. Two-person rules
// count people: two accounts of one person are one actor.
type Actor struct {
	Account string
	Person  string    // whose account it is, never empty
	Changed time.Time // when the account, its credentials or its roles last changed
}

// Unlisted begins the person of whoever is not in the school's register: a visitor
// with an account, a program with a token. Nobody can tell how many people they
// are, so they are none of the two that something takes.
const Unlisted = "x-"

// Known reports whether a person is of the register.
func Known(person string) bool { return person != "" && !unlisted(person) }

func unlisted(person string) bool { return strings.HasPrefix(person, Unlisted) }

var errUnlisted = errs.New(errs.Denied, "This takes two people of the school's register, and your account is tied to none.",
	"Ask whoever looks after accounts to say whose account it is.")

// Ask refuses whoever may not ask for what a second person is to approve. Errors:
// denied.
func (a Actor) Ask() error {
	if !Known(a.Person) {
		return errUnlisted
	}
	return nil
}

// SettledAfter is how long an account must have been as it is before its holder
// may approve anything: nobody becomes the second person by a new password.
const SettledAfter = 24 * time.Hour

// Approval is one person's consent to something, as records carry it.
type Approval struct {
	By     string    `json:"by"`     // account
	Person string    `json:"person"` // whose account it was
	At     time.Time `json:"at"`     // school time
}

// Approve is the consent of a to what others have had a part in: whoever asked
// for it, whoever it is for, whoever approved before. What somebody outside the
// register has a part in, nobody approves. Errors: denied.
func (a Actor) Approve(now time.Time, parties ...string) (Approval, error) {
	switch {
	case !Known(a.Person):
		return Approval{}, errUnlisted
	case slices.Contains(parties, a.Person):
		return Approval{}, errs.New(errs.Denied, "Somebody else must approve this: you have a part in it.", "Ask another person who may.")
	case slices.ContainsFunc(parties, unlisted):
		return Approval{}, errs.New(errs.Denied, "Whoever asked for this is not in the register, so it is not known to be somebody else.", "Let a member of staff ask for it anew.")
	case now.Sub(a.Changed) < SettledAfter:
		return Approval{}, errs.New(errs.Denied, "Your account changed in the last 24 hours, so it cannot approve yet.", "Ask another person, or come back tomorrow.")
	}
	return Approval{By: a.Account, Person: a.Person, At: now}, nil
}
