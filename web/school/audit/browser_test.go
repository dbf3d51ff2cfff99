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
		tab.Go(base + "/sign-in?next=/audit")
		tab.Do(chromedp.SendKeys(chromedp.ID("user"), "dsl"), chromedp.SendKeys(chromedp.ID("password"), kittest.Password+"\r"))
		tab.Wait(`document.readyState == "complete" && location.pathname == "/audit" && document.querySelector("#print:not([hidden])")`)
		look(t, tab, fmt.Sprintf("audit-%d", width))
		tab.Do(chromedp.SendKeys(chromedp.ID("who"), "ada\r"))
		tab.Wait(`document.readyState == "complete" && location.search.includes("who=ada") && document.querySelector("#print:not([hidden])")`)
		look(t, tab, fmt.Sprintf("audit-found-%d", width))
		tab.Go(base + "/audit/school.1/3")
		until(t, tab, `document.activeElement.id == "text"`)
		tab.Do(chromedp.KeyEvent("It was at half past eleven."))
		until(t, tab, `document.activeElement.textContent == "Add the correction"`)
		tab.Do(chromedp.KeyEvent("\r"))
		tab.Wait(fmt.Sprintf(`document.readyState == "complete" && document.body.innerText.split("Corrected by dsl").length == %d`, i+2))
		look(t, tab, fmt.Sprintf("audit-record-%d", width))
	}
	if got := a.Of(corrections.Ref{Ledger: "school.1", Seq: 3}); len(got) != 2 || !strings.HasPrefix(got[0].Text, "It was") {
		t.Errorf("%+v", got)
	}
}

// until goes on with the tab key until the focus is there.
func until(t *testing.T, tab *axetest.Tab, there string) {
	t.Helper()
	for range 60 {
		if axetest.Eval[bool](tab, there) {
			return
		}
		tab.Do(chromedp.KeyEvent("\t"))
	}
	t.Fatalf("the keyboard does not reach %s", there)
}

// look fails for what axe-core finds, for a page wider than its window, and for
// a target that a finger misses.
func look(t *testing.T, tab *axetest.Tab, name string) {
	t.Helper()
	tab.Shot(name, true)
	tab.Clean()
	if axetest.Eval[bool](tab, `document.documentElement.scrollWidth > document.documentElement.clientWidth`) {
		t.Errorf("%s is wider than its window", name)
	}
	small := axetest.Eval[string](tab, `[...document.querySelectorAll("main button:not([hidden]), main a")].filter(e => e.getClientRects().length && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML).join("\n")`)
	if small != "" {
		t.Errorf("%s has targets under 44 px:\n%s", name, small)
	}
}
