package main

import (
	"slices"
	"testing"

	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// A teacher's morning, on a telephone: who of the form has not handed in, a phone
// taken in the corridor, and an exception asked for that the head then finds.
func TestWalkTeacher(t *testing.T) {
	w := openWorkday(t)
	nine := w.pupils("9B")
	in, missing, taken := nine[0], nine[1], nine[2]
	w.at(8, 20)
	w.handIn(w.badge(in.ID))
	w.at(8, 45)
	teacher := w.signedIn(t, "teacher", telephone)

	teacher.sees("Form 9B", missing.Name()+" Not handed in", in.Name()+" Handed in")
	teacher.press("Attendance")
	teacher.press("9B")
	teacher.press("Save")
	if got := w.server.Attendance.Day(w.day).Of(missing.ID).Register; got != attendance.Present {
		t.Errorf("%s is marked %q", missing.ID, got)
	}
	teacher.press("Not handed in")
	teacher.sees(missing.Name())
	teacher.seesNot(in.Name())

	before := teacher.keys
	teacher.press("Confiscate")
	teacher.fill("Pupil’s name", taken.Given)
	teacher.enter()
	teacher.press(taken.Name() + "...")
	teacher.choose("Phone policy")
	teacher.pick("Where?", "Corridor")
	teacher.press("Confiscate")
	teacher.sees("Confiscation recorded", "Take it to the office")
	t.Logf("a phone is taken with %d key presses, the name counted as one", teacher.keys-before)
	list := w.server.Custody.Cases()
	if len(list) != 1 || list[0].Whose != taken.ID || list[0].Facts.Reason != desk.Breach || list[0].Facts.Zone != desk.Corridor {
		t.Fatalf("the cases are %+v", list)
	}

	teacher.press("My form")
	teacher.press("Ask for an exception")
	teacher.press("For a class, in one lesson")
	teacher.pick("Class", "9B")
	teacher.pick("Lesson", "Mon")
	teacher.fill("What the class does with them", "Film how the pendulum swings.")
	teacher.fill("Why depart from national guidance", "The school has no other cameras.")
	teacher.press("Ask the headteacher")
	teacher.sees("Waits for a decision")
	if !slices.ContainsFunc(w.server.Exceptions.All(), func(e exception.Exception) bool {
		return e.Kind == exception.Curriculum && e.Form == "9B" && e.Asked.By == "teacher" && e.Approved.At.IsZero()
	}) {
		t.Errorf("asked for: %+v", w.server.Exceptions.All())
	}
	head := w.signedIn(t, "head", atDesk)
	head.press("Exceptions")
	head.sees("For you to decide (1)", "Film how the pendulum swings.")
}
