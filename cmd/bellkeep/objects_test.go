package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/exceptions"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/ui"
)

// objects are ids of what there is about one pupil, by what stands before them in
// an address.
type objects map[string]string

// fill makes one of everything about a pupil of the class that class roles reach,
// and about one of another. Nobody made it who asks later.
func (w *wholeSite) fill(t *testing.T) {
	t.Helper()
	w.objects = map[string]objects{ownPupil: w.about(t, ownPupil), otherPupil: w.about(t, otherPupil)}
}

func (w *wholeSite) about(t *testing.T, pupil string) objects {
	t.Helper()
	ctx, s := t.Context(), w.server
	now := s.Now().Wall
	actor := school.Actor{Account: "maker", Person: "s-maker"}
	by := desk.By{Actor: actor, Roles: []roles.Assignment{{Role: roles.Office}}}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	file, err := s.Custody.Confiscate(ctx, by, desk.Confiscation{Whose: pupil, What: desk.Phone, Reason: desk.Breach, Zone: desk.Corridor, Taken: now})
	check(err)
	asked, err := s.Exceptions.Ask(ctx, exceptions.By{Actor: actor}, exception.Terms{Kind: exception.Travel, Person: pupil, Scope: exception.AllDay,
		From: now, Until: now.AddDate(0, 1, 0), Review: now.AddDate(0, 1, 0)}, exception.Paper{Why: "A long way."})
	check(err)
	left, err := s.Attendance.LeaveEarly(ctx, "maker", attendance.Leave{Person: pupil, Reason: attendance.Ill, Collects: "Mother", Until: now.Add(time.Minute)})
	check(err)
	bar, err := s.Desk.Place(ctx, "maker", desk.Stop, locker.Subject{Person: pupil})
	check(err)
	return objects{"cases": file.ID, "confiscated": file.ID, "items": file.Item, "desk": file.Item, "exceptions": asked, "exception": asked,
		"leaves": left.Grant, "leave": left.Grant, "bars": bar.ID}
}

// address fills the blanks of a route's path with what is of a pupil, a form, or
// nothing there is. A form of a page that asks for nothing more would act, so those
// get an id of nothing; the API refuses what has no key.
func (w *wholeSite) address(r kit.Route, person, form string) string {
	parts := strings.Split(r.Path, "/")
	if r.Method == http.MethodGet || strings.HasPrefix(r.Path, ui.ProgramsPath) {
		for i, part := range parts {
			if id := w.objects[person][parts[max(i-1, 0)]]; id != "" && strings.HasPrefix(part, ":") {
				parts[i] = id
			}
		}
	}
	return address(strings.Join(parts, "/"), person, form)
}
