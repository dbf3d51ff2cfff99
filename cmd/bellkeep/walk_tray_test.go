package main

import (
	"path/filepath"
	"testing"

	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/tray"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
)

// A supply teacher keeps a class's tray for a day, and the network fails in the middle
// of it: nothing ticked is lost, the count must match, what is left over is at the
// office by name, and nothing stays on the tablet.
func TestWalkTray(t *testing.T) {
	t.Parallel()
	folder := smallElmfield(t)
	replaceIn(t, filepath.Join(folder, "policy.yaml"), "deposit_point: bank", "deposit_point: class_teacher")
	replaceIn(t, filepath.Join(folder, "bank-d.yaml"), "{numbers: 1001-1012, bus: confiscation, board: 0, lock: 1, class: confiscation}",
		"{numbers: 1001-1010, bus: confiscation, board: 0, lock: 1, class: confiscation}\n  - {numbers: 1011-1012, bus: confiscation, board: 0, lock: 11, class: tray}")
	w := openWorkdayAt(t, folder)
	class, others := w.pupils("9A"), w.pupils("9B")
	ada, ben, cid := class[0], class[1], class[2]
	w.at(8, 20)
	account, code := dayPass(w, "Sam Supply", "9A")

	supply := w.walk(t, "supply-tray", telephone)
	supply.at("/sign-in")
	supply.press("Use a one-time code")
	supply.fill("Code", code)
	supply.press("Go on")
	supply.fill("Password", "kept until the last bell")
	supply.fill("The same again", "kept until the last bell")
	supply.press("Set the password")
	supply.sees("Form 9A", ada.Name()+" Not handed in")
	supply.press("Class tray")
	supply.sees("Nobody has taken this tray today")
	supply.press("Take the tray") // before the note on safeguarding is read
	supply.sees("You have not read the note on safeguarding yet.")
	supply.press("Read the note on safeguarding first")
	supply.fill("Full name", "Sam Supply")
	supply.press("I have read this")
	supply.press("Class trays")
	supply.press("Take the tray")
	supply.sees("In the hands of Sam Supply", "All ticks are sent.")
	supply.seesNot(others[0].Name())
	supply.choose("Phone of " + ada.Name())
	supply.Wait(`document.querySelector("[data-tally=Phones]").textContent === "1"`)
	supply.Wait(`navigator.serviceWorker.controller`)
	supply.at("/trays/9A")
	supply.sees("All ticks are sent.")
	supply.Wait(`caches.open("bellkeep-tray-pages").then(c => c.match("/trays/9A"))`)

	supply.Offline(true)
	supply.choose("Watch of " + ada.Name())
	supply.choose("Phone of " + ben.Name())
	supply.Wait(`document.querySelector("#sync").innerText.endsWith("Kept on this device: 2 not sent yet.")`)
	supply.choose("Phone of " + cid.Name())
	supply.Wait(`document.querySelector("#sync").dataset.waiting === "3"`)
	if now, _ := w.server.Trays.Today("9A"); now.Count().Total() != 1 {
		t.Errorf("without a network the school has %v", now.Count())
	}
	supply.Offline(false)
	supply.sees("All ticks are sent.")
	if now, _ := w.server.Trays.Today("9A"); now.Count()[desk.Phone] != 3 || now.Count()[desk.Watch] != 1 || len(now.Conflicts()) > 0 {
		t.Errorf("with it again %v", now.Count())
	}

	supply.press("Count and put away")
	supply.fill("Phones", "2")
	supply.fill("Watches", "1")
	supply.pick("Where is it now?", "Office safe")
	supply.choose("I have asked them: they hand in nothing")
	supply.press("Put it away")
	supply.sees("phones, 3 ticked and 2 counted")
	supply.fill("Phones", "3")
	supply.pick("Where is it now?", "Bank D, behind a door for trays")
	supply.choose("I have asked them: they hand in nothing")
	supply.press("Put it away")
	supply.fill("Your password, or a code of your app", "kept until the last bell") // a door is to open
	supply.press("Go on")
	supply.press("Put it away")
	supply.sees("A door for the tray is open. Put it in, and shut the door.")
	w.put("tray-9a")
	supply.until("Look again", "of Bank D since")

	w.at(15, 40)
	office := w.signedIn(t, "office", atDesk)
	office.sees("4 in class trays")
	w.gate.tire(account)
	supply.press("Open its door")
	supply.fill("Your password, or a code of your app", "kept until the last bell")
	supply.press("Go on")
	supply.press("Open its door")
	supply.sees("The tray’s door is open. Take it out, and shut the door.")
	w.takeOut("tray-9a")
	supply.until("Look again", "In the hands of Sam Supply")
	supply.sees("Give back")
	for _, box := range []string{"Phone of " + ada.Name(), "Watch of " + ada.Name(), "Phone of " + ben.Name()} {
		supply.choose(box)
	}
	supply.Wait(`document.querySelector("[data-tally=Here]").textContent === "1"`)
	supply.press("Close the tray")
	supply.sees(cid.Name() + ": Phone")
	supply.fill("Phones", "1")
	supply.pick("Where do you leave it at the office?", "Office safe")
	supply.press("Close the tray")
	supply.sees("Left over, at the office", cid.Name()+": Phone")
	office.at("/")
	office.sees("1 device was left over in a class tray today")
	office.press("At the desk")
	office.sees(cid.Name())

	supply.press("Sign out")
	if left := axetest.Eval[int](supply.Tab, `caches.open("bellkeep-tray-pages").then(c => c.keys()).then(k => k.length + localStorage.length)`); left != 0 {
		t.Errorf("%d things are left on the tablet", left)
	}
	if got, err := w.server.Trays.Tray(tray.IDOf("9A", w.day)); err != nil || !got.Closed() {
		t.Errorf("the tray is %+v (%v)", got.Place, err)
	}
}
