package main

import (
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/chromedp/kb"
)

// A change of device rules from asking to its end: IT asks, a teacher is the second
// person, the device does it and says so; IT undoes it and the device does that too.
func TestWalkDeviceRules(t *testing.T) {
	w := openWorkday(t)
	w.at(9, 0) // the first lesson
	it := w.signedIn(t, "it", atDesk)
	if got := w.shared(); got != mdm.Block {
		t.Fatalf("before, sharing is %s", got)
	}
	it.press("Device rules")
	it.press("Change Quiet in lessons")
	it.sharing("As the user likes")
	it.press("Continue")
	it.sees("Check the change", "Trolley 1", "AirDrop and sharing nearby", "1 of 1 devices", "Two people review it")
	it.fill("Why", "The class shares its films.")
	it.press("Ask for this change") // and forgets the risk
	it.sees("Say what could go wrong")
	it.fill("What could go wrong, and what is done about it", "Pictures may travel; the teacher looks on.")
	it.press("Ask for this change")
	it.sees("You have had your part in this", "It waits for a teacher")
	request := it.path()
	if got := w.shared(); got != mdm.Block {
		t.Errorf("with one person, sharing is %s", got)
	}

	teacher := w.signedIn(t, "teacher", telephone)
	teacher.press("Device rules")
	teacher.press("The class shares its films.")
	teacher.sees("Pictures may travel; the teacher looks on.", "as the user likes")
	teacher.fill("What you say to it", "For this term.")
	teacher.press("Agree")
	teacher.sees("Published", "For this term.")
	w.await("the device to say that sharing is as its user likes", func() bool { return w.shared() == mdm.User })

	it.at(request)
	it.press("version 2")
	it.fill("Why", "Films of others turned up.")
	it.press("Roll back")
	it.sees("Device rules, version 3", "Films of others turned up.")
	w.await("the device to say that sharing is off again", func() bool { return w.shared() == mdm.Block })
	it.press("Device rules")
	it.press("Devices")
	it.sees("Pad 01")
	if n := len(w.server.DeviceRules.Versions()); n != 3 {
		t.Errorf("%d versions", n)
	}
	if r := w.server.DeviceRules.Requests(); len(r) != 1 || r[0].State != change.Published || len(r[0].Said) != 2 {
		t.Errorf("requests: %+v", r)
	}
}

// sharing chooses what a form says of sharing nearby; other settings have choices
// of the same name.
func (p *walker) sharing(value string) {
	p.t.Helper()
	s := p.find("sharing nearby", func(s axetest.Stop) bool { return strings.Contains(s.HTML, `name="share"`) })
	for range s.Group {
		if named(s.Name, value) && s.Checked {
			return
		}
		p.key(kb.ArrowDown)
		s = p.Focus()
		p.mustShow(s)
	}
	p.t.Fatalf("%s cannot be chosen: %s", value, s.HTML)
}

// shared is what the only device says of sharing, if it says so of what it must be
// now.
func (w *workday) shared() mdm.Value {
	w.t.Helper()
	var got mdm.Value
	w.await("the device to say how it is", func() bool {
		rows := w.server.Devices.Board().Rows
		if len(rows) != 1 || rows[0].Said == nil || rows[0].Said.Rev != rows[0].Rev {
			return false
		}
		report := rows[0].Said.Set[mdm.Share]
		got = report.Value
		return report.State == "applied"
	})
	return got
}
