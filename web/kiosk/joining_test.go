package kiosk

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
)

// testJoining shows each screen of a bank without a school: is it clean, does it
// fit, also with text at 200 %, and does it stay until the bank shows another?
func testJoining(t *testing.T, browser *axetest.Browser, width, height int64) {
	b := newBank(locker.Screen{Word: locker.Starting})
	url, _ := axetest.Serve(t, "127.0.0.1:0", handler(t, b))
	tab := browser.Tab(t, width, height)
	tab.Go(url + "/?mute")
	tab.Wait(`document.querySelector('[data-word="starting"]')`)
	axetest.Eval[bool](tab, `(window.__back = 0, window.setTimeout = (real => (f, ms) => real(f, (__back += ms === 2000, ms)))(window.setTimeout), true)`)
	for _, s := range joiningScreens {
		b.offers(tab, s)
		name := fmt.Sprintf("kiosk-%s-%dx%d", s.Word, width, height)
		tab.Shot(name, false)
		tab.Clean()
		fits(t, tab, name)
		axetest.Eval[bool](tab, `(document.documentElement.style.fontSize = "200%", true)`)
		fits(t, tab, name+" at 200 % text")
		axetest.Eval[bool](tab, `(document.documentElement.style.fontSize = "", true)`)
	}
	if n := axetest.Eval[int](tab, "__back"); n != 0 {
		t.Errorf("%d joining screens give way to scan by themselves", n)
	}
	b.offers(tab, locker.Screen{Word: locker.Office})
	tab.Wait("__back === 1")
}

// What a server says is text on the page, never markup.
func TestRefusalIsText(t *testing.T) {
	b := newBank(locker.Screen{Word: locker.JoinRefused, Says: `<script>alert(1)</script>`, Next: `<img src=x>`})
	if w := ask(handler(t, b), "GET", "/"); strings.Contains(w.Body.String(), "alert(1)</script>") || strings.Contains(w.Body.String(), "<img") {
		t.Errorf("the page says %s", w.Body)
	}
}

// A call for help that nobody hears is not said to be saved.
func TestHelpBeforeJoining(t *testing.T) {
	b := newBank(locker.Screen{Word: locker.Joining})
	b.fail = errs.New(errs.NotNow, "This bank has not joined a school yet.", "Hold the joining code to its scanner.")
	if w := ask(handler(t, b), "POST", "/help"); w.Code < http.StatusBadRequest {
		t.Errorf("help answers %d", w.Code)
	}
}
