package main

import (
	"regexp"
	"testing"

	"github.com/bellkeep/bellkeep/internal/agreements"
	"github.com/bellkeep/bellkeep/locker/desk/visit"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
)

// A visitor at reception: they sign, hand a phone in for a slip, it goes behind a door
// and comes back by the slip; meanwhile a teacher sees a breach, and the safeguarding
// lead takes note of it.
func TestWalkVisitors(t *testing.T) {
	w := openWorkday(t)
	w.at(9, 0)
	office := w.signedIn(t, "office", atDesk)
	w.await("the visitors' agreement to be published", func() bool {
		_, published := w.server.Agreements.Current(agreements.Visitors)
		return published
	})
	host, _ := w.server.People.Person(w.actor("head").Person)
	office.press("Visitors’ devices")
	office.press("Let a visitor sign")
	office.pick("Whom do you visit?", host.Name())
	office.fill("Full name", "Rita Repair")
	office.press("Sign")
	office.press("Visitors’ devices")
	office.press("From Rita Repair")
	office.pick("Where do you put it?", "Office safe")
	office.press("Take it in and make the slip")
	office.sees("Your device is at reception", "Phone of Rita Repair")
	slip := regexp.MustCompile(`BK1[0-9A-Z]{27}`).FindString(axetest.Eval[string](office.Tab, "document.body.innerText"))
	item := w.server.Visits.Deposits()[0].Item
	office.press("The device")
	office.press("Put it behind a door")
	office.prove()
	office.choose("Bank D...")
	office.press("Open an empty door")
	office.prove()
	office.sees("Put the device in and shut the door.")
	w.put(item)
	office.press("Back to the device")
	office.until("", "Bank D, door")

	teacher := w.signedIn(t, "teacher", telephone)
	teacher.press("A visitor’s use of a device")
	teacher.pick("Who was it?", "Rita Repair")
	teacher.pick("Where", "Corridor")
	teacher.choose("They broke the agreement")
	teacher.fill("What you saw and said", "She filmed the corridor on a second phone.")
	teacher.press("Record it")
	teacher.sees("Rita Repair", "The safeguarding lead is told.")
	lead := w.signedIn(t, "dsl", atDesk)
	lead.press("Visitors’ breaches")
	lead.sees("For the safeguarding lead (1)", "She filmed the corridor")
	lead.fill("What was done about it...", "The film is deleted; her company knows.")
	lead.press("Take note")
	lead.sees("For the safeguarding lead (0)", "The film is deleted")
	if list := w.server.Visits.Challenges(); len(list) != 1 || list[0].Outcome != visit.Breach || list[0].Seen == nil || list[0].Seen.By != "dsl" {
		t.Errorf("on record are %+v", list)
	}

	office.press("Open its door")
	office.prove()
	office.sees("Take the device and shut the door.")
	w.takeOut(item)
	office.press("Back to the device")
	office.until("", "in the hands of")
	office.press("Visitors’ devices")
	office.fill("Scan a slip", slip)
	office.press("Find the device")
	office.press("Give it back")
	office.sees("Here (0)")
	if left := w.server.Visits.Deposits(); len(left) != 0 {
		t.Errorf("still here are %+v", left)
	}
}
