package exam

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// ahead is how long before a sitting it may be set.
const ahead = 366 * 24 * time.Hour

// Draft is a sitting to be set.
type Draft struct {
	Paper      Paper
	Start      time.Time
	Minutes    int
	Leave      bool
	Candidates []Candidate // may follow later
}

// Set puts a sitting on record. Errors: denied, invalid by field (title, series,
// board, rooms, start, minutes, candidates), conflict, those of vault and ledger.
func (b *Book) Set(ctx context.Context, by desk.By, d Draft) (Sitting, error) {
	b.command.Lock()
	defer b.command.Unlock()
	now := b.Stamp().Wall
	if err := by.MayInPerson(roles.RunExams, now); err != nil {
		return Sitting{}, err
	}
	s := Sitting{ID: ledger.NewID("e"), Start: d.Start.UTC().Truncate(time.Minute), Minutes: d.Minutes}
	if err := errors.Join(d.Paper.check(), b.checkTimes(s, now), b.checkNew(s, d.Candidates)); err != nil {
		return Sitting{}, err
	}
	if len(b.order) >= maxSittings {
		return Sitting{}, errs.New(errs.Conflict, "There are too many sittings.", "")
	}
	e := body{Sitting: s.ID, Start: s.Start, Minutes: s.Minutes, Leave: d.Leave, Candidates: len(d.Candidates)}
	if err := b.record(ctx, by, KindSet, e, written{Paper: &d.Paper, Candidates: d.Candidates}); err != nil {
		return Sitting{}, err
	}
	return b.Sitting(s.ID)
}

// Add enters more candidates, before the paper ends. Errors: those of Set, not found.
func (b *Book) Add(ctx context.Context, by desk.By, id string, list []Candidate) error {
	return b.change(ctx, by, roles.RunExams, id, func(s Sitting, now time.Time) error {
		switch {
		case len(list) == 0:
			return errs.At("candidates", "Nobody is entered", "Choose pupils.")
		case !now.Before(s.Last()):
			return errs.New(errs.Conflict, "This paper is over.", "")
		}
		if err := b.checkNew(s, list); err != nil {
			return err
		}
		return b.record(ctx, by, KindListed, body{Sitting: id, Candidates: len(list)}, written{Candidates: list})
	})
}

// Adjust changes a candidate's room, number, extra time and breaks. Errors: those of
// Set, not found.
func (b *Book) Adjust(ctx context.Context, by desk.By, id string, n int, to Candidate) error {
	return b.change(ctx, by, roles.RunExams, id, func(s Sitting, now time.Time) error {
		l, ok := s.Line(n)
		if !ok {
			return errNoLine
		}
		to.Person = l.Person
		if !l.Finished.IsZero() {
			return errs.New(errs.Conflict, "They have finished.", "")
		}
		if err := b.checkCandidate(s, to); err != nil {
			return err
		}
		return b.record(ctx, by, KindAdjusted, body{Sitting: id, Line: n}, written{Candidates: []Candidate{to}})
	})
}

// Move gives a sitting another time, before it is clear or has begun. Errors: those
// of Set, not found.
func (b *Book) Move(ctx context.Context, by desk.By, id string, start time.Time, minutes int) error {
	return b.change(ctx, by, roles.RunExams, id, func(s Sitting, now time.Time) error {
		if s.begun(now) {
			return errBegun
		}
		s.Start, s.Minutes = start.UTC().Truncate(time.Minute), minutes
		if err := b.checkTimes(s, now); err != nil {
			return err
		}
		return b.record(ctx, by, KindMoved, body{Sitting: id, Start: s.Start, Minutes: minutes}, nil)
	})
}

// Cancel takes a sitting off the list, before it is clear or has begun. Errors:
// denied, not found, conflict, those of the ledger.
func (b *Book) Cancel(ctx context.Context, by desk.By, id string) error {
	return b.change(ctx, by, roles.RunExams, id, func(s Sitting, now time.Time) error {
		if s.begun(now) {
			return errBegun
		}
		return b.record(ctx, by, KindCancelled, body{Sitting: id}, nil)
	})
}

var (
	errNoLine = errs.New(errs.NotFound, "There is no such candidate in this paper.", "Look at the list of candidates.")
	errBegun  = errs.New(errs.Conflict, "This paper is clear or has begun.", "Candidates’ devices stay where they are. Record who has finished, or who is withdrawn.")
)

// change does something about a sitting that was not cancelled.
func (b *Book) change(ctx context.Context, by desk.By, p roles.Permission, id string, do func(s Sitting, now time.Time) error) error {
	b.command.Lock()
	defer b.command.Unlock()
	now := b.Stamp().Wall
	if err := by.MayInPerson(p, now); err != nil {
		return err
	}
	s, err := b.Sitting(id)
	if err != nil {
		return err
	}
	if !s.Cancelled.IsZero() {
		return errs.New(errs.Conflict, "This sitting was cancelled.", "")
	}
	return do(s, now)
}

func (p Paper) check() error {
	list := []error{checkLabel("title", p.Title), checkLabel("series", p.Series), checkLabel("board", p.Board)}
	if strings.TrimSpace(p.Title) == "" {
		list = append(list, errs.At("title", "Enter which paper it is", "For example: GCSE Mathematics, paper 1."))
	}
	if len(p.Rooms) == 0 || len(p.Rooms) > maxRooms || slices.Contains(p.Rooms, "") {
		list = append(list, errs.At("rooms", "Enter the rooms", "One on a line."))
	}
	for _, room := range p.Rooms {
		list = append(list, checkLabel("rooms", room))
	}
	return errors.Join(list...)
}

func checkLabel(field, text string) error {
	if !school.Fits(text, maxLabel) || strings.ContainsFunc(text, unicode.IsControl) {
		return errs.At(field, fmt.Sprintf("Write one line of up to %d characters", maxLabel), "")
	}
	return nil
}

// checkTimes looks at when a sitting starts and how long it lasts for everybody in it.
func (b *Book) checkTimes(s Sitting, now time.Time) error {
	var list []error
	switch {
	case s.Start.IsZero() || s.Start.Before(now):
		list = append(list, errs.At("start", "Enter when it starts, later than now", ""))
	case s.Start.Sub(now) > ahead:
		list = append(list, errs.At("start", "A sitting is set within a year", ""))
	}
	if s.Minutes < 1 || s.Minutes > maxMinutes {
		return errors.Join(append(list, errs.At("minutes", fmt.Sprintf("Enter how many minutes the paper takes, up to %d", maxMinutes), "Without anybody’s extra time."))...)
	}
	if s.Last().After(s.midnight(b.Zone)) {
		list = append(list, errs.At("start", "With all extra time it would run past midnight", ""))
	}
	return errors.Join(list...)
}

// checkNew looks at candidates that are to be entered.
func (b *Book) checkNew(s Sitting, list []Candidate) error {
	if len(s.Lines)+len(list) > MaxCandidates {
		return errs.At("candidates", fmt.Sprintf("A sitting has up to %d candidates", MaxCandidates), "Set another sitting.")
	}
	seen := map[string]bool{}
	for _, c := range list {
		if _, there := s.Of(c.Person); there || seen[c.Person] {
			return errs.At("candidates", "A pupil is entered twice", "")
		}
		seen[c.Person] = true
		if err := b.checkCandidate(s, c); err != nil {
			return err
		}
	}
	return nil
}

func (b *Book) checkCandidate(s Sitting, c Candidate) error {
	p, ok := b.People.Person(c.Person)
	switch {
	case !ok || p.Kind != register.Pupil || !p.OnRoll():
		return errs.At("candidates", "A candidate is no pupil on the roll", "Look for the name again.")
	case c.Extra < 0 || c.Extra > maxExtra:
		return errs.At("extra", fmt.Sprintf("Extra time is 0 to %d per cent", maxExtra), "")
	case c.Rest < 0 || c.Rest > maxRest:
		return errs.At("rest", fmt.Sprintf("Rest breaks are 0 to %d minutes in all", maxRest), "")
	case s.Minutes > 0 && s.Ends(c).After(s.midnight(b.Zone)):
		return errs.At("extra", "They would write past midnight", "")
	}
	return errors.Join(checkLabel("number", c.Number), checkLabel("room", c.Room))
}
