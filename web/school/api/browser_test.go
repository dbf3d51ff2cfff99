package api

import (
	"testing"

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
		tab.SignIn(address, "it", kittest.Password, "/programs/reference")
		tab.Wait(`document.querySelector("h1")?.innerText == "What programs can ask for"`)
		tab.Wait(`document.querySelectorAll("h2").length > 40`)
		axetest.Eval[bool](tab, `(document.querySelectorAll("details").forEach((d, i) => d.open = i < 12), true)`)
		tab.Looks("api-reference-" + name)
	}
}
