package school

import (
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/chromedp"
)

// TestInBrowser starts one Chromium for everything that needs it.
func TestInBrowser(t *testing.T) {
	browser := axetest.Open(t)
	t.Run("every page is clean and fits", func(t *testing.T) { testPages(t, browser) })
	t.Run("the board follows the bank", func(t *testing.T) { testFollows(t, browser) })
	t.Run("search as you type", func(t *testing.T) { testSearch(t, browser) })
	t.Run("a lost connection shows, and heals", func(t *testing.T) { testLost(t, browser) })
	t.Run("signing out elsewhere ends the board", func(t *testing.T) { testEnd(t, browser) })
	t.Run("the focus outlives a push", func(t *testing.T) { testFocus(t, browser) })
	t.Run("keyboard", func(t *testing.T) { testKeyboard(t, browser) })
	t.Run("axe finds a planted fault", func(t *testing.T) { testAxeLooks(t, browser) })
}

func withDemo(c *Config) {
	c.Demo = func() Demo { return Demo{Now: now.Add(3 * time.Second), Speed: 60} }
}

func signIn(tab *axetest.Tab, url string) {
	tab.Go(url + "/")
	tab.Do(chromedp.SendKeys(chromedp.ID("user"), "office"),
		chromedp.SendKeys(chromedp.ID("password"), "open sesame\r"))
	tab.Wait(`document.querySelector("#live")`)
}

// testPages looks at every page at a desk's width, a phone's, and at half the
// desk's, which is what 200 % zoom leaves.
func testPages(t *testing.T, browser *axetest.Browser) {
	calm, _ := axetest.Serve(t, "127.0.0.1:0", handlerFor(t, newDesk(false)))
	busy, _ := axetest.Serve(t, "127.0.0.1:0", handlerFor(t, newDesk(true), withDemo))
	for _, size := range []struct {
		name          string
		width, height int64
	}{{"1280", 1280, 900}, {"640", 640, 450}, {"390", 390, 844}} {
		tab := browser.Tab(t, size.width, size.height)
		look := func(name string) {
			t.Helper()
			tab.Shot("office-"+name+"-"+size.name, true)
			tab.Clean()
			if over := axetest.Eval[int](tab, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
				t.Errorf("%s at %s px: %d px wider than the window", name, size.name, over)
			}
			if heights := axetest.Eval[int](tab, `new Set([...document.querySelectorAll(".bk-door")].map(e => e.offsetHeight)).size`); heights > 1 {
				t.Errorf("%s at %s px: the doors of the plan have %d heights", name, size.name, heights)
			}
			small := axetest.Eval[[]string](tab, `[...document.querySelectorAll("a:not(.govuk-skip-link), button, input:not([type=hidden])")]
				.filter(e => !e.closest("[hidden], .govuk-error-summary__list") && e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 100))`)
			for _, s := range small {
				t.Errorf("%s at %s px: lower than 44 px: %s", name, size.name, s)
			}
		}
		tab.Go(busy + "/sign-in")
		look("sign-in")
		tab.Do(chromedp.Click(chromedp.CSS("main button")))
		tab.Wait(`document.querySelector(".govuk-error-summary")?.matches(":focus")`)
		look("sign-in-error")
		signIn(tab, busy)
		look("board")
		for name, path := range map[string]string{
			"in": "/?show=in", "out": "/?show=out", "exempt": "/?show=exempt",
			"found": "/?q=by", "found-none": "/?q=zzz", "found-door": "/?q=12",
			"person": "/person/p-5", "door": "/door/5", "print": "/print", "missing": "/door/999",
		} {
			if size.name == "640" && name != "found" {
				continue // the widest of them is enough for the width between
			}
			tab.Go(busy + path)
			look(name)
		}
		signIn(tab, calm)
		look("board-calm")
	}
}

func testFollows(t *testing.T, browser *axetest.Browser) {
	d := newDesk(false)
	url, _ := axetest.Serve(t, "127.0.0.1:0", handlerFor(t, d))
	tab := browser.Tab(t, 1280, 900)
	signIn(tab, url)
	tab.Wait(`document.querySelector(".bk-calm") && document.querySelector("#list-title").parentElement.innerText.includes("Jia Hussain")`)
	d.change(func(b *view.Board) {
		b.People[59].State = view.In
		b.Counts.In, b.Counts.NotYet = 30, 26
		b.Problems = []view.Problem{{Code: view.Jammed, Door: 12, Since: now}}
	})
	tab.Wait(`document.querySelector(".bk-problem")?.innerText.includes("Door 12 does not open.")`)
	tab.Wait(`document.querySelector(".bk-figure dd").innerText === "30"`)
	tab.Wait(`!document.querySelector("#list-title").parentElement.innerText.includes("Jia Hussain")`)
	d.change(func(b *view.Board) { b.Problems = nil }) // and again: an element once swapped still listens
	tab.Wait(`document.querySelector(".bk-calm")`)
	tab.NoFaults()
}

func testSearch(t *testing.T, browser *axetest.Browser) {
	d := newDesk(false)
	url, _ := axetest.Serve(t, "127.0.0.1:0", handlerFor(t, d))
	tab := browser.Tab(t, 1280, 900)
	signIn(tab, url)
	tab.Wait(`document.activeElement.id === "q"`)
	tab.Do(chromedp.KeyEvent("chloe m"))
	tab.Wait(`document.querySelector("#found-title")?.parentElement.innerText.includes("Chloé Martin")`)
	tab.Wait(`document.activeElement.id === "q"`)
	// What was found stays true while somebody looks at it.
	d.change(func(b *view.Board) { b.People[22].State = view.Out })
	tab.Wait(`document.querySelector("#found-title").parentElement.innerText.includes("Collected")`)
	tab.Do(chromedp.Click(chromedp.CSS("#tab-in")))
	tab.Wait(`document.querySelector("#list-title").innerText === "In"`)
	tab.Wait(`document.querySelector("#found-title")`)
	kept := axetest.Eval[string](tab, `JSON.stringify([localStorage, sessionStorage]) + location`)
	if strings.Contains(strings.ToLower(kept), "chlo") {
		t.Errorf("the browser keeps a name: %s", kept)
	}
	tab.NoFaults()
}

func testLost(t *testing.T, browser *axetest.Browser) {
	d := newDesk(false)
	h := handlerFor(t, d)
	url, stop := axetest.Serve(t, "127.0.0.1:0", h)
	tab := browser.Tab(t, 1280, 900)
	signIn(tab, url)
	stop()
	tab.Wait(`!document.querySelector("#lost").hidden && document.querySelector("#lost").innerText.includes("Reconnecting")`)
	tab.Shot("office-lost-1280", false)
	tab.Clean()
	d.change(func(b *view.Board) { b.Counts.In = 31 }) // meanwhile
	axetest.Serve(t, strings.TrimPrefix(url, "http://"), h)
	tab.Wait(`document.querySelector("#lost").hidden && document.querySelector(".bk-figure dd").innerText === "31"`)
}

func testEnd(t *testing.T, browser *axetest.Browser) {
	url, _ := axetest.Serve(t, "127.0.0.1:0", handlerFor(t, newDesk(false)))
	tab := browser.Tab(t, 1280, 900)
	signIn(tab, url)
	// Not awaited: the page may leave for the sign-in before the answer is read.
	axetest.Eval[bool](tab, `(fetch("/sign-out", {method: "POST"}), true)`)
	tab.Wait(`location.pathname === "/sign-in" && document.querySelector("#password")`)
}

// testFocus: whoever reads by keyboard keeps their place while the board moves.
func testFocus(t *testing.T, browser *axetest.Browser) {
	d := newDesk(true)
	url, _ := axetest.Serve(t, "127.0.0.1:0", handlerFor(t, d))
	tab := browser.Tab(t, 1280, 900)
	signIn(tab, url)
	tab.Go(url + "/?q=by")
	if n := axetest.Eval[int](tab, `document.querySelectorAll("#live :is(a, [tabindex]):not([id])").length`); n > 0 {
		t.Errorf("%d stops of the keyboard have no id and would lose the focus", n)
	}
	if axetest.Eval[int](tab, `(ids => ids.length - new Set(ids).size)([...document.querySelectorAll("[id]")].map(e => e.id))`) != 0 {
		t.Error("two elements have one id")
	}
	axetest.Eval[bool](tab, `(document.querySelector("#forced-5-p-5-door").focus(), true)`)
	d.change(func(b *view.Board) { b.Problems = b.Problems[:2] })
	tab.Wait(`document.querySelector("#problems-title").innerText === "Problems (2)" && document.activeElement.id === "forced-5-p-5-door"`)
}

// testKeyboard walks from the top of the board: to the content in two keys, and
// every stop can be seen.
func testKeyboard(t *testing.T, browser *axetest.Browser) {
	url, _ := axetest.Serve(t, "127.0.0.1:0", handlerFor(t, newDesk(true)))
	tab := browser.Tab(t, 1280, 900)
	signIn(tab, url)
	axetest.Eval[bool](tab, `(document.activeElement.blur(), document.body.tabIndex = -1, document.body.focus(), document.body.removeAttribute("tabindex"), true)`)
	tab.Do(chromedp.KeyEvent("\t"))
	tab.Wait(`document.activeElement.className === "govuk-skip-link"`)
	var stops []string
	for range 14 {
		tab.Do(chromedp.KeyEvent("\t"))
		seen := axetest.Eval[string](tab, `(e => { const s = getComputedStyle(e);
			return s.outlineStyle !== "none" || s.boxShadow !== "none" ? e.innerText || e.id : "INVISIBLE " + e.outerHTML.slice(0, 200); })(document.activeElement)`)
		if strings.HasPrefix(seen, "INVISIBLE") {
			t.Errorf("the focus cannot be seen: %s", seen)
		}
		stops = append(stops, seen)
	}
	if walk := strings.Join(stops, " > "); !strings.HasPrefix(walk, "Bellkeep > Sign out > q > Find > ") {
		t.Errorf("the order of the keyboard is %s", walk)
	}
}

func testAxeLooks(t *testing.T, browser *axetest.Browser) {
	url, _ := axetest.Serve(t, "127.0.0.1:0", handlerFor(t, newDesk(false)))
	tab := browser.Tab(t, 1280, 900)
	tab.Go(url + "/sign-in")
	axetest.Eval[bool](tab, `(document.querySelector("label").remove(), true)`)
	found, _ := tab.Axe()
	for _, f := range found {
		if f.ID == "label" {
			return
		}
	}
	t.Errorf("axe-core overlooked a field without a label: %v", found)
}
