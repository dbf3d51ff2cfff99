package desk

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// Sees reports whether the inside of a case is for whoever this is, and not only
// where its device is: what may be evidence is for the safeguarding team.
func (b By) Sees(file Case, now time.Time) bool {
	return !file.Facts.Reason.Restricted() || roles.May(b.Roles, roles.SeeReasons, roles.Target{}, now)
}

// Follows reports whether a case is for whoever this is to come back to: one they
// took themselves, or one whose inside they may see.
func (b By) Follows(file Case, now time.Time) bool {
	return file.Facts.Taker == b.Person || roles.May(b.Roles, roles.SeeCases, roles.Target{}, now) && b.Sees(file, now)
}
