package server

import (
	"context"
	"log/slog"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/figures"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/locker/view"
)

// countBefore is how long before collection begins a day is counted: who came late has
// come by then, and nobody has collected.
const countBefore = 30 * time.Minute

// countDays writes down each school day's figures once, shortly before pupils collect,
// until ctx ends. It goes by a clock that is trusted only. What fails is tried again:
// doors do not wait for a figure.
func (s *Server) countDays(ctx context.Context) error {
	for s.awaitClock(ctx, true) {
		if err := s.countDay(ctx, s.Now().Wall); err != nil && ctx.Err() == nil {
			slog.Error("the day could not be counted; it is tried again", "err", err, "next", errs.HintOf(err))
		}
		_ = wait.For(ctx, clockEvery) // the loop looks at ctx
	}
	return nil
}

// countDay counts today, if it is time and nobody has yet.
func (s *Server) countDay(ctx context.Context, now time.Time) error {
	date := school.DateOf(now.In(s.School.Calendar.Zone))
	day, ok := s.School.Calendar.Day(date)
	if !ok || now.Before(day.Collect.Add(-countBefore)) || now.After(day.CollectUntil) || s.Figures.Counted(date) {
		return nil
	}
	return s.Figures.Count(ctx, figures.DayOf(date, s.People.People(), s.stood(date)))
}

// stood is how everybody stands at this moment of a day.
func (s *Server) stood(date school.Date) func(id string) figures.Stood {
	atBanks, custody, exempt := map[string]view.Person{}, map[string]bool{}, map[string]bool{}
	for _, b := range s.Banks.Banks() {
		for _, p := range b.Board.People {
			atBanks[p.ID] = p
		}
	}
	for _, i := range s.Custody.Items() {
		custody[i.Whose] = true
	}
	for _, id := range s.Exceptions.ExemptNow() {
		exempt[id] = true
	}
	trays := s.Trays.Standings()
	register := s.Attendance.Day(date)
	return func(id string) figures.Stood {
		at, marked, tray := atBanks[id], register.Of(id), trays[id]
		return figures.Stood{Here: marked.Here(), NoPhone: marked.NoPhone || tray.Mark != "", Exempt: at.State == view.Exempt || exempt[id],
			In: at.State.HandedIn() || custody[id] || tray.In, Late: at.Late}
	}
}
