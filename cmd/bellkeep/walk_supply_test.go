package main

import (
	"testing"

	"github.com/bellkeep/bellkeep/internal/agreements"
	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
)

// A supply teacher's only day: the office makes a pass, which shows one class and
// no other, and is nothing any more when the day is over.
func TestWalkSupply(t *testing.T) {
	w := openWorkday(t)
	class, others := w.pupils("9A"), w.pupils("9B")
	in, missing, taken := class[0], class[1], class[2]
	w.at(8, 20)
	w.handIn(w.badge(in.ID))
	account, code := dayPass(w, "Sam Supply", "9A")

	supply := w.walk(t, "supply", small)
	supply.at("/sign-in")
	supply.press("Use a one-time code")
	supply.fill("Code", code)
	supply.press("Go on")
	supply.fill("Password", "kept until the last bell")
	supply.fill("The same again", "kept until the last bell")
	supply.press("Set the password")
	supply.sees("Form 9A", missing.Name()+" Not handed in", in.Name()+" Handed in")
	supply.seesNot(others[0].Name(), "9B")
	for _, path := range []string{"/my-form?form=9B", "/person/" + others[0].ID, "/attendance/form/9B", "/person/" + others[0].ID + "/exception"} {
		supply.at(path)
		supply.seesNot(others[0].Name())
	}

	supply.press("Go to the start page")
	supply.press("Attendance")
	supply.press("9A")
	supply.pick("Attendance of "+missing.Name(), "Late")
	supply.press("Save")
	if got := w.server.Attendance.Day(w.day).Of(missing.ID).Register; got != attendance.Late {
		t.Errorf("%s is marked %q", missing.ID, got)
	}
	supply.press("Not handed in")
	supply.sees(missing.Name() + " (late)")
	supply.seesNot(in.Name(), others[0].Name())

	supply.press("Confiscate")
	supply.fill("Pupil’s name", taken.Name())
	supply.enter()
	supply.press(taken.Name() + "...")
	supply.choose("Behaviour")
	supply.pick("Where?", "Classroom")
	supply.press("Confiscate")
	supply.sees("Confiscation recorded", "In the hands of Sam Supply")
	if list := w.server.Custody.Cases(); len(list) != 1 || list[0].Whose != taken.ID || list[0].By != account || list[0].Facts.Reason != desk.Behaviour {
		t.Errorf("the cases are %+v", list)
	}

	w.at(17, 0)
	supply.press("What I have taken")
	supply.sees("Sign in to go on.", "a day pass ends with its day")
	supply.seesNot(taken.Name())
	if standing, live := w.server.Users.Standing(account); live || len(standing.Roles) > 0 && roles.May(standing.Roles, roles.SeeForm, roles.Target{Form: "9A"}, w.clock.Now()) {
		t.Errorf("after its end the pass is %+v", standing)
	}
}

// dayPass is a pass that the office makes for a form, and the code on it.
func dayPass(w *workday, name, form string) (account, code string) {
	w.t.Helper()
	office := w.signedIn(w.t, "office", atDesk)
	w.await("the visitors' agreement to be published", func() bool {
		_, published := w.server.Agreements.Current(agreements.Visitors)
		return published
	})
	office.press("Day pass")
	office.sees("Nobody here has signed the visitors’ agreement for today")
	office.press("Let them read and sign it first")
	host, _ := w.server.People.Person(w.actor("office").Person)
	office.pick("Whom do you visit?", host.Name())
	office.fill("Full name", name)
	office.press("Sign")
	office.press("Day pass for " + name)
	office.choose(form)
	office.press("Make the pass")
	office.prove()
	office.sees("Hand this to " + name)
	slip := axetest.Eval[[]string](office.Tab, `[...document.querySelectorAll("code")].map(c => c.innerText)`)
	if len(slip) != 2 {
		w.t.Fatalf("on the slip: %q", slip)
	}
	return slip[0], slip[1]
}
