package takeover

import (
	"fmt"
	"testing"

	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/chromedp"
)

// TestInBrowser walks through both errands at a desk's width and at 320 px, which is
// also what 400 % zoom leaves of a desk: IT's by mouse, the office's by keyboard.
func TestInBrowser(t *testing.T) {
	t.Parallel()
	browser := axetest.Open(t)
	for _, width := range []int64{1280, 320} {
		a := newAcademy()
		a.status.Online = false
		h, _ := a.handler(t)
		base, _ := axetest.Serve(t, "127.0.0.1:0", h)
		tab := browser.Tab(t, width, 900)
		look := func(page string) {
			t.Helper()
			tab.Looks(fmt.Sprintf("takeover-%s-%d", page, width))
		}
		tab.SignIn(base, "it", kittest.Password, "/banks")
		tab.Wait(`document.querySelector("h1")?.innerText == "Banks"`)
		look("banks")
		tab.Go(base + "/banks/b/replace")
		look("replace")
		tab.Do(chromedp.Click("main form button"))
		tab.Wait(`document.querySelector("#code svg")`)
		look("code")

		desk := browser.Tab(t, width, 900)
		desk.SignIn(base, "office", kittest.Password, "/doors/b")
		desk.Wait(`document.readyState == "complete" && document.querySelector("#print:not([hidden])")`)
		desk.Looks(fmt.Sprintf("takeover-doors-%d", width))
		desk.TabTo(`document.activeElement.id == "door-2"`)
		desk.Do(chromedp.KeyEvent(" "), chromedp.KeyEvent("\r"))
		desk.Wait(`document.readyState == "complete" && document.body.innerText.includes("1 of 60 doors")`)
	}
}
