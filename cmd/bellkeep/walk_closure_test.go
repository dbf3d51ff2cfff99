package main

import (
	"bytes"
	"fmt"
	"strconv"
	"testing"

	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/locker"
)

// The hours when the lockers cannot be used: the head starts and ends a drill from a
// telephone and prints the report; the office works a bank on paper, with its key.
func TestWalkEmergency(t *testing.T) {
	w := openWorkday(t)
	w.at(8, 20)
	pupils := w.pupils("9B")
	door := w.handIn(w.badge(pupils[0].ID))
	w.at(11, 0)
	t.Run("drill", func(t *testing.T) { drill(t, w, pupils[0]) })
	t.Run("at the kiosk", func(t *testing.T) { everybodyOut(t, w) })
	w.at(11, 20)
	t.Run("paper", func(t *testing.T) { onPaper(t, w, pupils[0], door) })
}

// drill empties the school and lets it in again. No door opens meanwhile, for a badge
// or an order; the report of the banks' own records says so.
func drill(t *testing.T, w *workday, pupil register.Person) {
	w.t = t
	head := w.signedIn(t, demoSecond, telephone)
	head.press("Emergencies")
	head.press("Leave the building")
	head.choose("This is a drill")
	head.press("Stop the lockers now")
	head.sees("Fire drill: the building is being left", "Kiosk says to leave")
	w.scan(w.badge(pupil.ID), locker.LeaveNow)
	head.seesNot("Not yet")
	done, err := w.server.Banks.Order(t.Context(), "a", locker.Order{Kind: locker.OpenDoor, Person: pupil.ID, By: demoUser})
	if w.must(err); done.Refused != string(locker.Evacuated) {
		t.Errorf("an order in an evacuation: %+v", done)
	}
	head.press("Give the all-clear")
	head.press("Everybody may go back in")
	head.sees("Doors told to open in that time: 0", "All clear", "by "+w.holder(demoSecond), "Bank A")
	head.seesNot("Nothing was heard")
	head.reach("Print", "button")
	w.scan(w.badge(pupil.ID), locker.AlreadyIn)
}

// everybodyOut has the whole school left from the kiosk of one bank, with badge and
// PIN; the head's all-clear ends it there too.
func everybodyOut(t *testing.T, w *workday) {
	w.t = t
	const secret = "271828"
	person := w.as(demoUser).Person
	w.must(w.server.Staff.Set(t.Context(), "it", person, secret))
	fresh, err := w.server.Badges.IssueTo(t.Context(), "it", person)
	w.must(err)
	s, _ := w.bank("a").current()
	upto := w.server.Log.Size()
	w.await("the banks to know the badge", func() bool {
		for _, f := range w.server.Banks.InForce(upto - 1) {
			if f.Since.IsZero() {
				return false
			}
		}
		return true
	})
	w.scan(fresh[0].Token.Badge(), locker.AskPIN)
	w.must(s.PIN(t.Context(), secret))
	w.shows("a", locker.StaffMenu)
	w.must(s.Wish(t.Context(), locker.Wish{Kind: locker.WishEvacuate}))
	w.shows("a", locker.LeaveNow)
	w.shows("d", locker.LeaveNow)

	head := w.signedIn(t, demoSecond, atDesk)
	head.sees("No locker opens until the all-clear")
	head.press("Emergencies")
	head.sees("Alarm, from Bank A (staff at the kiosk)")
	head.press("Give the all-clear")
	head.sees("It began at the bank itself: Bank A")
	head.press("Everybody may go back in")
	head.sees("Doors told to open in that time: 0", "staff at the kiosk, "+w.holder(demoUser))
	w.shows("a", locker.Scan)
	w.shows("d", locker.Scan)
}

// shows waits until the kiosk of a bank shows something.
func (w *workday) shows(bank string, word locker.Word) {
	w.t.Helper()
	s, _ := w.bank(bank).current()
	w.await(fmt.Sprintf("the kiosk of bank %s to show %s", bank, word), func() bool {
		_, screen, err := s.Screens.Kiosk("front").Next(w.t.Context(), 0)
		return err == nil && screen.Word == word
	})
}

// onPaper prints the list, gives out the key, types in what was ticked, and looks at
// the doors, of which none counts as known before.
func onPaper(t *testing.T, w *workday, pupil register.Person, door int) {
	w.t = t
	office := w.signedIn(t, demoUser, atDesk)
	office.press("Paper mode")
	if list := office.downloads("By form and name (PDF)"); !bytes.HasPrefix(list, []byte("%PDF-")) {
		t.Errorf("the list is no PDF: %.20q", list)
	}
	office.press("the key is out")
	office.pick("Which bank?", "Bank A")
	office.pick("Who takes it?", w.holder(demoSecond))
	office.choose("The bank has no power")
	office.press("The key is out")
	office.sees("Out now", w.holder(demoSecond)+" has it")
	office.press("The key is back...")
	office.sees("Before", w.holder(demoSecond)+" had it")

	office.press("Paper mode")
	office.fill("Whose device?", pupil.Name())
	office.choose("Taken out, given to the pupil")
	office.pick("Bank", "Bank A")
	office.fill("Door", strconv.Itoa(door))
	office.pick("Who ticked it?", w.holder(demoSecond))
	office.press("Add this line")
	office.sees("From paper (1)", fmt.Sprintf("%s: Bank A, door %d", pupil.Name(), door))
	office.seesNot("Contradicts the record")

	office.press("Emergencies")
	office.until("Emergencies", "doors unverified")
	office.press("Bank A: ...")
	office.sees("Somebody may have been at these doors", pupil.Name())
	office.choose(fmt.Sprintf("Door %d is as it should be", door))
	office.press("These are as they should be")
	office.sees("1 of ")
	if w.inDoubt(door) || !w.inDoubt(door+1) {
		t.Errorf("door %d is in doubt: %t, the next: %t", door, w.inDoubt(door), w.inDoubt(door+1))
	}
}

// inDoubt reports whether a door of bank a is to be looked at.
func (w *workday) inDoubt(door int) bool {
	for _, b := range w.server.Banks.Banks() {
		for _, d := range b.Board.Doors {
			if b.Setup.Bank == "a" && d.Number == door {
				return d.InDoubt
			}
		}
	}
	return false
}
