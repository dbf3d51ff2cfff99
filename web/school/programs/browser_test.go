package programs

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
)

// TestInBrowser makes a token by keyboard, at a desk's width and at what 400 %
// zoom leaves of it, and looks at every page on the way.
func TestInBrowser(t *testing.T) {
	browser := axetest.Open(t)
	for name, width := range map[string]int64{"1280": 1280, "320": 320} {
		b := open(t)
		base, _ := axetest.Serve(t, "127.0.0.1:0", b)
		tab := browser.Tab(t, width, 900)
		look := func(page string) {
			t.Helper()
			tab.Looks("programs-" + page + "-" + name)
		}
		tab.SignIn(base, "it", kittest.Password, "/programs")
		tab.Wait(`document.querySelector("h1")?.innerText == "Programs"`)
		look("none")
		tab.Go(base + "/programs/new")
		tab.Do(chromedp.SendKeys(chromedp.ID("name"), "The MIS\r"))
		tab.Wait(`document.querySelector(".govuk-error-summary")`)
		look("faults")
		axetest.Eval[bool](tab, `(document.querySelector("#name").value = "", true)`)
		tab.Do(chromedp.SendKeys(chromedp.ID("scopes"), " "), chromedp.SendKeys(chromedp.ID("name"), "mis-attendance\r"))
		tab.Wait(`document.querySelector("#secret")`)
		look("made")
		tab.Go(base + "/programs/token/mis-attendance")
		look("token")
		tab.Go(base + "/programs")
		look("list")
	}
}
