package main

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/agreements"
	"github.com/bellkeep/bellkeep/internal/pki/identity"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/agent/member"
	"github.com/bellkeep/bellkeep/mdm/agent/pretend"
	"github.com/bellkeep/bellkeep/mdm/fleet"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/chromedp/kb"
)

// One sitting of IT with the school's devices: one is enrolled and lent to a pupil,
// its settings are explained, a rule changes with a second person and changes back,
// the exam officer's question is answered, the device is replaced and the other one
// retired in the end.
func TestWalkDevices(t *testing.T) {
	w := openWorkday(t)
	w.at(9, 0) // the first lesson
	pupil := w.pupils("9A")[0]
	w.sign(pupil)
	it := w.signedIn(t, "it", atDesk)
	enrolOne(w, it)
	lend(w, it, pupil)
	explain(it)
	changeSharing(w, it)
	wasItOff(w, it)
	replaceAndRetire(w, it, pupil)
}

// sign is a pupil who signs the agreement at the desk.
func (w *workday) sign(pupil register.Person) {
	w.t.Helper()
	v, _ := w.server.Agreements.Current(agreements.Pupils)
	w.must(w.server.Agreements.Witness(w.t.Context(), w.as(demoUser).Actor, pupil.ID, v.N, agreements.AtDesk, pupil.Name()))
}

// enrolOne enrols a device; what joins with the code on the page works like one.
func enrolOne(w *workday, it *walker) {
	it.press("Device list")
	it.press("Enrol a device")
	it.fill("Id", "tab-1")
	it.fill("Label (optional)", "Tab 1")
	it.choose("Pretend device")
	it.choose("Trolley 1")
	it.press("Make the joining code")
	it.sees("0 of 1 has joined", "Good until")
	w.join(axetest.Eval[string](it.Tab, `document.querySelector(".bk-code").innerText`))
	it.Wait(`document.body.innerText.includes("1 of 1 has joined")`) // by itself
	it.press("Its page...")
	it.sees("Tab 1", "Nobody")
}

// join lets a device join with a code, and work until the test ends.
func (w *workday) join(text string) {
	w.t.Helper()
	code, err := joining.ParseCode(text)
	w.must(err)
	dir := w.t.TempDir()
	_, _, err = identity.Join(w.t.Context(), code, dir, identity.Options{Now: time.Now})
	w.must(err)
	device := pretend.New(pretend.Nature{}, time.Now)
	m, err := member.Open(w.t.Context(), member.Config{Dir: dir, Root: w.server.Root, Platform: device, Changed: device.Changed(),
		Now: w.clock.Now, Tick: deviceTick, Jitter: deviceJitter, Log: slog.New(slog.DiscardHandler)})
	w.must(err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	w.t.Cleanup(func() { stop(); <-ended })
}

// lend issues it to a pupil who has signed, and not to one who has not.
func lend(w *workday, it *walker, pupil register.Person) {
	w.await("the device to report its passcode", func() bool { return w.server.Fleet.Passcode("tab-1") == fleet.Reported })
	unsigned := w.pupils("9A")[1]
	for _, to := range []register.Person{unsigned, pupil} {
		it.press("Issue it")
		it.fill("To whom? Name or form", to.Name())
		it.press("Find")
		it.press(to.Name() + " (9A)")
		if to.ID == unsigned.ID {
			it.sees("have not signed")
			it.seesNot("Issue it")
			it.press("Tab 1")
		} else {
			it.press("Issue it")
		}
	}
	it.sees(pupil.Name() + " (9A) since")
}

// explain asks why a device is as it is.
func explain(it *walker) {
	it.press("Why its settings are as they are")
	it.sees("Why Tab 1 is as it is", "Lesson 1", "In Trolley 1", "Profile “Quiet in lessons” for Trolley 1")
}

// changeSharing changes a rule from asking to its end: IT asks, a teacher is the
// second person, the devices do it and say so; IT undoes it and they do that too.
func changeSharing(w *workday, it *walker) {
	w.await("sharing to be off in the first lesson", func() bool { return w.shared() == mdm.Block })
	it.press("Device rules")
	it.press("Change Quiet in lessons")
	it.sharing("As the user likes")
	it.press("Continue")
	it.sees("Check the change", "Trolley 1", "AirDrop and sharing nearby", "2 of 2 devices", "Two people review it")
	it.fill("Why", "The class shares its films.")
	it.press("Ask for this change") // and forgets the risk
	it.sees("Say what could go wrong")
	it.fill("What could go wrong, and what is done about it", "Pictures may travel; the teacher looks on.")
	it.press("Ask for this change")
	it.sees("You have had your part in this", "It waits for a teacher")
	request := it.path()
	if got := w.shared(); got != mdm.Block {
		it.t.Errorf("with one person, sharing is %s", got)
	}

	teacher := w.signedIn(it.t, "teacher", telephone)
	teacher.press("Device rules")
	teacher.press("The class shares its films.")
	teacher.sees("Pictures may travel; the teacher looks on.", "as the user likes")
	teacher.fill("What you say to it", "For this term.")
	teacher.press("Agree")
	teacher.sees("Published", "For this term.")
	w.await("the devices to say that sharing is as their users like", func() bool { return w.shared() == mdm.User })

	it.at(request)
	it.press("version 2")
	it.fill("Why", "Films of others turned up.")
	it.press("Roll back")
	it.sees("Device rules, version 3", "Films of others turned up.")
	w.await("the devices to say that sharing is off again", func() bool { return w.shared() == mdm.Block })
	if n := len(w.server.DeviceRules.Versions()); n != 3 {
		it.t.Errorf("%d versions", n)
	}
	if r := w.server.DeviceRules.Requests(); len(r) != 1 || r[0].State != change.Published || len(r[0].Said) != 2 {
		it.t.Errorf("requests: %+v", r)
	}
}

// wasItOff answers, an hour later, what a device did in the first lesson.
func wasItOff(w *workday, it *walker) {
	w.at(10, 5)
	it.press("Device list")
	it.press("Tab 1")
	it.press("What it did")
	it.pick("Time", "Lesson 1")
	it.pick("Setting", "Camera")
	it.press("Show")
	it.sees("The camera was off from 09:00", "by the device", "It had to be off from 09:00")
	it.until("", "Verified: all that is told here is") // the server signs a minute after the bell
}

// replaceAndRetire gives the pupil a device that came back from a teacher, and
// retires that as well in the end.
func replaceAndRetire(w *workday, it *walker, pupil register.Person) {
	it.press("Device list")
	it.press("Pad 01")
	it.press("It came back")
	it.sees("In store")
	it.press("Device list")
	it.press("Tab 1")
	it.press("Replace")
	it.pick("By which device", "Pad 01")
	it.press("Replace it")
	it.sees("Retired", "replaced by pad-01")
	it.press("pad-01")
	it.sees(pupil.Name() + " (9A) since")
	if w.server.Fleet.Holder("pad-01") != pupil.ID {
		it.t.Errorf("pad-01 is with %q", w.server.Fleet.Holder("pad-01"))
	}
	if _, speaks := w.server.Roll.Belongs("tab-1"); speaks {
		it.t.Error("the device that was replaced may still speak")
	}
	it.press("It came back")
	it.press("Retire")
	it.press("Retire it for good")
	it.sees("Retired")
	it.press("Device list")
	it.press("Register: who had what")
	it.sees("Tab 1", "Pad 01", pupil.Name())
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

// shared is what all devices say of sharing, if they say so of what they must be
// now.
func (w *workday) shared() mdm.Value {
	w.t.Helper()
	var got mdm.Value
	w.await("the devices to say how they are", func() bool {
		said := map[mdm.Value]bool{}
		for _, row := range w.server.Devices.Board().Rows {
			if row.Said == nil || row.Said.Rev != row.Rev || row.Said.Set[mdm.Share].State != "applied" {
				return false
			}
			got = row.Said.Set[mdm.Share].Value
			said[got] = true
		}
		return len(said) == 1
	})
	return got
}
