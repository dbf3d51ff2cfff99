package server

import (
	"context"
	"slices"
	"strconv"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// planDays is how far ahead a bank that is alone knows the school's days.
const planDays = 60

// compile makes directory and plan of what the books say now and gives them to
// the banks if anything differs.
func (s *Server) compile(ctx context.Context) error {
	upto := s.Log.Size() // what is decided from here on goes into the next one
	news, err := s.Rules.Give(ctx, s.directory(), s.plan(), upto)
	if err != nil || !news {
		return err
	}
	return s.Banks.Publish(ctx)
}

// directory is all that banks may know: ids, places, badge hashes and verifiers
// of PINs, no names, no reasons.
func (s *Server) directory() locker.Directory {
	d := locker.Directory{
		Badges: s.Badges.Entries(),
		People: s.People.Places(),
		Staff:  s.Staff.Entries(),
		Grants: append(slices.Clone(s.School.Grants), s.Desk.Grants(s.Now().Wall)...),
		Bars:   append(slices.Clone(s.School.Bars), s.Desk.Bars()...),
	}
	for id, place := range d.People {
		if p, ok := s.People.Person(id); ok {
			year, _ := strconv.Atoi(p.Year) // reception and staff belong to no wave
			place.Wave = s.School.Calendar.WaveOf(year, place.Bank)
			d.People[id] = place
		}
	}
	for hash, badge := range d.Badges {
		if p, ok := s.People.Person(badge.Person); ok && !p.OnRoll() {
			badge.Revoked = true // who has left opens no door; the office gives back what is still in
			d.Badges[hash] = badge
		}
	}
	return d
}

// plan is the same for all banks, from this week's Monday on, so that a new one
// is due once a week and whenever the calendar changes.
func (s *Server) plan() school.Plan {
	zone := s.School.Calendar.Zone
	today := s.Now().Wall.In(zone)
	monday := school.DateOf(today.AddDate(0, 0, -int(today.Weekday()+6)%7))
	return s.School.Calendar.PlanFor("", 0, monday, planDays)
}
