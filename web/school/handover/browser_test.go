package handover

import (
	"fmt"
	"testing"

	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
)

// TestInBrowser looks at what the walk through a hand-over does not come to, at a
// desk's width and at 320 px, which is also what 400 % zoom leaves of it.
func TestInBrowser(t *testing.T) {
	t.Parallel()
	browser := axetest.Open(t)
	for _, width := range []int64{1280, 320} {
		a := newAcademy(t, headKey, dslKey)
		a.list.Keys = append(a.list.Keys, deputyKey.Key())
		a.held = false
		base, _ := axetest.Serve(t, "127.0.0.1:0", a.handler(t))
		tab := browser.Tab(t, width, 900)
		tab.SignIn(base, "head", kittest.Password, "/approvers")
		for _, page := range []string{"/approvers", "/agree", "/handover/i-1", "/door/1103/end-hold"} {
			tab.Go(base + page)
			tab.Looks(fmt.Sprintf("handover%s-%d", map[string]string{"/approvers": "-approvers", "/agree": "-list", "/handover/i-1": "-device", "/door/1103/end-hold": "-hold"}[page], width))
		}
	}
}
