package records

import (
	"slices"
	"strconv"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// planDays is how far ahead a bank that is alone knows the school's days.
const planDays = 60

// Compile gives what the books say at now, without versions. given is what banks
// were given last. While the clock may be wrong nothing begins or ends by it:
// whoever is barred, has lost a badge, or whose permission or exception a person
// ended is so at once; the days and all others stay as they were given out.
func (r *Records) Compile(now school.Instant, given locker.Rules) (locker.Directory, school.Plan) {
	directory, plan := r.directory(now.Wall), r.plan(now.Wall)
	directory.Bars = append(directory.Bars, r.Exams.Bars(now)...)
	mode := r.Closure.Mode()
	if now.Trusted {
		plan.Mode = mode
		return directory, plan
	}
	if given.Directory != nil && given.Directory.Version > 0 {
		directory.Grants = slices.DeleteFunc(r.Exceptions.StillGiven(given.Directory.Grants), func(g locker.Grant) bool { return r.Desk.Withdrawn(g.ID) })
	}
	if given.Plan.Version > 0 {
		plan = given.Plan
	}
	plan.Mode = mode // whether the building is being left depends on no clock
	return directory, plan
}

// directory is all that banks may know: ids, places, badge hashes and verifiers
// of PINs, no names, no reasons.
func (r *Records) directory(now time.Time) locker.Directory {
	d := locker.Directory{
		Badges: r.Badges.Entries(),
		People: r.People.Places(),
		Staff:  r.Staff.Entries(),
		Grants: slices.Concat(r.school.Grants, r.Desk.Grants(now), r.Exceptions.Grants(), r.Exams.Grants(now)),
		Bars:   slices.Concat(r.school.Bars, r.Desk.Bars(), r.Custody.ForBanks(now)),
		Asked:  r.Closure.Asked(r.bankIDs()),
	}
	for id, place := range d.People {
		if p, ok := r.People.Person(id); ok {
			year, _ := strconv.Atoi(p.Year) // reception and staff belong to no wave
			place.Wave = r.school.Calendar.WaveOf(year, place.Bank)
			d.People[id] = place
		}
	}
	for hash, badge := range d.Badges {
		if p, ok := r.People.Person(badge.Person); ok && !p.OnRoll() {
			badge.Revoked = true // who has left opens no door; the office gives back what is still in
			d.Badges[hash] = badge
		}
	}
	return d
}

// plan is the same for all banks, from this week's Monday on, so that a new one
// is due once a week and whenever the calendar or the rules change.
func (r *Records) plan(now time.Time) school.Plan {
	zone := r.school.Calendar.Zone
	today := now.In(zone)
	monday := school.DateOf(today.AddDate(0, 0, -int(today.Weekday()+6)%7))
	return r.days(monday, planDays)
}

// days are the windows of n days by calendar and rules.
func (r *Records) days(first school.Date, n int) school.Plan {
	return r.school.Calendar.PlanFor("", 0, first, n).CollectLater(func(from time.Time) time.Duration {
		return time.Duration(r.Policy.At(from).CollectAfter) * time.Minute
	})
}

// endOfDay is when everybody may collect on the day of a moment.
func (r *Records) endOfDay(at time.Time) (time.Time, bool) {
	return desk.EndOfDay(r.plan(at), at, r.school.Calendar.Zone)
}

// exempt reports whether somebody may keep their phone at a moment.
func (r *Records) exempt(person string, at time.Time) bool {
	return r.given(person, at, locker.MayKeep)
}

// leaves reports whether somebody may have their phone back at a moment before the end
// of the day.
func (r *Records) leaves(person string, at time.Time) bool {
	return r.given(person, at, locker.MayCollect, locker.MayKeep)
}

// given reports whether somebody has a permission of one of these kinds at a moment.
func (r *Records) given(person string, at time.Time, kinds ...locker.May) bool {
	return slices.ContainsFunc(slices.Concat(r.school.Grants, r.Desk.Grants(at), r.Exceptions.Grants()), func(g locker.Grant) bool {
		return slices.Contains(kinds, g.Kind) && g.Person == person && !at.Before(g.From) && at.Before(g.Until)
	})
}

func (r *Records) bankIDs() (ids []string) {
	for _, b := range r.List.All() {
		ids = append(ids, b.Setup.Bank)
	}
	return ids
}
