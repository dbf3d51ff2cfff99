package api

import (
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
)

// TestInBrowser reads the reference at a desk's width and at what 400 % zoom leaves
// of it.
func TestInBrowser(t *testing.T) {
	browser := axetest.Open(t)
	for name, width := range map[string]int64{"1280": 1280, "320": 320} {
		s := newSetting(t)
		address, _ := axetest.Serve(t, "127.0.0.1:0", s)
		tab := browser.Tab(t, width, 900)
		tab.Go(address + "/sign-in?next=" + url.QueryEscape("/programs/reference"))
		tab.Do(chromedp.SendKeys(chromedp.ID("user"), "it"), chromedp.SendKeys(chromedp.ID("password"), kittest.Password+"\r"))
		tab.Wait(`document.querySelector("h1")?.innerText == "What programs can ask for"`)
		tab.Wait(`document.querySelectorAll("h2").length > 40`)
		axetest.Eval[bool](tab, `(document.querySelectorAll("details").forEach((d, i) => d.open = i < 12), true)`)
		tab.Shot("api-reference-"+name, true)
		tab.Clean()
		if over := axetest.Eval[int](tab, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
			t.Errorf("at %s px: %d px wider than the window", name, over)
		}
	}
}
