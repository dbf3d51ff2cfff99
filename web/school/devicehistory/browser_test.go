package devicehistory

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/chromedp"
)

// TestInBrowser lets IT answer, by keyboard, whether the camera was off in the exam,
// at a desk's width and at 320 px, which is also what 400 % zoom leaves of a desk.
func TestInBrowser(t *testing.T) {
	browser := axetest.Open(t)
	a := newAcademy(t)
	a.exam()
	base, _ := axetest.Serve(t, "127.0.0.1:0", a.handler())
	for _, width := range []int64{1280, 320} {
		tab := browser.Tab(t, width, 900)
		tab.Go(base + "/sign-in?next=/device-history")
		tab.Do(chromedp.SendKeys(chromedp.ID("user"), "it"), chromedp.SendKeys(chromedp.ID("password"), kittest.Password+"\r"))
		tab.Wait(`document.readyState == "complete" && location.pathname == "/device-history" && document.querySelector("#print:not([hidden])")`)
		look(t, tab, fmt.Sprintf("device-history-all-%d", width))
		until(t, tab, `document.activeElement.textContent == "iPad 7"`)
		tab.Do(chromedp.KeyEvent("\r"))
		tab.Wait(`document.readyState == "complete" && location.pathname == "/device/ipad-7/history" && document.querySelector("#print:not([hidden])")`)
		if got := axetest.Eval[string](tab, `document.querySelector("#answer").innerText`); !strings.HasPrefix(got, "The camera was off from 09:00:04 to 10:30:00, offline 09:41:00 to 09:43:01, then still off.") {
			t.Errorf("IT is told: %s", got)
		}
		if got := axetest.Eval[string](tab, `document.querySelector("#sure").innerText`); !strings.HasPrefix(got, "Verified") {
			t.Errorf("and how sure it is: %s", got)
		}
		look(t, tab, fmt.Sprintf("device-history-%d", width))
	}
}

// until goes on with the tab key until the focus is there.
func until(t *testing.T, tab *axetest.Tab, there string) {
	t.Helper()
	for range 80 {
		if axetest.Eval[bool](tab, there) {
			return
		}
		tab.Do(chromedp.KeyEvent("\t"))
	}
	t.Fatalf("the keyboard does not reach %s", there)
}

// look fails for what axe-core finds, for a page wider than its window, and for a
// target that a finger misses.
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
