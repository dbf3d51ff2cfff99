package main

import (
	"testing"

	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/locker"
)

// A deputy who acts as head from tomorrow, for two days: before, within and after
// them, at a telephone.
func TestWalkActingHead(t *testing.T) {
	w := openWorkday(t)
	pupils := w.pupils("9B")
	head := w.signedIn(t, demoSecond, atDesk)
	deputy := w.signedIn(t, "deputy", telephone)
	giveTheRole(w, head, deputy)
	w.at(8, 30, 1)
	decideForTheHead(w, deputy, pupils[0])
	holdAndLetGo(w, deputy, pupils[1])
	refusedAfterwards(w, deputy, pupils[2])
}

// giveTheRole makes the deputy head from tomorrow to the day after it.
func giveTheRole(w *workday, head, deputy *walker) {
	tomorrow := nextSchoolDay(w.school.Calendar, w.day)
	head.press("Access")
	head.press(w.holder("deputy"))
	head.pick("Role", "Headteacher")
	head.when("First day", tomorrow.At(school.Clock{}, w.school.Calendar.Zone))
	head.when("Last day", tomorrow.Next().At(school.Clock{}, w.school.Calendar.Zone))
	head.press("Give the role")
	head.sees("From " + w.on(tomorrow, "2 Jan 2006") + ", 00:00 until the end of " + w.on(tomorrow.Next(), "2 Jan 2006") + ", given by head")

	deputy.press("Today")
	deputy.seesNot("Record", "Access")
}

// decideForTheHead approves what the head may not, who asked for it.
func decideForTheHead(w *workday, deputy *walker, pupil register.Person) {
	from := w.clock.Now()
	by := w.as(demoSecond)
	by.Head = true
	_, err := w.server.Exceptions.Ask(w.t.Context(), by, exception.Terms{
		Kind: exception.Travel, Person: pupil.ID, Scope: exception.AllDay, From: from, Until: from.AddDate(0, 0, 2), Review: from.AddDate(0, 0, 2),
	}, exception.Paper{Why: "Goes to a funeral."})
	w.must(err)
	deputy.press("Exceptions")
	deputy.sees("For you to decide (1)", "Goes to a funeral.")
	deputy.press("Approve for " + pupil.Name() + "...")
	deputy.sees("In force", "by deputy", "Known at Bank A since")
	w.scan(w.badge(pupil.ID), locker.Keep)
}

// holdAndLetGo holds what a pupil handed in, and is one of the two who end that.
func holdAndLetGo(w *workday, deputy *walker, pupil register.Person) {
	w.handIn(w.badge(pupil.ID))
	deputy.press("Today")
	deputy.fill("Find a name, a form or a door number", pupil.Name())
	deputy.sees("Found for")
	deputy.press(pupil.Name())
	deputy.press("Place a hold")
	deputy.choose("The pupil")
	deputy.press("Place the hold")
	deputy.sees("Placed at 08:3", "by deputy", "In force at Bank A since")
	w.at(15, 25, 1)
	w.scan(w.badge(pupil.ID), locker.Office)

	w.gate.tire("deputy")
	deputy.press("Ask to end this hold")
	if deputy.prove(); deputy.proved == 0 {
		deputy.t.Error("nobody asked who it is that ends a hold")
	}
	deputy.press("Ask to end this hold") // which was not done before they had said so
	deputy.sees("You asked", "Now a second person within the hour: ")
	w.scan(w.badge(pupil.ID), locker.Office)

	dsl := w.signedIn(deputy.t, "dsl", telephone)
	dsl.sees("deputy asked", "to end a hold.")
	dsl.press("The hold")
	dsl.press("Agree and end this hold")
	dsl.sees("Hold ended", "by dsl; deputy had asked for it", "In force at Bank A since")
	w.collect(w.badge(pupil.ID))
}

// refusedAfterwards presses, when the two days are over, what was on the page on
// the last of them.
func refusedAfterwards(w *workday, deputy *walker, pupil register.Person) {
	w.at(15, 30, 2)
	id := w.asked(pupil.ID, 5)
	deputy.press("Exceptions")
	deputy.sees("For you to decide (1)")
	w.at(0, 5, 3)
	deputy.press("Approve for " + pupil.Name() + "...")
	deputy.sees("You may not do that.")
	if e, _ := w.server.Exceptions.Exception(id); w.server.Exceptions.State(e) != exception.Waiting {
		deputy.t.Errorf("it is %s", w.server.Exceptions.State(e))
	}
	deputy.press("Go to the start page")
	deputy.seesNot("Record", "Access")
	deputy.press("Exceptions")
	deputy.sees("Waiting for the headteacher (1)")
	deputy.seesNot("For you to decide")
}
