package server

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// planDays is how far ahead a bank that is alone knows the school's days.
const planDays = 60

// compile makes directory and plan of what the books say now and gives them to
// the banks if anything differs.
func (s *Server) compile(ctx context.Context) error {
	upto := s.Log.Size() // what is decided from here on goes into the next one
	for _, book := range []interface{ Settle() }{s.People, s.Badges, s.Staff, s.Roll} {
		book.Settle() // the ledger grows before a book does
	}
	directory, plan := s.rules()
	news, err := s.Rules.Give(ctx, directory, plan, upto)
	s.noteLength(err)
	if err != nil || !news {
		return err
	}
	return s.Banks.Publish(ctx)
}

// noteLength says once that the rules have become too long, and that they fit
// again.
func (s *Server) noteLength(err error) {
	switch is := errors.Is(err, banks.ErrTooLong); {
	case is && !s.tooLong:
		slog.Error("the banks cannot be given new rules; they go on with those they have", "err", err, "next", errs.HintOf(err))
		s.tooLong = true
	case err == nil && s.tooLong:
		slog.Info("the rules fit again, and the banks have them")
		s.tooLong = false
	}
}

// rules are what the books say now. While the clock may be wrong nothing in them
// begins or ends by it: whoever is barred or has lost a badge is so at once, the
// days and permissions stay as they were given out.
func (s *Server) rules() (locker.Directory, school.Plan) {
	now := s.Now()
	directory, plan := s.directory(now.Wall), s.plan(now.Wall)
	if now.Trusted {
		return directory, plan
	}
	given := s.Rules.Current()
	if given.Directory.Version > 0 {
		directory.Grants = given.Directory.Grants
	}
	if given.Plan.Version > 0 {
		plan = given.Plan
	}
	return directory, plan
}

// directory is all that banks may know: ids, places, badge hashes and verifiers
// of PINs, no names, no reasons.
func (s *Server) directory(now time.Time) locker.Directory {
	d := locker.Directory{
		Badges: s.Badges.Entries(),
		People: s.People.Places(),
		Staff:  s.Staff.Entries(),
		Grants: append(slices.Clone(s.School.Grants), s.Desk.Grants(now)...),
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
func (s *Server) plan(now time.Time) school.Plan {
	zone := s.School.Calendar.Zone
	today := now.In(zone)
	monday := school.DateOf(today.AddDate(0, 0, -int(today.Weekday()+6)%7))
	return s.School.Calendar.PlanFor("", 0, monday, planDays)
}
