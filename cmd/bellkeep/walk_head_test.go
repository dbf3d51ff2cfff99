package main

import (
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/exceptions"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/locker"
)

// The headteacher's work: an exception from the request to its end, who did what,
// and a change of the rules.
func TestWalkHead(t *testing.T) {
	w := openWorkday(t)
	w.at(8, 20)
	pupil := w.pupils("9B")[0]
	head := w.signedIn(t, demoSecond, atDesk)
	decideAnException(w, head, pupil)
	lookSomethingUp(head, pupil)
	tightenARule(w, head)
	loosenARule(w, head)
	seeTheRulesAtTheBank(w, pupil)
}

// asked is a teacher's request that a pupil may keep the phone for some days.
func (w *workday) asked(person string, days int) string {
	w.t.Helper()
	from := w.clock.Now()
	id, err := w.server.Exceptions.Ask(w.t.Context(), w.as("teacher"), exception.Terms{
		Kind: exception.Travel, Person: person, Scope: exception.AllDay, From: from, Until: from.AddDate(0, 0, days), Review: from.AddDate(0, 0, days),
	}, exception.Paper{Why: "Goes home alone by train this week."})
	w.must(err)
	return id
}

// as is the holder of an account who does something elsewhere than in a browser.
func (w *workday) as(account string) exceptions.By {
	w.t.Helper()
	a, known := w.server.Users.Get(account)
	if !known {
		w.t.Fatalf("nobody has the account %s", account)
	}
	return exceptions.By{Actor: school.Actor{Account: account, Person: a.Person}}
}

// holder is the name of whoever has an account.
func (w *workday) holder(account string) string {
	w.t.Helper()
	a, known := w.server.Users.Get(account)
	if !known {
		w.t.Fatalf("nobody has the account %s", account)
	}
	return a.Name
}

// decideAnException approves what a teacher asked for, and again when the teacher
// asks for longer, and ends it. Each time the bank goes by it.
func decideAnException(w *workday, head *walker, pupil register.Person) {
	id := w.asked(pupil.ID, 5)
	head.press("Today")
	head.sees("Exceptions waiting for a decision: 1.")
	head.press("Exceptions")
	head.sees("For you to decide (1)", "Goes home alone by train this week.")
	head.press("Approve for " + pupil.Name() + "...")
	head.sees("In force", "by head", "Known at Bank A since")
	w.scan(w.badge(pupil.ID), locker.Keep)

	until := w.clock.Now().AddDate(0, 0, 12)
	w.must(w.server.Exceptions.Extend(w.t.Context(), w.as("teacher"), id, until, until, "The bus comes back a week later."))
	head.press("Exceptions")
	head.sees("For you to decide (1)", "The bus comes back a week later.")
	head.press("Look or refuse...")
	head.press("Approve the extension")
	head.sees("In force", "Known at Bank A since")
	if e, _ := w.server.Exceptions.Exception(id); e.Until.Sub(until).Abs() > time.Second {
		head.t.Errorf("extended to %s, it ends at %s", until, e.Until)
	}

	head.press("End it now")
	head.sees("Ended at Bank A since")
	w.handIn(w.badge(pupil.ID))
}

// lookSomethingUp finds what was done about a pupil, in words, as it stands on
// the ledger, and as a file; and adds a correction.
func lookSomethingUp(head *walker, pupil register.Person) {
	head.press("Record")
	head.fill("Name or account", pupil.Name())
	head.press("Show")
	head.sees("Asked for an exception", "Approved an exception", "Ended an exception", "Handed in", "By "+head.day.holder("head")+" (head)", "How sure it is", "of them signed for")
	head.reach("Print", "button")
	if file := string(head.downloads("As a file (CSV)")); !strings.Contains(file, "exception-ended") || !strings.Contains(file, pupil.Name()) {
		head.t.Errorf("the file does not tell of %s:\n%.600s", pupil.ID, file)
	}
	head.press("Details of Ended an exception...")
	head.sees("As it stands on the ledger", "record ", " of school.1")
	head.fill("Correct it", "It was ended a day too early, by a slip.")
	head.press("Add the correction")
	head.sees("Corrected by head", "It was ended a day too early, by a slip.")
}

// tightenARule lets phones out ten minutes later from tomorrow on.
func tightenARule(w *workday, head *walker) {
	head.press("Rules")
	w.gate.tire(demoSecond)
	head.press("Change How long after the calendar’s time they collect")
	head.prove()
	head.fill("Then", "10")
	head.when("In force from", nextSchoolDay(w.school.Calendar, w.day).At(school.Clock{}, w.school.Calendar.Zone))
	head.fill("Why", "The buses come later.")
	head.press("Continue")
	head.sees("Check the change", "10 minutes", "The buses come later.")
	head.press("Change the rule")
	if head.proved == 0 {
		head.t.Error("nobody asked who it is that changes the rules")
	}
	head.sees("Coming into force", "The buses come later.")
}

// loosenARule asks for what takes a second person, who is the safeguarding lead.
func loosenARule(w *workday, head *walker) {
	head.press("Change Who gets a confiscated device")
	head.choose("The pupil")
	head.fill("Why", "The governors agreed.")
	head.press("Continue")
	head.sees("This loosens the rules. It waits until a second person has approved it")
	head.press("Ask for approval")
	head.sees("Waiting for somebody (1)")
	if now := w.server.Policy.Now().ReleaseTo; now != policy.ToParent {
		head.t.Errorf("one person loosened the rules: devices go to %s", now)
	}

	dsl := w.signedIn(head.t, "dsl", zoomed)
	dsl.press("Rules")
	dsl.sees("Waiting for somebody (1)", "Proposed by head")
	dsl.press("Waits for approval: Who gets a confiscated device...")
	dsl.sees("Loosens", "head needs a second person")
	dsl.press("Approve")
	dsl.seesNot("Waiting for somebody")
	if now := w.server.Policy.Now().ReleaseTo; now != policy.ToPupil {
		head.t.Errorf("after both had agreed, devices go to %s", now)
	}
}

// seeTheRulesAtTheBank waits for tomorrow: year 9 used to collect from 15:10. What
// both agreed on today still holds.
func seeTheRulesAtTheBank(w *workday, pupil register.Person) {
	w.at(15, 15, 1)
	w.scan(w.badge(pupil.ID), locker.AlreadyIn)
	w.at(15, 22, 1)
	w.collect(w.badge(pupil.ID))
	if then := w.server.Policy.Now(); then.ReleaseTo != policy.ToPupil {
		w.t.Errorf("the change for today was undone by the one for tomorrow: devices go to %s", then.ReleaseTo)
	}
}
