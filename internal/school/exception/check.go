package exception

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
)

// MaxText is the longest text anybody may write about an exception, in
// characters.
const MaxText = 500

// Check tells all that stands against terms somebody asks for at now. Each fault
// names the field it is about: kind, person, form, scope, lesson, start, end,
// from, until, review, allow, group. Errors: invalid, denied.
func (t Terms) Check(r policy.Rules, c school.Calendar, now time.Time) error {
	if !t.Kind.Known() {
		return errs.At("kind", "Choose the kind of exception", "")
	}
	if !t.Kind.Allowed(r) {
		return errs.New(errs.Denied, "The school's rules do not allow this kind of exception.", "See the school's policy.")
	}
	faults := []error{t.checkWho(), t.checkUse()}
	if t.Kind == Curriculum {
		return errors.Join(append(faults, t.checkLesson(c, now))...)
	}
	return errors.Join(append(faults, t.checkScope(c.Zone), t.CheckTimes(now))...)
}

func (t Terms) checkWho() error {
	switch {
	case t.Kind == Curriculum && t.Person != "":
		return errs.At("form", "An exception for a lesson is for the class", "")
	case t.Kind == Curriculum && t.Form == "":
		return errs.At("form", "Choose the class", "")
	case t.Kind != Curriculum && t.Form != "":
		return errs.At("kind", "Only a lesson's exception is for a whole class", "Ask for each pupil who needs one.")
	case t.Kind != Curriculum && !school.ValidID(t.Person):
		return errs.At("person", "Choose whose exception it is", "")
	}
	return nil
}

// checkUse looks at what is freed on school devices.
func (t Terms) checkUse() error {
	for i, s := range t.Allow {
		if !slices.Contains(Settings, s) || slices.Contains(t.Allow[:i], s) {
			return errs.At("allow", "Choose what to allow on school devices from the list", "")
		}
	}
	switch {
	case t.Group == "":
		return nil
	case t.Kind != Curriculum || len(t.Allow) == 0:
		return errs.At("group", "A group of school devices is for a lesson, with what to allow on them", "")
	case !school.ValidID(t.Group):
		return errs.At("group", "Choose a group of school devices from the list", "")
	}
	return nil
}

// checkLesson demands one lesson of the timetable that is not over: no day, no
// term, nothing that comes back by itself.
func (t Terms) checkLesson(c school.Calendar, now time.Time) error {
	day, ok := c.Day(school.DateOf(t.From.In(c.Zone)))
	is := func(p school.Period) bool {
		return p.Kind == school.Lesson && p.From.Equal(t.From) && p.Until.Equal(t.Until)
	}
	switch {
	case t.Scope != Once || !ok || !slices.ContainsFunc(day.Periods, is):
		return errs.At("lesson", "Choose one lesson of the timetable", "Ask again for each lesson.")
	case !t.Review.Equal(t.Until):
		return errs.At("lesson", "A lesson's exception ends with the lesson", "")
	case !now.Before(t.Until):
		return errs.At("lesson", "That lesson is over", "Choose one that is still to come.")
	case t.From.Sub(now) > Early:
		return errs.At("lesson", "Choose a lesson within the next four weeks", "")
	}
	return nil
}

func (t Terms) checkScope(zone *time.Location) error {
	switch {
	case t.Scope != AllDay && t.Scope != Daily && t.Scope != Once:
		return errs.At("scope", "Choose when it is in force", "")
	case t.Scope == Daily && !t.Start.Before(t.End):
		return errs.At("end", "The time of day until when must be after the time from when", "")
	case t.Scope == Once && school.DateOf(t.From.In(zone)) != school.DateOf(t.Until.Add(-1).In(zone)):
		return errs.At("until", "Once means on one day", "Choose every school day, or all day.")
	}
	return nil
}

// CheckTimes looks at beginning, end and review. Both of the latter lie within a
// year of the beginning, or of now when it has begun.
func (t Terms) CheckTimes(now time.Time) error {
	year := now.AddDate(1, 0, 0)
	if t.From.After(now) {
		year = t.From.AddDate(1, 0, 0)
	}
	year = year.AddDate(0, 0, 1) // the last day counts whole
	var faults []error
	if t.From.IsZero() || t.From.After(now.AddDate(1, 0, 0)) {
		faults = append(faults, errs.At("from", "Enter when it begins, within a year", ""))
	}
	switch {
	case t.Until.IsZero():
		faults = append(faults, errs.At("until", "Enter when it ends", ""))
	case !t.From.Before(t.Until):
		faults = append(faults, errs.At("until", "It must end after it begins", ""))
	case !now.Before(t.Until):
		faults = append(faults, errs.At("until", "Its end is over already", ""))
	case t.Until.After(year):
		faults = append(faults, errs.At("until", "It must end within a year", "It can be extended then."))
	}
	switch {
	case t.Review.IsZero():
		faults = append(faults, errs.At("review", "Enter when somebody looks at it again", ""))
	case !now.Before(t.Review) || !t.From.Before(t.Review):
		faults = append(faults, errs.At("review", "The review must be ahead, after it begins", ""))
	case t.Review.After(year) || t.Review.After(t.Until):
		faults = append(faults, errs.At("review", "The review must be within a year, and not after the end", ""))
	}
	return errors.Join(faults...)
}

// Check tells what is missing or too long; the fields are why, evidence and
// departure. Errors: invalid.
func (p Paper) Check(k Kind) error {
	return errors.Join(
		CheckText("why", p.Why, "Enter the reason"),
		CheckText("evidence", p.Evidence, ""),
		CheckText("departure", p.Departure, map[bool]string{true: "Enter why the school departs from national guidance"}[k == Curriculum]),
	)
}

// CheckText checks what somebody wrote; where it must not be empty, needed says
// so.
func CheckText(field, text, needed string) error {
	control := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }
	switch {
	case needed != "" && strings.TrimSpace(text) == "":
		return errs.At(field, needed, "")
	case utf8.RuneCountInString(text) > MaxText:
		return errs.At(field, "Write no more than 500 characters", "")
	case !utf8.ValidString(text) || strings.ContainsFunc(text, control):
		return errs.At(field, "Write plain text", "")
	}
	return nil
}
