package kiosk

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/chromedp"
)

// panels are the touch panels a bank may have.
var panels = []struct{ width, height int64 }{{1080, 1920}, {1280, 800}, {800, 480}}

// TestInBrowser starts one Chromium for everything that needs it.
func TestInBrowser(t *testing.T) {
	browser := axetest.Open(t)
	for _, p := range panels {
		t.Run(fmt.Sprintf("every screen fits %dx%d", p.width, p.height), func(t *testing.T) {
			testScreens(t, browser, p.width, p.height)
		})
	}
	t.Run("a screen gives way to scan, and to the next at once", func(t *testing.T) { testBack(t, browser) })
	t.Run("a lost bank shows one moment, then the office, and comes back", func(t *testing.T) { testLost(t, browser) })
	for _, p := range panels {
		t.Run(fmt.Sprintf("every joining screen fits %dx%d", p.width, p.height), func(t *testing.T) {
			testJoining(t, browser, p.width, p.height)
		})
		t.Run(fmt.Sprintf("every keypad fits %dx%d", p.width, p.height), func(t *testing.T) {
			testKeypads(t, browser, p.width, p.height)
		})
		t.Run(fmt.Sprintf("every question of a mapping fits %dx%d", p.width, p.height), func(t *testing.T) {
			testMapping(t, browser, p.width, p.height)
		})
	}
	t.Run("a PIN and a door by touch", func(t *testing.T) { testStaffTouch(t, browser) })
	t.Run("a PIN and a door by keyboard", func(t *testing.T) { testStaffKeyboard(t, browser) })
	t.Run("doors are mapped by touch", func(t *testing.T) { testMappingTouch(t, browser) })
	t.Run("passkeys are learned by touch", func(t *testing.T) { testLearning(t, browser) })
	t.Run("an item and a hold", func(t *testing.T) { testItems(t, browser) })
	t.Run("a PIN that is left alone is gone", func(t *testing.T) { testStaffGone(t, browser) })
	t.Run("everybody out, and back", func(t *testing.T) { testLeaving(t, browser) })
	t.Run("how the bank is", func(t *testing.T) { testHealth(t, browser) })
	t.Run("help", func(t *testing.T) { testHelp(t, browser) })
	t.Run("axe finds a planted fault", func(t *testing.T) { testAxeLooks(t, browser) })
}

// testScreens shows each screen and asks: is it clean, does it fit, also with
// text at 200 %, and is the number a quarter of the height at least, and in
// the middle?
func testScreens(t *testing.T, browser *axetest.Browser, width, height int64) {
	b := newBank(locker.Screen{Word: locker.Starting})
	url, _ := axetest.Serve(t, "127.0.0.1:0", handler(t, b))
	tab := browser.Tab(t, width, height)
	tab.Go(url + "/?mute")
	// The screens stay for as long as the test looks at them.
	axetest.Eval[bool](tab, `(window.setTimeout = (real => (f, ms) => ms === 2000 ? 0 : real(f, ms))(window.setTimeout), true)`)
	tab.Wait(`document.querySelector('[data-word="starting"]')`)
	for _, s := range slices.Concat(pupilScreens, itemScreens) {
		b.show(s)
		tab.Wait(fmt.Sprintf(`document.querySelector('main [data-word=%q]')`, s.Word))
		name := fmt.Sprintf("kiosk-%s-%dx%d", s.Word, width, height)
		tab.Shot(name, false)
		tab.Clean()
		if faceOf(s).Door != nil {
			number := numberInk(t, tab)
			if share := float64(number.ink.Dy()) / float64(height); share < 0.25 {
				t.Errorf("%s: the number is %.0f %% of the height, less than 25 %%", name, 100*share)
			}
			if off := number.offCentre(); math.Abs(off) > 0.02 {
				t.Errorf("%s: the number is %.1f %% off the middle of its box", name, 100*off)
			}
		}
		fits(t, tab, name)
		axetest.Eval[bool](tab, `(document.documentElement.style.fontSize = "200%", true)`)
		fits(t, tab, name+" at 200 % text")
		axetest.Eval[bool](tab, `(document.documentElement.style.fontSize = "", true)`)
	}
}

// fits fails when anything on the page reaches out of the window or text runs
// into the drawing above it.
func fits(t *testing.T, tab *axetest.Tab, name string) {
	t.Helper()
	inside(t, tab, name)
	if gap := axetest.Eval[float64](tab, `document.querySelector("footer").getBoundingClientRect().top
		- Math.max(...[...document.querySelectorAll("h1, .hint")].map(e => e.getBoundingClientRect().bottom))`); gap < 0 {
		t.Errorf("%s: the words run %.0f px into the Help bar", name, -gap)
	}
	if gap := axetest.Eval[float64](tab, `document.querySelector("h1").getBoundingClientRect().top
		- document.querySelector(".icon").getBoundingClientRect().bottom`); gap < -1 {
		t.Errorf("%s: the words run %.0f px into the drawing", name, -gap)
	}
}

// inside fails when anything on the page reaches out of the window.
func inside(t *testing.T, tab *axetest.Tab, name string) {
	t.Helper()
	out := axetest.Eval[[]string](tab, `[...document.querySelectorAll("main *, footer *")]
		.filter(e => !e.closest(".hidden") && !e.matches("svg *"))
		.filter(e => { const r = e.getBoundingClientRect();
			return r.left < -1 || r.top < -1 || r.right > innerWidth + 1 || r.bottom > innerHeight + 1; })
		.map(e => e.outerHTML.slice(0, 80))`)
	for _, e := range out {
		t.Errorf("%s: outside the window: %s", name, e)
	}
}

// drawn is the door number as it is in the picture itself: the pixels of it,
// within its box.
type drawn struct{ box, ink image.Rectangle }

// offCentre is how far the number stands right of the middle, as a share of the
// width of its box.
func (d drawn) offCentre() float64 {
	return float64(d.ink.Min.X+d.ink.Max.X-d.box.Min.X-d.box.Max.X) / 2 / float64(d.box.Dx())
}

func numberInk(t *testing.T, tab *axetest.Tab) drawn {
	t.Helper()
	shot, err := chromedp.Run(tab.Ctx, chromedp.Screenshot(chromedp.CSS("svg.number")))
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	d := drawn{box: img.Bounds()}
	ground := img.At(d.box.Min.X, d.box.Min.Y)
	for y := d.box.Min.Y; y < d.box.Max.Y; y++ {
		for x := d.box.Min.X; x < d.box.Max.X; x++ {
			if img.At(x, y) != ground {
				d.ink = d.ink.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return d
}

// countTimers keeps the pending two-second timers of the page in __timers.
const countTimers = `(() => {
	const set = setTimeout, clear = clearTimeout;
	window.__timers = new Set();
	window.setTimeout = (f, ms) => {
		const id = set(() => { __timers.delete(id); f(); }, ms);
		if (ms === 2000) __timers.add(id);
		return id;
	};
	window.clearTimeout = id => { __timers.delete(id); clear(id); };
	return true;
})()`

func testBack(t *testing.T, browser *axetest.Browser) {
	b := newBank(locker.Screen{Word: locker.PutIn, Door: 3})
	url, _ := axetest.Serve(t, "127.0.0.1:0", handler(t, b))
	tab := browser.Tab(t, 1280, 800)
	tab.Go(url)
	tab.Wait(`document.querySelector('main [data-word="scan"]')`) // not door 3: that was for somebody else
	axetest.Eval[bool](tab, countTimers)
	b.show(locker.Screen{Word: locker.PutIn, Door: 12})
	tab.Wait(`document.querySelector("main").innerText.includes("Put your phone in.")`)
	b.show(locker.Screen{Word: locker.Office})
	tab.Wait(`document.querySelector('main [data-word="office"]')`)
	if n := axetest.Eval[int](tab, "__timers.size"); n != 1 {
		t.Errorf("%d timers go back to scan: an earlier screen's would take this one away", n)
	}
	tab.Wait(`document.querySelector('main [data-word="scan"]')`)
	tab.NoFaults()
}

func testLost(t *testing.T, browser *axetest.Browser) {
	b := newBank(locker.Screen{Word: locker.Scan})
	url, stop := axetest.Serve(t, "127.0.0.1:0", handler(t, b))
	tab := browser.Tab(t, 1280, 800)
	tab.Go(url)
	tab.Wait(`document.querySelector('main [data-word="scan"]')`)
	stop()
	tab.Wait(`document.querySelector('main [data-word="starting"]')`)
	tab.Shot("kiosk-lost-1280x800", false)
	// Twenty seconds on; it stays, unlike an answer to a badge.
	axetest.Eval[bool](tab, `(performance.now = (real => () => real() + 20000)(performance.now.bind(performance)), true)`)
	tab.Wait(`document.querySelector('main [data-word="office"]')`)
	axetest.Eval[bool](tab, `new Promise(done => setTimeout(done, 2500, true))`)
	tab.Wait(`document.querySelector('main [data-word="office"][data-sound=""]')`)
	tab.Shot("kiosk-gone-1280x800", false)

	again := newBank(locker.Screen{Word: locker.Scan})
	axetest.Serve(t, strings.TrimPrefix(url, "http://"), handler(t, again))
	tab.Wait(`document.querySelector('main [data-word="scan"]')`)
	again.show(locker.Screen{Word: locker.TakeOut, Door: 5})
	tab.Wait(`document.querySelector('main [data-word="take-out"]')`)
	tab.NoFaults()
}

func testHelp(t *testing.T, browser *axetest.Browser) {
	b := newBank(locker.Screen{Word: locker.Scan})
	url, _ := axetest.Serve(t, "127.0.0.1:0", handler(t, b))
	tab := browser.Tab(t, 800, 480)
	tab.Go(url)
	tab.Do(chromedp.KeyEvent("\t")) // it is the only thing to reach by keyboard
	tab.Wait(`document.activeElement.innerText.includes("Help")`)
	box := axetest.Eval[[]float64](tab, `(r => [r.width, r.height, r.left, innerHeight - r.bottom])(document.activeElement.getBoundingClientRect())`)
	if box[0] < 44 || box[1] < 44 || box[2] > 60 || box[3] > 60 {
		t.Errorf("Help is %.0f x %.0f px, %.0f from the left, %.0f from the bottom", box[0], box[1], box[2], box[3])
	}
	tab.Do(chromedp.KeyEvent("\r"))
	tab.Wait(`document.querySelector("#said").innerText.startsWith("Your call is saved.")`)
	fits(t, tab, "help")
	tab.Shot("kiosk-help-800x480", false)
	tab.Clean()
	if b.asked() != 1 {
		t.Errorf("help was asked %d times, want 1", b.asked())
	}
	tab.Do(chromedp.EmulateViewport(1080, 1920))
	tab.Shot("kiosk-help-1080x1920", false)
	if lines := axetest.Eval[float64](tab, `(e => e.clientHeight / parseFloat(getComputedStyle(e).lineHeight))(document.querySelector("#said"))`); lines > 2.1 {
		t.Errorf("the answer to Help breaks into %.0f lines", lines)
	}
	b.fail = errBroken
	tab.Do(chromedp.Click(chromedp.CSS("button")))
	tab.Wait(`document.querySelector("#said").innerText === "Please see the office."`)
}

func testAxeLooks(t *testing.T, browser *axetest.Browser) {
	url, _ := axetest.Serve(t, "127.0.0.1:0", handler(t, newBank(locker.Screen{Word: locker.Scan})))
	tab := browser.Tab(t, 800, 480)
	tab.Go(url)
	axetest.Eval[bool](tab, `(document.querySelector("button").replaceChildren(), true)`)
	found, _ := tab.Axe()
	for _, f := range found {
		if f.ID == "button-name" {
			return
		}
	}
	t.Errorf("axe-core overlooked a button without a name: %v", found)
}
