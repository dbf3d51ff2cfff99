package teacher

import (
	"testing"

	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/chromedp"
)

// TestInBrowser looks at the form on a small phone, which is also what 400 % zoom
// leaves of a desk, and at a desk.
func TestInBrowser(t *testing.T) {
	browser := axetest.Open(t)
	base, _ := axetest.Serve(t, "127.0.0.1:0", class{offline: true}.handler(t, kittest.People()))
	for _, size := range []struct {
		name  string
		width int64
	}{{"320", 320}, {"1280", 1280}} {
		tab := browser.Tab(t, size.width, 700)
		for _, account := range []string{"teacher", "supply"} {
			tab.Go(base + "/sign-in")
			tab.Do(chromedp.SendKeys("#user", account), chromedp.SendKeys("#password", kittest.Password+"\r"))
			tab.Wait(`location.pathname === "/my-form" && document.querySelector(".bk-class")`) // by way of the start page
			tab.Go(base + Path)
			tab.Looks("teacher-" + account + "-" + size.name)
		}
	}
}
