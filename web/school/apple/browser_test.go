package apple

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
)

// Every page on a computer and on a telephone; the page of an iPad follows it by
// itself.
func TestInBrowser(t *testing.T) {
	t.Parallel()
	browser := axetest.Open(t)
	for _, width := range []int64{1280, 320} {
		s := newSchool()
		h, _, office := s.open(t)
		if err := office.Request(); err != nil {
			t.Fatal(err)
		}
		if err := office.TryWith("ipad-1"); err != nil {
			t.Fatal(err)
		}
		s.health.Away, s.health.Fault = []string{"ipad-1"}, "Apple answers 403"
		s.needs = []mdm.Setting{mdm.Share}
		base, _ := axetest.Serve(t, "127.0.0.1:0", h)
		tab := browser.Tab(t, width, 900)
		tab.SignIn(base, "it", kittest.Password, "/ipads")
		tab.Wait(`document.querySelector("main h1")?.innerText == "iPads"`)
		for _, page := range []string{"", "/preflight", "/push", "/path", "/asm", "/configurator", "/list", "/test", "/lesson", "/health", "/device/ipad-1", "/device/ipad-2"} {
			tab.Go(base + "/ipads" + page)
			tab.Looks(fmt.Sprintf("ipads%s-%d", strings.ReplaceAll(page, "/", "-"), width))
		}
		tab.Do(chromedp.Click("main form button"))
		tab.Wait(`document.querySelector("#address")?.innerText.includes("/enrol/")`)
		tab.Looks(fmt.Sprintf("ipads-address-%d", width))
	}
}
