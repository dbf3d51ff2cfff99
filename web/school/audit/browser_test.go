package audit

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/corrections"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/chromedp"
)

// TestInBrowser looks at the pages at a desk's width and at 320 px, which is also
// what 400 % zoom leaves of a desk, and corrects a record by keyboard.
func TestInBrowser(t *testing.T) {
	browser := axetest.Open(t)
	a := newAcademy(t)
	a.day(t)
	base, _ := axetest.Serve(t, "127.0.0.1:0", handler(t, a))
	for i, width := range []int64{1280, 320} {
		tab := browser.Tab(t, width, 900)
		tab.SignIn(base, "dsl", kittest.Password, "/audit")
		tab.Wait(`document.readyState == "complete" && location.pathname == "/audit" && document.querySelector("#print:not([hidden])")`)
		tab.Looks(fmt.Sprintf("audit-%d", width))
		tab.Do(chromedp.SendKeys(chromedp.ID("who"), "ada\r"))
		tab.Wait(`document.readyState == "complete" && location.search.includes("who=ada") && document.querySelector("#print:not([hidden])")`)
		tab.Looks(fmt.Sprintf("audit-found-%d", width))
		tab.Go(base + "/audit/school.1/3")
		tab.TabTo(`document.activeElement.id == "text"`)
		tab.Do(chromedp.KeyEvent("It was at half past eleven."))
		tab.TabTo(`document.activeElement.textContent == "Add the correction"`)
		tab.Do(chromedp.KeyEvent("\r"))
		tab.Wait(fmt.Sprintf(`document.readyState == "complete" && document.body.innerText.split("Corrected by dsl").length == %d`, i+2))
		tab.Looks(fmt.Sprintf("audit-record-%d", width))
	}
	if got := a.Of(corrections.Ref{Ledger: "school.1", Seq: 3}); len(got) != 2 || !strings.HasPrefix(got[0].Text, "It was") {
		t.Errorf("%+v", got)
	}
}
