package desk

import (
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/approvers"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
)

// Fills reports whether somebody is one of the approvers wanted.
func (b *Book) Fills(who By, wanted []policy.Approver) bool {
	return b.fills(who, wanted, b.stamp().Wall)
}

func (b *Book) fills(who By, wanted []policy.Approver, now time.Time) bool {
	return approvers.Any(b.rules(), wanted, who.posts(now))
}

// posts are those of somebody's roles by which they could be an approver.
func (b By) posts(now time.Time) []roles.Role { return approvers.Posts(b.Roles, now) }

// unwanted refuses whoever is not an approver that the rules want now.
func (b *Book) unwanted(who By, now time.Time, wanted []policy.Approver, asked bool, on locker.Subject) error {
	if approvers.Any(b.rulesFor(on), wanted, who.posts(now)) {
		return nil
	}
	if asked {
		return errs.New(errs.Denied, "By the school's rules you are not the second person who ends this hold.",
			fmt.Sprintf("Now it is for %s: ask them to sign in and end it.", approvers.Words(wanted, "or")))
	}
	return errs.New(errs.Denied, "By the school's rules you are not one of the two who end a hold.",
		fmt.Sprintf("It is for %s: ask one of them to sign in and ask for its end.", approvers.Words(wanted, "and")))
}

// Ending are the two who end a hold by the school's rules.
func (b *Book) Ending() []policy.Approver { return approvers.Wanted(b.rules(), nil) }

// approvalLasts is how long the first of two people's approval waits for the
// second.
const approvalLasts = time.Hour

// mine says in plain words that the one who asked has come again.
func mine(err error, who school.Actor, asked string) error {
	if who.Person != "" && who.Person == asked {
		return errs.New(errs.Denied, "You have asked for its end; somebody else must agree.", "Ask a second person to sign in and end it.")
	}
	return err
}
