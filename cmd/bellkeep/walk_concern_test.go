package main

import (
	"testing"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/concern"
)

// A teacher is told of a picture on a phone and taps once, on a telephone. The
// office puts the phone behind an evidence door and sees no more of it; the
// safeguarding lead works on the file; and the hold ends by two people.
func TestWalkConcern(t *testing.T) {
	w := openWorkday(t, "bank-e.yaml")
	w.at(13, 5)
	pupil := w.pupils("9B")[0]
	teacher := w.signedIn(t, "teacher", telephone)
	before := teacher.keys
	teacher.press("Raise a concern")
	teacher.fill("Whose device is it, or about whom? Name of a pupil or of staff", pupil.Name())
	teacher.enter()
	teacher.press(pupil.Name() + "...")
	teacher.sees("Do not look at the device", "You have the device")
	teacher.press("It may involve an indecent image")
	t.Logf("raised with %d key presses, the name counted as one", teacher.keys-before)
	teacher.sees("The safeguarding lead has been told", "the safeguarding lead asks the force", "You will not see what is written about it")
	items := w.server.Custody.ItemsOf(pupil.ID)
	if len(items) != 1 || !w.server.Custody.Stands(items[0]) {
		t.Fatalf("in custody: %+v", items)
	}

	lead := w.signedIn(t, "dsl", atDesk)
	lead.sees("A concern was raised. Nobody has it in hand yet.")
	office := w.signedIn(t, "office", small)
	office.seesNot("A concern was raised", "Safeguarding")
	putIntoEvidence(w, office, items[0].ID)
	workOnTheFile(w, lead, pupil.Name())
	endByTwo(w, lead, items[0].ID)
}

// putIntoEvidence is the office at bank E: it sees that the device is restricted and
// where it goes, and no more.
func putIntoEvidence(w *workday, office *walker, item string) {
	office.press("Confiscated")
	office.sees("Restricted device", "See the safeguarding lead")
	office.press("Restricted device")
	office.seesNot("indecent")
	office.press("Put it behind a door")
	office.prove()
	office.choose("Bank E...")
	office.press("Open an empty door")
	e := w.bank("e")
	opened := 0
	w.await("an evidence door to open", func() bool {
		for door := range e.config.Setup.All() {
			if e.world.Door(door).Open {
				opened = door
			}
		}
		return opened != 0
	})
	w.hands(e.world.PutIn, opened, item)
	w.await("the record to have it there", func() bool {
		i, err := w.server.Custody.Item(item)
		return err == nil && i.Place.Kind == desk.Behind && i.Place.Bank == "e"
	})
}

func workOnTheFile(w *workday, lead *walker, pupil string) {
	lead.press("Safeguarding")
	lead.prove()
	lead.sees("Nobody has it in hand yet (1)", pupil)
	lead.press("S-...")
	lead.press("I have this in hand")
	lead.sees("In hand: ", "Bank E, door 1101", "A hold stands on it", "Risk assessment")
	lead.press("From the police")
	lead.fill("Text", "They ask us to keep it for them.")
	lead.fill("Reference (optional)", "46/123456/26")
	lead.press("Record")
	lead.sees("They ask us to keep it for them.", "Reference: 46/123456/26")
	lead.press("Record Police told...")
	lead.choose("Done")
	lead.fill("Reference, and of whom (if done)", "46/123456/26")
	lead.press("Record")
	lead.sees("Done: Police told")
	lead.press("Close the file")
	lead.choose("With the police")
	lead.fill("What came of it", "They have it.")
	lead.press("Record")
	lead.sees("There is a problem", "Still open: Risk assessment")
	lead.press("Cancel")
	for _, f := range w.server.Concerns.Files(desk.By{Roles: []roles.Assignment{{Role: roles.DeputyDSL}}}) {
		if f.Category != concern.Imagery || !f.Acknowledged.Some() || f.Entries[0].By != "teacher" {
			w.t.Errorf("the file is %+v", f)
		}
	}
}

// endByTwo is the lead and the head, who are the two by the school's rules.
func endByTwo(w *workday, lead *walker, item string) {
	lead.press("The hold")
	lead.press("Ask to end this hold")
	if lead.path() == "/prove" {
		lead.prove()
		lead.press("Ask to end this hold")
	}
	lead.sees("You asked", "Now a second person within the hour: the headteacher")
	if i, _ := w.server.Custody.Item(item); !w.server.Custody.Stands(i) {
		w.t.Error("one person ended it")
	}
	head := w.signedIn(lead.t, "head", atDesk)
	head.press("The hold")
	head.press("Agree and end this hold")
	head.sees("Hold ended", "by head; dsl had asked for it")
	if i, _ := w.server.Custody.Item(item); w.server.Custody.Stands(i) || i.Place.Bank != "e" {
		w.t.Errorf("two ended it: %+v", i)
	}
}
