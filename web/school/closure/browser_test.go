package closure

import (
	"fmt"
	"testing"

	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/chromedp"
)

// TestInBrowser walks a drill, lost access, a key and paper at a desk's width and at
// 320 px, which is also what 400 % zoom leaves of a desk, and a phone.
func TestInBrowser(t *testing.T) {
	t.Parallel()
	browser := axetest.Open(t)
	for _, width := range []int64{1280, 320} {
		a := newAcademy(t)
		base, _ := axetest.Serve(t, "127.0.0.1:0", a.handler(t))
		tab := browser.Tab(t, width, 900)
		heading := func(h, page string) {
			t.Helper()
			tab.Wait(fmt.Sprintf(`document.readyState == "complete" && document.querySelector("h1")?.innerText == %q`, h))
			tab.Looks(fmt.Sprintf("closure-%s-%d", page, width))
		}
		click := func(id string) { t.Helper(); tab.Do(chromedp.Click("#" + id)) }
		tab.SignIn(base, "head", kittest.Password, "/closure")
		heading("Emergencies", "calm")
		click("evacuate")
		heading("Leave the building", "evacuate")
		click("what-1")
		click("go")
		tab.Wait(`document.readyState == "complete" && document.querySelector("#all-clear")`)
		heading("Emergencies", "leaving")
		click("all-clear")
		heading("All clear", "all-clear")
		click("go")
		tab.Wait(`document.readyState == "complete" && document.querySelector("#openings")?.innerText.endsWith(" 0")`)
		heading("Fire drill", "report")
		tab.Go(base + "/closure/lost")
		heading("Nobody can get at the lockers", "lose")
		click("go")
		heading("What was behind the doors", "lost")
		tab.Go(base + "/closure/keys")
		tab.Do(chromedp.SetValue("#bank", "a"), chromedp.SetValue("#taker", "s-office"), chromedp.Click("#why"), chromedp.Click("#give"))
		tab.Wait(`document.readyState == "complete" && document.body.innerText.includes("Out now")`)
		heading("Keys of banks", "keys")
		tab.Go(base + "/closure/paper")
		heading("Paper mode", "paper")
		tab.Do(chromedp.SetValue("#name", "Ada"), chromedp.Click("#what"), chromedp.SetValue("#bank", "a"), chromedp.SetValue("#door", "1"),
			chromedp.SetValue("#at", "2026-11-23T10:30"), chromedp.SetValue("#witness", "s-office"), chromedp.Click("#type"))
		tab.Wait(`document.readyState == "complete" && document.body.innerText.includes("Ada Byron: Bank A, door 1")`)
		tab.Do(chromedp.SetValue("#name", "Ada"), chromedp.Click("#what"), chromedp.SetValue("#door", "2"), chromedp.SetValue("#at", "2026-11-23T10:40"), chromedp.Click("#type"))
		tab.Wait(`document.readyState == "complete" && document.querySelector("#despite")`)
		heading("Paper mode", "paper-against")
	}
}
