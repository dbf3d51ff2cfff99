package alerts

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

const concernTemplate = "concern"

// concerns are an alert to everybody of the circles that should know of a concern by
// now, but whom it is about. It says neither what nor about whom; the link leads to
// the list, which each sees as far as it is theirs.
func (t *Teller) concerns(all []accounts.Account, now time.Time) (list []notify.Alert) {
	if t.Concerns == nil {
		return nil
	}
	for _, c := range t.Concerns.Alerts(now) {
		for _, a := range all {
			if !a.Live(now) || !a.Holds(now, c.Roles...) || !school.Known(a.Person) || slices.Contains(c.Except, a.Person) {
				continue
			}
			mine := notify.Alert{About: c.File, Template: concernTemplate, Staff: a.Person, Time: c.Since,
				What: "Please see the safeguarding lead.", Link: t.Base()}
			if roles.May(a.Assignments(), roles.Safeguard, roles.Target{}, now) {
				mine.What, mine.Link = "Please sign in and open Safeguarding. If you cannot take it now, the next person is told in ten minutes.", t.Base()+"/safeguarding"
			}
			if !slices.Contains(list, mine) { // one by another account of theirs
				list = append(list, mine)
			}
		}
	}
	return list
}
