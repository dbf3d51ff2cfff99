package board

import (
	"bytes"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestInBrowser starts one Chromium for everything that needs it.
func TestInBrowser(t *testing.T) {
	browser := axetest.Open(t)
	t.Run("every page is clean and fits", func(t *testing.T) { testPages(t, browser) })
	t.Run("the list on paper", func(t *testing.T) { testPaper(t, browser) })
	t.Run("the start page follows the banks", func(t *testing.T) { testFollows(t, browser) })
	t.Run("search as you type", func(t *testing.T) { testSearch(t, browser) })
	t.Run("a hold reaches one bank after the other", func(t *testing.T) { testHold(t, browser) })
	t.Run("open a door", func(t *testing.T) { testOpen(t, browser) })
	t.Run("a bell on the device board", func(t *testing.T) { testBell(t, browser) })
	t.Run("a lost connection shows, and heals", func(t *testing.T) { testLost(t, browser) })
	t.Run("signing out elsewhere ends the page", func(t *testing.T) { testEnd(t, browser) })
	t.Run("the focus outlives a push", func(t *testing.T) { testFocus(t, browser) })
	t.Run("keyboard", func(t *testing.T) { testKeyboard(t, browser) })
	t.Run("axe finds a planted fault", func(t *testing.T) { testAxeLooks(t, browser) })
}

func signIn(tab *axetest.Tab, url string) { signInAs(tab, url, "office") }

func signInAs(tab *axetest.Tab, url, user string) { tab.SignIn(url, user, "open sesame", "/") }

// press clicks an element from within the page: a push may put another in its
// place between the looking and the clicking of a test outside.
func press(tab *axetest.Tab, selector string) {
	axetest.Eval[bool](tab, `(document.querySelector("`+selector+`").click(), true)`)
}

// busyOffice has something of everything: problems, a bank that is offline, a
// stop, a hold whose end is asked, and two orders given. It gives the paths of
// the pages about them.
func busyOffice(t *testing.T) (base string, paths map[string]string) {
	t.Helper()
	s := newAcademy(true)
	for i := range s.banks {
		s.banks[i].Since = time.Now().Add(-50 * time.Second) // at the demonstration's speed 50 minutes
	}
	s.banks[2].Board.People, s.banks[2].Board.Doors = s.banks[2].Board.People[100:160], s.banks[2].Board.Doors[100:160]
	base, _ = axetest.Serve(t, "127.0.0.1:0", handlerFor(t, s, withDemo, withTrouble))
	v := visitAt(t, base)
	v.signIn("office")
	paths = map[string]string{
		"found": "/?q=by+7", "found-door": "/?q=12",
		"bank": "/bank/a", "bank-in": "/bank/c?show=in", "bank-offline": "/bank/c?show=exempt",
		"form": "/form/7A", "person": "/person/p-5", "person-none": "/person/s-1", "door": "/door/5", "missing": "/door/999",
		"stop": "/person/p-5/stop", "hold": "/person/p-5/hold", "open": "/person/p-8/open", "badge": "/person/p-5/badge",
		"devices": "/devices", "devices-offline": "/devices?state=offline", "device": "/device/ipad-5",
		"bars": "/bars", "badges": "/badges", "print": "/print?bank=c",
	}
	paths["bar-stop"] = v.sent("/person/p-5/stop", nil)
	paths["bar-hold"] = v.sent("/person/p-6/hold", url.Values{"on": {"door-6"}})
	paths["bar-asked"] = v.sent("/person/p-7/hold", url.Values{"on": {"person"}})
	v.signIn("dsl")
	v.sent(paths["bar-asked"]+"/end-hold", nil)
	v.signIn("office")
	paths["bar-ended"] = v.sent("/person/p-40/stop", nil)
	s.mu.Lock()
	s.bars[3].ID = "b-ended" // what comes next is not to take its number
	s.mu.Unlock()
	paths["bar-ended"] = v.sent("/bar/b-ended/end", nil)
	paths["opened"] = v.sent("/person/p-8/open", openForm(t, v, "p-8"))
	s.answer = func(string, locker.Order) (banks.Done, error) { return banks.Done{Seq: 9, Refused: "barred"}, nil }
	paths["refused"] = v.sent("/person/p-6/open", openForm(t, v, "p-6"))
	return base, paths
}

// Where the window is half a desk's or a phone's, one of those pages is enough
// that differ in their words only.
var (
	onHalf  = []string{"person", "devices"}
	onPhone = []string{"badges", "bank", "bar-asked", "device", "devices", "form", "found", "missing", "open", "person", "print"}
)

// testPages looks at every page at a desk's width, a phone's, and at half the
// desk's, which is what 200 % zoom leaves.
func testPages(t *testing.T, browser *axetest.Browser) {
	calm, _ := axetest.Serve(t, "127.0.0.1:0", handlerFor(t, newAcademy(false)))
	busy, paths := busyOffice(t)
	for _, size := range []struct {
		name          string
		width, height int64
		pages         []string
	}{{"1280", 1280, 900, slices.Sorted(maps.Keys(paths))}, {"640", 640, 450, onHalf}, {"390", 390, 844, onPhone}} {
		tab := browser.Tab(t, size.width, size.height)
		look := func(name string) {
			t.Helper()
			lookAt(t, tab, "office-"+name+"-"+size.name)
		}
		signIn(tab, busy)
		look("day")
		for _, name := range size.pages {
			tab.Go(busy + paths[name])
			look(name)
		}
		for name, path := range map[string]string{"hold-error": paths["hold"], "badge-error": paths["badge"], "badges-error": paths["badges"]} {
			if size.name != "1280" {
				break
			}
			tab.Go(busy + path)
			press(tab, "main form button")
			tab.Wait(`document.querySelector(".govuk-error-summary")?.matches(":focus")`)
			look(name)
		}
		signIn(tab, calm)
		look("day-calm")
	}
}

// lookAt looks at a page, and at the plan of doors on it.
func lookAt(t *testing.T, tab *axetest.Tab, name string) {
	t.Helper()
	tab.Looks(name)
	if heights := axetest.Eval[int](tab, `new Set([...document.querySelectorAll(".bk-door")].map(e => e.offsetHeight)).size`); heights > 1 {
		t.Errorf("%s: the doors of the plan have %d heights", name, heights)
	}
	cut := axetest.Eval[[]string](tab, `[...document.querySelectorAll(".bk-door")].filter(e => e.scrollWidth > e.clientWidth).map(e => e.innerText)`)
	if len(cut) > 0 {
		t.Errorf("%s: door numbers do not fit: %v", name, cut)
	}
}

// testPaper prints the list: a page for each form, in black and white, and axe
// sees nothing wrong in what paper shows.
func testPaper(t *testing.T, browser *axetest.Browser) {
	base, _ := busyOffice(t)
	tab := browser.Tab(t, 794, 1123) // A4 at 96 dots an inch
	signIn(tab, base)
	tab.Go(base + "/print?bank=a")
	pdf, err := chromedp.Call(tab.Ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true)})
	if err != nil {
		t.Fatal(err)
	}
	forms := axetest.Eval[int](tab, `document.querySelectorAll(".bk-sheet").length`)
	if pages := bytes.Count(pdf.Data, []byte("/Type /Page\n")); forms != 10 || pages != forms {
		t.Errorf("%d forms are on %d pages", forms, pages)
	}
	if _, err := chromedp.Call(tab.Ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		t.Fatal(err)
	}
	tab.Shot("office-paper-a4", false)
	tab.Clean()
	if axetest.Eval[bool](tab, `getComputedStyle(document.querySelector(".bk-menu")).display !== "none"`) {
		t.Error("the menu is printed")
	}
}

func testFollows(t *testing.T, browser *axetest.Browser) {
	s := newAcademy(false)
	base, _ := axetest.Serve(t, "127.0.0.1:0", handlerFor(t, s))
	tab := browser.Tab(t, 1280, 900)
	signIn(tab, base)
	tab.Wait(`document.querySelector(".bk-calm") && document.querySelector(".bk-counts dd").innerText === "141"`)
	s.changeA(func(b *view.Board) {
		b.People[200].State = view.In
		b.Counts.In, b.Counts.NotYet = 142, 154
		b.Problems = []view.Problem{{Code: view.Jammed, Door: 12, Since: now}}
	})
	tab.Wait(`document.querySelector(".bk-problem")?.innerText.includes("Door 12 does not open.")`)
	tab.Wait(`document.querySelector(".bk-counts dd").innerText === "142"`)
	s.changeA(func(b *view.Board) { b.Problems = nil }) // and again: an element once swapped still listens
	tab.Wait(`document.querySelector(".bk-calm")`)
	press(tab, "#bank-a")
	tab.Wait(`location.pathname === "/bank/a" && document.querySelector("#plan-201.bk-door--free")`)
	s.changeA(func(b *view.Board) { b.Doors[200].State = view.DoorOpen })
	tab.Wait(`document.querySelector("#plan-201.bk-door--open")`)
	tab.NoFaults()
}

func testSearch(t *testing.T, browser *axetest.Browser) {
	s := newAcademy(false)
	base, _ := axetest.Serve(t, "127.0.0.1:0", handlerFor(t, s))
	tab := browser.Tab(t, 1280, 900)
	signIn(tab, base)
	tab.Wait(`document.activeElement.id === "q"`)
	tab.Do(chromedp.KeyEvent("chloe m"))
	tab.Wait(`document.querySelector("#found-title")?.parentElement.innerText.includes("Chloé Martin")`)
	tab.Wait(`document.activeElement.id === "q"`)
	// What was found stays true while somebody looks at it.
	s.changeA(func(b *view.Board) { b.People[22].State = view.Out })
	tab.Wait(`document.querySelector("#found-p-23").closest("tr").innerText.includes("Collected")`)
	kept := axetest.Eval[string](tab, `JSON.stringify([localStorage, sessionStorage]) + location`)
	if strings.Contains(strings.ToLower(kept), "chlo") {
		t.Errorf("the browser keeps a name: %s", kept)
	}
	tab.NoFaults()
}

// testHold follows one hold from the search to the last bank.
func testHold(t *testing.T, browser *axetest.Browser) {
	s := newAcademy(true) // bank C is offline
	base, _ := axetest.Serve(t, "127.0.0.1:0", handlerFor(t, s))
	tab := browser.Tab(t, 1280, 900)
	signInAs(tab, base, "dsl")
	tab.Wait(`document.activeElement.id === "q"`)
	tab.Do(chromedp.KeyEvent("jia khan 7a"))
	tab.Wait(`document.querySelector("#found-title")?.innerText.includes("jia khan 7a") && document.querySelector("#found-p-20")`)
	press(tab, "#found-p-20")
	tab.Wait(`document.querySelector("#do-hold")`)
	press(tab, "#do-hold")
	tab.Wait(`document.querySelector("#on")`)
	press(tab, "#on")
	press(tab, "main form button")
	tab.Wait(`location.pathname.startsWith("/bar/") && document.querySelector(".bk-force")?.innerText.includes("In force at Bank A since 08:41:09")`)
	tab.Wait(`document.querySelector(".bk-force").innerText.includes("Not yet at Bank C (offline since 07:51): use the bank’s keypad or key")`)
	tab.Shot("office-hold-partly-1280", true)
	s.comeBack(2)
	tab.Wait(`document.querySelector(".bk-force").innerText.includes("In force at Bank C since 08:41:09") && !document.querySelector(".bk-force__not")`)
	press(tab, "#end")
	tab.Wait(`document.querySelector("main").innerText.includes("Now a second person")`)
	if _, err := s.End(t.Context(), desk.By{Actor: school.Actor{Account: "head", Person: "s-head"}}, s.Standing()[0].ID); err != nil { // at another desk
		t.Fatal(err)
	}
	tab.Wait(`document.querySelector("h1").innerText.includes("does not stand any more")`)
}

func testOpen(t *testing.T, browser *axetest.Browser) {
	s := newAcademy(false)
	base, _ := axetest.Serve(t, "127.0.0.1:0", handlerFor(t, s))
	tab := browser.Tab(t, 1280, 900)
	signIn(tab, base)
	for _, c := range []struct {
		done banks.Done
		err  error
		says string
	}{
		{banks.Done{Seq: 4711}, nil, "It is record 4711 of Bank A."},
		{banks.Done{Seq: 4712, Refused: "barred"}, nil, "A stop or a hold stands"},
		{banks.Done{}, errs.New(errs.Unavailable, "The bank does not answer. No door was opened.", "Use the bank's keypad or key."), "No door was opened."},
	} {
		s.mu.Lock()
		s.answer = func(string, locker.Order) (banks.Done, error) { return c.done, c.err }
		s.mu.Unlock()
		tab.Go(base + "/person/p-5")
		press(tab, "#do-open")
		tab.Wait(`document.querySelector("h1").innerText === "Open door 5 of bank A now?"`)
		press(tab, "main form button")
		tab.Wait(`location.pathname.startsWith("/opened/") && document.querySelector("main").innerText.includes("` + c.says + `")`)
	}
	s.changeA(func(b *view.Board) { b.Doors[4].State = view.DoorOpen })
	tab.Wait(`document.querySelector("main").innerText.includes("Open now")`)
	tab.NoFaults()
}

func testBell(t *testing.T, browser *axetest.Browser) {
	devices := newFleet(false)
	base, _ := axetest.Serve(t, "127.0.0.1:0", handlerFor(t, newAcademy(false), func(c *setting) { c.Devices = devices }))
	tab := browser.Tab(t, 1280, 900)
	signIn(tab, base)
	tab.Go(base + "/devices")
	tab.Wait(`document.querySelectorAll(".bk-state--in-force").length === 12`)
	devices.bell("lesson", DevicePending)
	tab.Wait(`document.querySelectorAll(".bk-state--pending").length === 12 && document.querySelector(".bk-device").innerText.includes("lesson")`)
	devices.bell("lesson", DeviceInForce)
	tab.Wait(`document.querySelectorAll(".bk-state--in-force").length === 12 && document.querySelector(".bk-state").innerText === "In force since 08:42:07"`)
	tab.NoFaults()
}

func testLost(t *testing.T, browser *axetest.Browser) {
	s := newAcademy(false)
	h := handlerFor(t, s)
	base, stop := axetest.Serve(t, "127.0.0.1:0", h)
	tab := browser.Tab(t, 1280, 900)
	signIn(tab, base)
	stop()
	tab.Wait(`!document.querySelector("#lost").hidden && document.querySelector("#lost").innerText.includes("Reconnecting")`)
	tab.Shot("office-lost-1280", false)
	tab.Clean()
	s.changeA(func(b *view.Board) { b.Counts.In = 199 }) // meanwhile
	axetest.Serve(t, strings.TrimPrefix(base, "http://"), h)
	tab.Wait(`document.querySelector("#lost").hidden && document.querySelector(".bk-counts dd").innerText === "199"`)
}

func testEnd(t *testing.T, browser *axetest.Browser) {
	base, _ := axetest.Serve(t, "127.0.0.1:0", handlerFor(t, newAcademy(false)))
	tab := browser.Tab(t, 1280, 900)
	signIn(tab, base)
	// Not awaited: the page may leave for the sign-in before the answer is read.
	axetest.Eval[bool](tab, `(fetch("/sign-out", {method: "POST"}), true)`)
	tab.Wait(`location.pathname === "/sign-in" && document.querySelector("#password")`)
}

// testFocus: whoever reads by keyboard keeps their place while the page moves.
func testFocus(t *testing.T, browser *axetest.Browser) {
	s := newAcademy(true)
	s.bars = []desk.Bar{{ID: "b-9", Kind: desk.Hold, On: locker.Subject{Person: "p-5"}, From: now, By: "head", Seq: 7}}
	base, _ := axetest.Serve(t, "127.0.0.1:0", handlerFor(t, s))
	tab := browser.Tab(t, 1280, 900)
	signIn(tab, base)
	for _, path := range []string{"/bank/a", "/person/p-5", "/form/7A", "/devices", "/bars", "/bar/b-9", "/door/5", "/?q=by"} {
		tab.Go(base + path)
		if n := axetest.Eval[int](tab, `document.querySelectorAll("#live [sse-swap] :is(a, button, input, [tabindex]):not([id])").length`); n > 0 {
			t.Errorf("%s: %d stops of the keyboard have no id and would lose the focus", path, n)
		}
	}
	axetest.Eval[bool](tab, `(document.querySelector("#forced-a-5-p-5-door").focus(), true)`)
	s.changeA(func(b *view.Board) { b.Problems = b.Problems[:2] })
	tab.Wait(`document.querySelector("#problems-title").innerText === "Problems (3)" && document.activeElement.id === "forced-a-5-p-5-door"`)
}

// testKeyboard walks from the top of the start page: to the content in two keys,
// and every stop can be seen.
func testKeyboard(t *testing.T, browser *axetest.Browser) {
	base, _ := axetest.Serve(t, "127.0.0.1:0", handlerFor(t, newAcademy(true)))
	tab := browser.Tab(t, 1280, 900)
	signIn(tab, base)
	axetest.Eval[bool](tab, `(document.activeElement.blur(), document.body.tabIndex = -1, document.body.focus(), document.body.removeAttribute("tabindex"), true)`)
	tab.Do(chromedp.KeyEvent("\t"))
	tab.Wait(`document.activeElement.className === "govuk-skip-link"`)
	var stops []string
	for range 18 {
		tab.Do(chromedp.KeyEvent("\t"))
		seen := axetest.Eval[string](tab, `(e => { const s = getComputedStyle(e);
			return s.outlineStyle !== "none" || s.boxShadow !== "none" ? e.innerText || e.id : "INVISIBLE " + e.outerHTML.slice(0, 200); })(document.activeElement)`)
		if strings.HasPrefix(seen, "INVISIBLE") {
			t.Errorf("the focus cannot be seen: %s", seen)
		}
		stops = append(stops, seen)
	}
	if walk := strings.Join(stops, " > "); !strings.HasPrefix(walk, "Bellkeep > office > Lock > Sign out > Today > Stops and holds > Badges > List to print > Devices > q > Find > In > Problems > Bank C > ") {
		t.Errorf("the order of the keyboard is %s", walk)
	}
	// From the search to a pupil by keys alone.
	axetest.Eval[bool](tab, `(document.querySelector("#q").focus(), true)`)
	tab.Do(chromedp.KeyEvent("jia khan 7a"))
	tab.Wait(`document.querySelector("#found-title")?.innerText.includes("jia khan 7a") && document.querySelector("#found-p-20")`)
	tab.Do(chromedp.KeyEvent("\t"), chromedp.KeyEvent("\t"), chromedp.KeyEvent("\t"))
	tab.Wait(`document.activeElement.id === "found-p-20"`)
	tab.Do(chromedp.KeyEvent("\r"))
	tab.Wait(`location.pathname === "/person/p-20"`)
}

func testAxeLooks(t *testing.T, browser *axetest.Browser) {
	base, _ := axetest.Serve(t, "127.0.0.1:0", handlerFor(t, newAcademy(false)))
	tab := browser.Tab(t, 1280, 900)
	tab.Go(base + "/sign-in")
	axetest.Eval[bool](tab, `(document.querySelector("label").remove(), true)`)
	found, _ := tab.Axe()
	for _, f := range found {
		if f.ID == "label" {
			return
		}
	}
	t.Errorf("axe-core overlooked a field without a label: %v", found)
}
