package school

import (
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
// for it, whoever it is for, whoever approved before. Errors: denied.
func (a Actor) Approve(now time.Time, parties ...string) (Approval, error) {
	if a.Person == "" {
		return Approval{}, errs.New(errs.Denied, "It is not known whose account this is.", "Ask IT to say whose it is.")
	}
	for _, person := range parties {
		if person == a.Person {
			return Approval{}, errs.New(errs.Denied, "Somebody else must approve this: you have a part in it.", "Ask another person who may.")
		}
	}
	if now.Sub(a.Changed) < SettledAfter {
		return Approval{}, errs.New(errs.Denied, "Your account changed in the last 24 hours, so it cannot approve yet.", "Ask another person, or come back tomorrow.")
	}
	return Approval{By: a.Account, Person: a.Person, At: now}, nil
}
