package alerts

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk/visit"
)

const breachTemplate = "visitor-breach"

// breaches are an alert to the safeguarding lead about every breach that nobody has
// taken note of, and to whom the school's rules name besides. Where nobody is the lead,
// deputies and the head are told in their place.
func (t *Teller) breaches(all []accounts.Account, now time.Time) (list []notify.Alert) {
	told := visit.TellsOf(t.Rules())
	lead := holders(all, now, told.Lead...)
	if len(lead) == 0 {
		lead = holders(all, now, roles.DeputyDSL, roles.Head)
	}
	others := holders(all, now, told.Others...)
	others = others[:min(len(others), MostTold)]
	for _, c := range t.Breaches.Unseen() {
		for i, person := range slices.Concat(lead, others) {
			a := notify.Alert{About: c.ID, Template: breachTemplate, Staff: person, Time: c.Recorded, What: "Read it, and write down what is done about it.", Link: t.Base() + "/visitors/breaches"}
			switch {
			case slices.Contains(slices.Concat(lead, others)[:i], person):
				continue
			case !slices.Contains(lead, person):
				a.What, a.Link = "The school’s rules say that you hear of it. The safeguarding lead has the record.", t.Base()+"/"
			}
			list = append(list, a)
		}
	}
	return list
}
