package main

import (
	"context"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/declarations"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk/exam"
)

// A pretend paper of the first day: when it is set, when it begins, and when the exams
// officer records that it has ended for everybody whose own time is over by then.
var (
	paperSetAt  = school.Clock{Hour: 8, Minute: 14}
	paperBegins = school.Clock{Hour: 13, Minute: 30}
	paperEndsAt = school.Clock{Hour: 14, Minute: 50}
)

const (
	paperMinutes = 60
	mostEntered  = 12 // for it
)

// exam is that paper, where the school has somebody who runs exams. A visitor of the
// demonstration may mark it clear, or change it.
func (d *demo) exam(day school.Date) []world.Errand {
	if !roles.May(d.by("exams").Roles, roles.RunExams, roles.Target{}, d.clock.Now()) || len(d.oldest()) == 0 {
		return nil
	}
	zone, id := d.school.Calendar.Zone, ""
	set := func(ctx context.Context) error {
		s, err := d.server.Exams.Set(ctx, d.by("exams"), exam.Draft{
			Paper: exam.Paper{Title: "Mathematics, mock paper 1", Series: "Mocks", Rooms: []string{"Sports hall"}},
			Start: day.At(paperBegins, zone), Minutes: paperMinutes, Leave: true, Candidates: d.oldest(),
		})
		id = s.ID
		return err
	}
	return []world.Errand{{At: day.At(paperSetAt, zone), Do: set}, {At: day.At(paperEndsAt, zone), Do: func(ctx context.Context) error { return d.endPaper(ctx, id) }}}
}

// endPaper records the finish of all whose own time is over; that of others is on record
// already, or a visitor has given them longer.
func (d *demo) endPaper(ctx context.Context, id string) error {
	s, err := d.server.Exams.Sitting(id)
	if err != nil || !s.Cancelled.IsZero() {
		return err
	}
	now, lines := d.clock.Now(), []int(nil)
	for _, l := range s.Lines {
		if l.Finished.IsZero() && l.Off.IsZero() && l.Absent == nil && !now.Before(s.Ends(l.Candidate)) {
			lines = append(lines, l.N)
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return d.server.Exams.Finish(ctx, d.by("exams"), id, lines, now, "")
}

// oldest are candidates of the school's last year; the second has extra time.
func (d *demo) oldest() (list []exam.Candidate) {
	var pupils []register.Person
	for _, p := range d.server.People.People() {
		if p.Kind == register.Pupil && p.OnRoll() {
			pupils = append(pupils, p)
		}
	}
	if len(pupils) == 0 {
		return nil
	}
	older := func(a, b register.Person) int {
		if len(a.Year) != len(b.Year) { // 11 after 9
			return len(a.Year) - len(b.Year)
		}
		return strings.Compare(a.Year, b.Year)
	}
	last := slices.MaxFunc(pupils, older).Year
	for _, p := range pupils {
		if p.Year == last && len(list) < mostEntered {
			c := exam.Candidate{Person: p.ID}
			if len(list) == 1 {
				c.Extra = 25
			}
			list = append(list, c)
		}
	}
	return list
}

// declare has a teacher declare a tie with a family, which waits for whoever takes note.
func (d *demo) declare(ctx context.Context) error {
	by := d.by(demoTeacher)
	if len(d.server.Declarations.All()) > 0 || by.Person == "" {
		return nil
	}
	_, err := d.server.Declarations.Declare(ctx, declarations.By{Actor: by.Actor, Roles: by.Roles}, declarations.Draft{
		Kind: declarations.Relationship, Text: declarations.Text{About: "The family next door, whose son is in Year 7", Why: "Neighbours for ten years"},
	})
	return err
}
