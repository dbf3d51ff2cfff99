package audit

import (
	"slices"

	"github.com/bellkeep/bellkeep/internal/ledger"
)

// routine are the kinds of record of a hand-in or collection, or of an attempt.
var routine = []string{"turned", "intent", "outcome", "deposited", "collected", "rechecked", "nothing-in", "still-in"}

// forget leaves out of a routine record whose it was, once the rules ask for it no
// more: on this page nobody looks up when a pupil came and went last year. What staff
// did stays, and so does all about a device in custody and about whoever is under a
// hold.
func (o *pages) forget(r ledger.Record, f *fields) {
	days := 0
	if o.Routine != nil {
		days = o.Routine()
	}
	if days == 0 || !slices.Contains(routine, r.Kind) || f.By != "" || f.Whose != "" || o.Now().Before(r.Stamp.Wall.AddDate(0, 0, days)) {
		return
	}
	if o.Held == nil || !o.Held(f.Person) {
		f.Person, f.Account, f.Staff = "", "", ""
	}
}
