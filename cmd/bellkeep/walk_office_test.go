package main

import (
	"bytes"
	"testing"

	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// The office's day: a pupil who leaves early, one who has lost the badge, and a
// parent at the desk after school.
func TestWalkOffice(t *testing.T) {
	w := openWorkday(t)
	pupils := w.pupils("9B")
	w.at(8, 20)
	t.Run("leaves early", func(t *testing.T) { leavesEarly(t, w, pupils[0]) })
	t.Run("lost badge", func(t *testing.T) { lostBadge(t, w, pupils[1]) })
	t.Run("parent at the desk", func(t *testing.T) { parentAtDesk(t, w) })
}

// leavesEarly lets a pupil collect once, before the end of the day: the page says
// where that is in force, the bank opens once and says by which permission, and
// the page says that it is used.
func leavesEarly(t *testing.T, w *workday, pupil register.Person) {
	w.t = t
	door := w.handIn(w.badge(pupil.ID))
	office := w.signedIn(t, "office", atDesk)
	w.gate.tire("office")
	w.at(11, 0)
	w.scan(w.badge(pupil.ID), locker.AlreadyIn)

	office.fill("Find a name, a form or a door number", pupil.Given)
	office.sees("Found for")
	office.press(pupil.Name())
	office.press("Leaves early")
	office.prove()
	office.choose("Appointment")
	office.fill("Who comes for them", "Her mother")
	office.press("Let them collect once")
	office.prove()
	office.sees("may collect once")
	office.until("See how it stands now", "In force at Bank A since")

	if got := w.collect(w.badge(pupil.ID)); got != door || inside(w.bank("a").world, door) {
		t.Errorf("door %d opened, the phone was behind door %d", got, door)
	}
	office.until("See how it stands now", "Collected")
	var opened []locker.Event
	for _, e := range w.server.Banks.History(pupil.ID) {
		if e.Event.Kind == locker.Intent && e.Event.Grant != "" {
			opened = append(opened, e.Event)
		}
	}
	if len(opened) != 1 {
		t.Errorf("opened with a permission: %+v", opened)
	}
	w.at(11, 40)
	w.scan(w.badge(pupil.ID), locker.PutIn) // nothing is in there any more, and nothing opens twice
}

// lostBadge gives a spare for a lost badge, before a screen at 400 % zoom: every
// bank refuses the one and takes the other.
func lostBadge(t *testing.T, w *workday, pupil register.Person) {
	w.t = t
	spares, err := w.server.Badges.Spares(t.Context(), "it", 1)
	w.must(err)
	office := w.signedIn(t, "office-two", zoomed)
	office.fill("Find a name, a form or a door number", pupil.Name())
	office.sees("Found for")
	office.press(pupil.Name())
	office.press("Lost badge")
	office.prove()
	office.fill("Scan the spare", spares[0].Code.Text())
	office.press("Give this badge")
	office.sees("Every bank knows it.")
	w.scan(w.badge(pupil.ID), locker.Office)
	door := w.handIn(spares[0].Token.Badge())
	if door == 0 || !inside(w.bank("a").world, door) {
		t.Errorf("with the spare the phone is behind door %d", door)
	}
	office.sees("Handed in")
	if live, err := w.server.Badges.Live(pupil.ID); err != nil || live.Serial != spares[0].Serial || w.server.Badges.Of(pupil.ID)[0].State != badges.Revoked {
		t.Errorf("the badge in use is %+v, %v", live, err)
	}
}

// parentAtDesk puts a confiscated phone behind a door, and hands it to a parent
// after school, who shows who they are; not before, and not to an adult who must
// not have it.
func parentAtDesk(t *testing.T, w *workday) {
	w.t = t
	child, parent, other := w.family()
	name := func(person string) string { p, _ := w.server.People.Person(person); return p.Name() }
	w.at(11, 45)
	file, err := w.server.Custody.Confiscate(t.Context(), w.by("teacher"), desk.Confiscation{
		Whose: child, What: desk.Phone, Reason: desk.Breach, Zone: desk.Corridor, Taken: w.clock.Now(), Considered: true, Despite: true,
	})
	w.must(err)
	office := w.signedIn(t, "office", atDesk)
	w.gate.tire("office")
	office.press("Confiscated")
	office.press(name(child) + "...")
	office.sees("In the hands of " + name(w.by("teacher").Person))
	office.press("Put it behind a door")
	office.prove()
	office.choose("Bank D...")
	office.press("Open an empty door")
	office.prove()
	office.sees("Put the device in and shut the door.")
	w.put(file.Item)
	office.press("Back to the case")
	office.until("", "Bank D, door")

	w.at(15, 40)
	office.press("Confiscated devices")
	office.press(name(child) + "...")
	office.press("Release to a parent")
	office.choose(w.adult(child, other).listed)
	office.choose("Photo ID seen")
	office.fill("Or the adult’s name, typed", w.adult(child, other).name)
	office.press("Release it")
	office.sees("Do not release. See the safeguarding lead.")
	office.choose(w.adult(child, parent).listed)
	office.fill("Or the adult’s name, typed", w.adult(child, parent).name)
	office.press("Release it")
	office.sees("Hand the device over and shut the door")
	w.takeOut(file.Item)
	office.press("Back to the case")
	office.until("", "Released to")
	office.sees(w.adult(child, parent).name, "Photo ID seen")
	w.await("the case to be closed", func() bool {
		closed, err := w.server.Custody.Case(file.ID)
		return err == nil && closed.Outcome == desk.ReleasedToAdult
	})
	var report bytes.Buffer
	if err := w.bank("d").compare(t.Context(), &report, false); err != nil {
		t.Errorf("what the bank has on record is not what happened: %v\n%s", err, &report)
	}
	if office.proved == 0 {
		t.Error("a door was opened for somebody who had not said for five minutes who they are")
	}
}
