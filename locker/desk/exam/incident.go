package exam

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// Found is a device that somebody found with a candidate.
type Found struct {
	At       time.Time
	What     desk.What
	Active   bool   // it rang, was looked at or otherwise in use
	Happened string // in a few words, by whoever saw it
}

// Report records that a device was found with a candidate in their paper, and that it
// was taken: a case of a confiscation begins, with the exam as its reason. It tells
// nobody, and decides nothing about the candidate: people do. Errors: denied, not
// found, conflict, invalid by field (at, what, happened), those of the confiscation.
func (b *Book) Report(ctx context.Context, by desk.By, id string, n int, f Found) (Incident, error) {
	var made Incident
	err := b.change(ctx, by, roles.Invigilate, id, func(s Sitting, now time.Time) error {
		l, ok := s.Line(n)
		f.Happened = strings.TrimSpace(f.Happened)
		switch {
		case !ok:
			return errNoLine
		case !s.begun(now):
			return errs.New(errs.NotNow, "This paper has not begun.", "Before it starts, a device is handed in like any other.")
		case len(s.Incidents) >= maxIncidents:
			return errs.New(errs.Conflict, "There are too many incidents in this sitting.", "")
		}
		if err := f.check(s, now); err != nil {
			return err
		}
		file, err := b.Remove(ctx, by, desk.Confiscation{Whose: l.Person, What: f.What, Reason: desk.Exam, Zone: desk.ExamRoom, Taken: f.At,
			Considered: true, Despite: b.Needs(l.Person), Account: desk.Account{Room: l.Room, Happened: f.Happened}})
		if err != nil {
			return err
		}
		if err := b.record(ctx, by, KindIncident, body{Sitting: id, Line: n, At: f.At.UTC(), What: f.What, Active: f.Active, Case: file.ID}, written{Text: f.Happened}); err != nil {
			return err
		}
		if s, err = b.Sitting(id); err == nil {
			made = s.Incidents[len(s.Incidents)-1]
		}
		return err
	})
	return made, err
}

func (f Found) check(s Sitting, now time.Time) error {
	var list []error
	if f.At.Before(s.from()) || f.At.After(now.Add(time.Minute)) {
		list = append(list, errs.At("at", "It happened between the start of the paper and now", ""))
	}
	if !slices.Contains(desk.Whats, f.What) {
		list = append(list, errs.At("what", "Choose what was found", ""))
	}
	if f.Happened == "" || !school.Fits(f.Happened, maxText) {
		list = append(list, errs.At("happened", fmt.Sprintf("Write what happened, in up to %d characters", maxText), "Only what was seen and heard."))
	}
	return errors.Join(list...)
}
