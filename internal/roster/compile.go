package roster

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// planDays is how far ahead a bank knows the school day: it must outlast a
// summer without a network.
const planDays = 400

// Directory is what every bank may know of this school's people. Version must
// grow with every change.
func (s School) Directory(version uint64) *locker.Directory {
	d := &locker.Directory{
		Version: version,
		Badges:  make(map[school.BadgeHash]locker.BadgeEntry, len(s.Badges)),
		People:  make(map[string]locker.Place, len(s.Pupils)),
		Grants:  s.Grants,
		Bars:    s.Bars,
	}
	for _, p := range s.Pupils {
		d.People[p.ID] = locker.Place{Bank: p.Bank, Door: p.Door, Wave: s.Calendar.WaveOf(0, p.Bank)}
	}
	for _, b := range s.Badges {
		d.Badges[b.Token.Hash()] = locker.BadgeEntry{Person: b.Person, Revoked: b.Revoked}
	}
	return d
}

// Plan is the school days from the week before t on.
func (s School) Plan(version uint64, t time.Time) school.Plan {
	first := school.DateOf(t.In(s.Calendar.Zone).AddDate(0, 0, -7))
	return s.Calendar.PlanFor("", version, first, planDays)
}
