package main

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/hardware/world"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/chromedp/kb"
)

// The work of IT: an account from its making to its end, a bank in trouble, badges
// on paper, a token for a program.
func TestWalkIT(t *testing.T) {
	w := openWorkday(t)
	w.at(8, 20)
	it := w.signedIn(t, "it", atDesk)
	fresh := w.withoutAccount()
	makeAnAccount(w, it, fresh)
	letSomebodyIn(w, it, fresh)
	lookAfterABank(w, it)
	printBadges(it)
	letAProgramIn(w, it)
}

// withoutAccount is a member of staff who has no account.
func (w *workday) withoutAccount() string {
	w.t.Helper()
	has := map[string]bool{}
	for _, a := range w.server.Users.List() {
		has[a.Person] = true
	}
	for _, p := range w.server.People.People() {
		if p.Kind == register.Staff && !has[p.ID] {
			return p.Name()
		}
	}
	w.t.Fatal("all staff have accounts")
	return ""
}

// makeAnAccount makes one for a member of staff; who may do what, the head says.
func makeAnAccount(w *workday, it *walker, fresh string) {
	it.press("Access")
	it.press("Make an account")
	it.pick("Whose account it is", fresh)
	it.fill("Account name", "fresh")
	w.gate.tire("it")
	it.press("Make the account")
	if it.prove(); it.proved == 0 {
		it.t.Error("nobody asked who it is that makes an account")
	}
	it.press("Make the account") // with what was typed before
	it.sees("no: has no role now")
	it.seesNot("Give a role")

	head := w.signedIn(it.t, demoSecond, zoomed)
	head.press("Access")
	head.press(fresh)
	head.pick("Role", "Teacher")
	head.fill("Forms", "9A")
	head.press("Give the role")
	head.sees("Teacher 9A")
}

// letSomebodyIn hands somebody the link for a password, and later ends their
// account while they are at work. It may do that for nobody who opens doors.
func letSomebodyIn(w *workday, it *walker, fresh string) {
	it.press("Make a link for a new password")
	it.sees("One-time link", "fresh")
	code := axetest.Eval[string](it.Tab, `[...document.querySelectorAll("dt")].find(t => t.innerText == "Code").nextElementSibling.innerText`)
	teacher := w.walk(it.t, "fresh", telephone)
	teacher.at("/link")
	teacher.fill("Code", code)
	teacher.press("Go on")
	teacher.fill("Password", "four words in a row")
	teacher.fill("The same again", "four words in a row")
	teacher.press("Set the password")
	teacher.press("My form")
	teacher.sees("9A")

	it.press("Access")
	it.press(w.holder(demoSecond))
	it.press("Make a link for a new password")
	it.sees("Only an owner or the headteacher resets that account")
	it.press("Go to the start page")

	it.press("Access")
	it.press(fresh)
	it.reach("End the account for good", "DisclosureTriangle")
	it.key(kb.Enter)
	it.press("End the account")
	it.sees("no: ended " + it.day.on(it.day.day, "2 Jan 2006"))
	teacher.press("My form")
	teacher.sees("Sign in", "Account name")
	teacher.seesNot("9A")
}

// lookAfterABank sees a door that jams, and a bank that is gone, each with what to
// do next.
func lookAfterABank(w *workday, it *walker) {
	pupil := w.pupils("9A")[0]
	w.must(w.bank("a").world.SetFaults(pupil.Door, world.Faults{Latch: world.LatchJammed}))
	w.scan(w.badge(pupil.ID), locker.Stuck)
	jammed := fmt.Sprintf("Door %d", pupil.Door)
	it.press("Today")
	it.sees(jammed+" does not open.", "Try its key.")
	it.press(jammed)
	it.sees(jammed+" of Bank A", "Try its key.")

	it.press("Today")
	w.bank("d").kill()
	it.sees("Bank D has been offline since", "Check its power and its network cable.")
	it.press("Bank D")
	it.sees("Offline since", "the bank goes on by itself")
	it.press("Devices")
	it.sees("Pad 01")
}

// printBadges makes a box of spares, to be printed.
func printBadges(it *walker) {
	it.press("Badges")
	it.choose("A box of spares, nobody’s yet")
	it.fill("How many, up to 500", "8")
	if file := it.downloads("Make and download"); !bytes.HasPrefix(file, []byte("%PDF-")) {
		it.t.Errorf("the badges are no PDF: %.20q", file)
	}
}

// letAProgramIn makes a token for one thing, and ends it.
func letAProgramIn(w *workday, it *walker) {
	it.press("Programs")
	it.press("Make a token")
	it.fill("Name of the program", "door-display")
	it.choose("See the banks, doors and problems")
	it.press("Make the token")
	it.sees("It is shown this once")
	secret := strings.TrimSpace(axetest.Eval[string](it.Tab, `document.querySelector("#secret").innerText`))
	w.asks(secret, "/api/v1/banks", http.StatusOK)
	w.asks(secret, "/api/v1/people", http.StatusForbidden)

	it.press("Programs...")
	it.press("door-display")
	it.seesNot(secret)
	it.press("End this token")
	it.sees("Ended")
	w.asks(secret, "/api/v1/banks", http.StatusUnauthorized)
}

// asks has a program ask for something.
func (w *workday) asks(secret, path string, want int) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.pages.url()+path, nil)
	w.must(err)
	r.Header.Set("Authorization", "Bearer "+secret)
	answer, err := http.DefaultClient.Do(r)
	w.must(err)
	defer answer.Body.Close()
	if answer.StatusCode != want {
		w.t.Errorf("a program that asks for %s gets %s, not %d", path, answer.Status, want)
	}
}
