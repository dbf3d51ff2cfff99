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
		tab.SignIn(base, "it", kittest.Password, "/device-history")
		tab.Wait(`document.readyState == "complete" && location.pathname == "/device-history" && document.querySelector("#print:not([hidden])")`)
		tab.Looks(fmt.Sprintf("device-history-all-%d", width))
		tab.TabTo(`document.activeElement.textContent == "iPad 7"`)
		tab.Do(chromedp.KeyEvent("\r"))
		tab.Wait(`document.readyState == "complete" && location.pathname == "/device/ipad-7/history" && document.querySelector("#print:not([hidden])")`)
		if got := axetest.Eval[string](tab, `document.querySelector("#answer").innerText`); !strings.HasPrefix(got, "The camera was off from 09:00:04 to 10:30:00, offline 09:41:00 to 09:43:01, then still off.") {
			t.Errorf("IT is told: %s", got)
		}
		if got := axetest.Eval[string](tab, `document.querySelector("#sure").innerText`); !strings.HasPrefix(got, "Verified") {
			t.Errorf("and how sure it is: %s", got)
		}
		tab.Looks(fmt.Sprintf("device-history-%d", width))
	}
}
