package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/exceptions"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// A pretend school's year, beside hand-in and collection.
const (
	schoolDays     = 190
	casesADay      = 2  // confiscations, all released but for the last day's
	absentOf       = 17 // one pupil in so many is marked absent
	exceptionEvery = 2  // days
	exceptionFor   = 60 * 24 * time.Hour
)

// pretendStaff is somebody with an account of old.
func pretendStaff(id string, r roles.Role) desk.By {
	return desk.By{Actor: school.Actor{Account: id, Person: "s-" + id}, Roles: []roles.Assignment{{Role: r}}}
}

// lifeYear records what people do in a year until a moment: attendance every
// day, phones confiscated and released, exceptions asked for and approved.
func (b *benchSchool) lifeYear(ctx context.Context, pupils int, until time.Time) (err error) {
	s, err := b.open(ctx, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	first := b.now().Wall
	defer b.set(first)
	life := benchLife{Server: s, school: b, pupils: pupils}
	for n := range schoolDays {
		b.set(first.Add(until.Sub(first) * time.Duration(n) / schoolDays))
		if err := life.day(ctx, n); err != nil {
			return fmt.Errorf("day %d of the pretend year: %w", n+1, err)
		}
	}
	return nil
}

// benchLife is a year under way.
type benchLife struct {
	*server.Server
	school *benchSchool
	pupils int
	open   []string // cases
}

func (l *benchLife) day(ctx context.Context, n int) error {
	now := l.school.now().Wall
	marks := make(map[string]attendance.Mark, l.pupils)
	for p := range l.pupils {
		marks[fmt.Sprintf("p-%04d", p)] = attendance.Present
		if (p+n)%absentOf == 0 {
			marks[fmt.Sprintf("p-%04d", p)] = attendance.Absent
		}
	}
	if _, err := l.Attendance.Mark(ctx, benchBy, school.DateOf(now.In(l.school.school.Calendar.Zone)), attendance.ByFile, marks); err != nil {
		return err
	}
	if err := l.releaseAll(ctx); err != nil {
		return err
	}
	for i := range casesADay {
		if err := l.confiscate(ctx, fmt.Sprintf("p-%04d", (n*casesADay+i)*7%l.pupils)); err != nil {
			return err
		}
	}
	if n%exceptionEvery != 0 {
		return nil
	}
	return l.except(ctx, fmt.Sprintf("p-%04d", n*11%l.pupils))
}

func (l *benchLife) confiscate(ctx context.Context, pupil string) error {
	file, err := l.Custody.Confiscate(ctx, pretendStaff("teacher", roles.Teacher), desk.Confiscation{
		Whose: pupil, What: desk.Phone, Reason: desk.Breach, Zone: desk.Corridor, Taken: l.school.now().Wall, Considered: true, Despite: true, Outside: true,
		Account: desk.Account{Room: "14", Condition: "Crack at the top left."},
	})
	l.open = append(l.open, file.ID)
	return err
}

// releaseAll hands over what was taken before today.
func (l *benchLife) releaseAll(ctx context.Context) error {
	var kept []string
	for _, id := range l.open {
		file, err := l.Custody.Case(id)
		if err != nil {
			return err
		}
		err = l.Custody.Hand(ctx, pretendStaff(benchBy, roles.Office), desk.Release{
			Case: id, To: desk.ToParent, Contact: "c1-" + file.Whose, Identity: desk.PhotoID, Signed: desk.Signature{Name: "First Parent"},
		})
		switch {
		case errs.CodeOf(err) == errs.NotNow:
			kept = append(kept, id)
		case err != nil:
			return err
		}
	}
	l.open = kept
	return nil
}

func (l *benchLife) except(ctx context.Context, pupil string) error {
	now := l.school.now().Wall
	id, err := l.Exceptions.Ask(ctx, exceptions.By{Actor: pretendStaff("teacher", roles.Teacher).Actor},
		exception.Terms{Kind: exception.Medical, Scope: exception.AllDay, Person: pupil, From: now, Until: now.Add(exceptionFor), Review: now.Add(exceptionFor / 2)},
		exception.Paper{Why: "Glucose readings on the phone.", Evidence: "Care plan on file."})
	if err != nil {
		return err
	}
	return l.Exceptions.Approve(ctx, exceptions.By{Actor: pretendStaff("head", roles.Head).Actor, Head: true}, id)
}
