package main

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk/exam"
)

// The exams officer's morning, on a telephone: a paper is set, one candidate is
// missing, says that they have no phone, and the paper is clear. Meanwhile the bank
// gives nothing back, and after the finish it does.
func TestWalkExams(t *testing.T) {
	w := openWorkday(t)
	class := w.pupils("9B")
	in, missing := class[0], class[1]
	w.at(8, 20)
	w.handIn(w.badge(in.ID))

	officer := w.signedIn(t, "exams", telephone)
	officer.press("Exams")
	officer.press("Set a paper")
	officer.fill("Paper", "GCSE Mathematics, paper 1")
	officer.fill("Series (optional)", "June 2027")
	officer.fill("Rooms", "Sports hall")
	officer.when("Starts", w.day.At(school.Clock{Hour: 9}, w.school.Calendar.Zone))
	officer.fill("How many minutes it takes", "60")
	officer.choose("As soon as they have finished")
	officer.press("Go on to the candidates")
	officer.fill("Names, or a list", in.Name()+"\r"+missing.Name())
	officer.press("Look at the candidates")
	officer.sees("2 candidates would be entered", in.Name(), missing.Name())
	officer.press("Enter 2 candidates")
	officer.sees("Missing (1)", "Handed in (1)", "Not clear: 1 missing")

	w.at(8, 50)
	officer.press(missing.Name())
	officer.press("No device with them")
	officer.sees("Somebody else of the staff must be the witness")
	head, _ := w.server.People.Person(w.actor("head").Person)
	officer.pick("Who else heard it", head.Name())
	officer.press("No device with them")
	officer.sees("Everybody accounted for, not marked clear")
	officer.choose("Everybody was asked about phones, watches, earbuds and any other device")
	officer.press("Mark as clear")
	officer.sees("Clear since 08:50")
	officer.until("Look again", "Bank A since")

	w.at(9, 20)
	w.scan(w.badge(in.ID), locker.Office)
	w.at(10, 1)
	w.scan(w.badge(in.ID), locker.Office) // its time is over, and nobody has said that it has ended
	officer.until("Look again", "The own time of 2 candidates is over")
	officer.when("When the paper ended for them", w.day.At(school.Clock{Hour: 10}, w.school.Calendar.Zone))
	officer.press("Record the finish for those whose time was over")
	officer.sees("Finished (2)")
	s := w.server.Exams.Sittings()[0]
	w.await("bank A to let them go", func() bool {
		for _, f := range w.server.Banks.InForce(s.Seq) {
			if f.Bank.Setup.Bank == "a" && !f.Since.IsZero() {
				return true
			}
		}
		return false
	})
	w.clock.Skip(w.clock.Now().Add(time.Minute))
	if door := w.collect(w.badge(in.ID)); inside(w.bank("a").world, door) {
		t.Errorf("the phone is still behind door %d", door)
	}
	if c := s.Cleared; len(c) != 1 || c[0].Counts != (exam.Counts{Deposited: 1, None: 1}) || c[0].By != "exams" {
		t.Errorf("cleared as %+v", c)
	}
}
