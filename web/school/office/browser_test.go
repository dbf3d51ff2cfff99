package office

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/board"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// What the board asks of the pretend school beside what the office asks.

func (v *villa) News() uint64 { return v.log.Size() }

func (v *villa) Wait(ctx context.Context, seen uint64) error { return v.log.Wait(ctx, seen) }

func (v *villa) Current() locker.Rules {
	at := func(hour, minute int) time.Time { return time.Date(2026, 11, 23, hour, minute, 0, 0, time.UTC) }
	return locker.Rules{Directory: &locker.Directory{Version: 1}, Plan: school.Plan{Version: 1, Windows: []school.Window{
		{Use: school.Deposit, From: at(8, 15), Until: at(8, 40)},
		{Use: school.Collection, Wave: "year-11", From: at(15, 5), Until: at(16, 30)},
		{Use: school.Collection, Wave: "years-9-10", From: at(15, 10), Until: at(16, 30)},
		{Use: school.Collection, From: at(15, 15), Until: at(16, 30)},
	}}}
}

func (v *villa) Order(context.Context, string, locker.Order) (banks.Done, error) {
	return banks.Done{Seq: 1}, nil
}

// whole is the office's pages with the start page and the pupils' pages.
func (v *villa) whole(t *testing.T) http.Handler {
	t.Helper()
	now := func() time.Time { return v.now }
	k := kittest.Kit(kittest.People(), v, now, nil)
	start, err := board.Pages(k, board.Config{Banks: v, Rules: v, Force: v, Orders: v, People: v, Desk: v.desk, Badges: v.badges,
		Day: v.Day(now), Actions: v.Actions(), Records: v.log, Machine: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	pages, err := Pages(k, v.Config)
	if err != nil {
		t.Fatal(err)
	}
	return kittest.Serve(t, k, start, pages)
}

// busy has something on every page.
func busy(t *testing.T) *villa {
	t.Helper()
	v := newVilla(t)
	marks := map[string]attendance.Mark{}
	for n, p := range v.people[:38] {
		marks[p.ID] = attendance.Present
		if n < 30 {
			v.stand(view.In, p.ID)
		}
	}
	marks["p-31"], marks["p-2"] = attendance.Late, attendance.Absent
	v.mark(t, marks)
	v.mark(t, map[string]attendance.Mark{"p-33": attendance.NoPhone})
	v.stand(view.Exempt, "p-34")
	v.stand(view.StillIn, "p-40")
	v.bank.People[39].Since = morning.AddDate(0, 0, -3)
	v.drawer.devices = []Device{
		{ID: "i-1", What: "phone", Why: GivenIn, Whose: "p-35", Place: Place{Spot: "envelope-1"}, Since: morning.Add(-10 * time.Minute), By: "office"},
		{ID: "i-2", What: "phone", Why: Found, Place: Place{Spot: "safe"}, Since: morning.AddDate(0, 0, -4), By: "office"},
		{ID: "i-3", What: "watch", Why: Confiscated, Whose: "p-1", Place: Place{Bank: "d", Door: 1001}, Since: morning.Add(-5 * time.Minute), By: "teacher"},
	}
	v.drawer.notes = map[string]string{"i-1": "Crack, top left"}
	if _, err := v.badges.IssueTo(t.Context(), "it", "p-1", "p-36"); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestInBrowser starts one Chromium for everything that needs it.
func TestInBrowser(t *testing.T) {
	browser := axetest.Open(t)
	t.Run("every page is clean and fits", func(t *testing.T) { testPages(t, browser) })
	// 320 px is a narrow phone, and a desk's screen at 400 %.
	t.Run("a lost badge by keyboard", func(t *testing.T) { testLostBadge(t, browser, 1280) })
	t.Run("a lost badge by keyboard at 320 px", func(t *testing.T) { testLostBadge(t, browser, 320) })
	t.Run("leaves early by keyboard at 320 px", func(t *testing.T) { testLeaves(t, browser, 320) })
	t.Run("a device at the desk by keyboard at 320 px", func(t *testing.T) { testAtDesk(t, browser, 320) })
	t.Run("the list on paper", func(t *testing.T) { testPaper(t, browser) })
}

func testPages(t *testing.T, browser *axetest.Browser) {
	v := busy(t)
	base, _ := axetest.Serve(t, "127.0.0.1:0", v.whole(t))
	leave, err := v.book.LeaveEarly(t.Context(), "office", attendance.Leave{Person: "p-37", Reason: attendance.Ill, Collects: "Grandmother", Until: morning.Add(7 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{
		"today": "/", "pupil": "/person/p-36", "missing": "/missing", "left": "/left", "attendance": "/attendance", "form": "/attendance/form/7B",
		"file": "/attendance/file", "pupil-today": "/person/p-36/today", "leave-early": "/person/p-36/leave", "leave": "/leave/" + leave.Grant,
		"spare": "/person/p-36/spare", "desk": "/desk", "take": "/person/p-36/desk", "found": "/found", "device": "/desk/i-1", "owner": "/desk/i-2?q=byron", "confiscated": "/desk/i-3",
	}
	wide := []string{"today", "pupil", "missing", "attendance", "form", "desk"} // the others differ in their words only
	for _, size := range []struct {
		name          string
		width, height int64
		pages         []string
	}{{"1280", 1280, 900, wide}, {"320", 320, 640, slices.Sorted(maps.Keys(pages))}} {
		tab := browser.Tab(t, size.width, size.height)
		look := func(name string) { t.Helper(); tab.Looks("office-day-" + name + "-" + size.name) }
		tab.SignIn(base, "office", kittest.Password, "/missing")
		for _, name := range size.pages {
			tab.Go(base + pages[name])
			look(name)
		}
		for name, path := range map[string]string{"leave-error": "/person/p-36/leave", "spare-error": "/person/p-36/spare", "take-error": "/person/p-36/desk", "file-error": "/attendance/file"} {
			if size.name == "1280" {
				break
			}
			tab.Go(base + path)
			axetest.Eval[bool](tab, `(document.querySelector("main form .govuk-button").click(), true)`)
			tab.Wait(`document.querySelector(".govuk-error-summary")?.matches(":focus")`)
			look(name)
		}
		tab.Go(base + "/attendance/file")
		axetest.Eval[bool](tab, `(document.querySelector("#pasted").value = "Adno;Mon AM\n1001;N\n1038;/\n1040;/\n77;/\n", document.querySelector("main form .govuk-button").click(), true)`)
		tab.Wait(`document.querySelector("h1").innerText === "Is this right?"`)
		axetest.Eval[bool](tab, `(document.querySelector("#mark").value = "1", document.querySelector(".bk-columns button").click(), true)`)
		tab.Wait(`document.querySelector("main").innerText.includes("What would change: 2")`)
		look("preview")
	}
}

// toPupil goes from the start page to a pupil by keys alone.
func toPupil(tab *axetest.Tab, base, name, id string) {
	tab.SignIn(base, "office", kittest.Password, "/missing")
	tab.Go(base + "/")
	tab.Wait(`document.activeElement.id === "q"`)
	tab.Do(chromedp.KeyEvent(name))
	tab.Wait(`document.querySelector("#found-` + id + `")`)
	to(tab, "found-"+id)
	tab.Do(chromedp.KeyEvent("\r"))
	tab.Wait(`location.pathname === "/person/` + id + `" && document.querySelector("#actions-title")`)
}

// to walks with the tab key until an element has the focus.
func to(tab *axetest.Tab, id string) {
	for range 60 {
		tab.Do(chromedp.KeyEvent("\t"))
		if axetest.Eval[string](tab, "document.activeElement.id") == id {
			return
		}
	}
	tab.Wait(`"the tab key" === "does not reach ` + id + `"`)
}

func enter(tab *axetest.Tab, id string) {
	to(tab, id)
	tab.Do(chromedp.KeyEvent("\r"))
}

func testLostBadge(t *testing.T, browser *axetest.Browser, width int64) {
	v := busy(t)
	spares, err := v.badges.Spares(t.Context(), "it", 1)
	if err != nil {
		t.Fatal(err)
	}
	base, _ := axetest.Serve(t, "127.0.0.1:0", v.whole(t))
	tab := browser.Tab(t, width, 640)
	toPupil(tab, base, "ada clarke", "p-31")
	if _, err := v.badges.IssueTo(t.Context(), "it", "p-31"); err != nil {
		t.Fatal(err)
	}
	enter(tab, "do-spare")
	tab.Wait(`document.activeElement.id === "badge"`)         // nothing to do but scan
	tab.Do(chromedp.KeyEvent(spares[0].Token.Badge() + "\r")) // as a scanner that poses as a keyboard
	tab.Wait(`location.pathname === "/person/p-31" && document.querySelector("#badge-title").parentElement.innerText.includes("No. 3, in use")`)
	tab.Wait(`document.querySelector("#badge-title").parentElement.innerText.includes("Every bank knows it")`)
	tab.NoFaults()
}

func testLeaves(t *testing.T, browser *axetest.Browser, width int64) {
	v := busy(t)
	base, _ := axetest.Serve(t, "127.0.0.1:0", v.whole(t))
	tab := browser.Tab(t, width, 640)
	toPupil(tab, base, "bilal clarke", "p-32")
	enter(tab, "do-leave")
	tab.Wait(`document.querySelector("#collects")`)
	to(tab, "reason")
	tab.Do(chromedp.KeyEvent(" "))
	to(tab, "collects")
	tab.Do(chromedp.KeyEvent("Her mother\r"))
	tab.Wait(`location.pathname.startsWith("/leave/") && document.querySelector(".bk-force")?.innerText.includes("In force at Bank A since 08:55:02")`)
	if g := v.desk.Grants(v.now); len(g) != 1 || g[0].Person != "p-32" {
		t.Errorf("granted %+v", g)
	}
	tab.NoFaults()
}

func testAtDesk(t *testing.T, browser *axetest.Browser, width int64) {
	v := busy(t)
	base, _ := axetest.Serve(t, "127.0.0.1:0", v.whole(t))
	tab := browser.Tab(t, width, 640)
	toPupil(tab, base, "dylan o", "p-39")
	enter(tab, "do-desk")
	tab.Wait(`document.querySelector("#spot")`)
	to(tab, "spot")
	tab.Do(chromedp.KeyEvent("O")) // Office safe
	to(tab, "condition")
	tab.Do(chromedp.KeyEvent("Crack, top left"))
	axetest.Eval[bool](tab, `true`)
	tab.Do(chromedp.KeyEvent("\t"), chromedp.KeyEvent("\r"))
	tab.Wait(`location.pathname === "/desk/i-4" && document.querySelector("main").innerText.includes("Crack, top left")`)
	to(tab, "to")
	tab.Do(chromedp.KeyEvent("\r"))
	tab.Wait(`document.querySelector("main").innerText.includes("given back to its owner")`)
	tab.NoFaults()
}

func testPaper(t *testing.T, browser *axetest.Browser) {
	v := busy(t)
	base, _ := axetest.Serve(t, "127.0.0.1:0", v.whole(t))
	tab := browser.Tab(t, 794, 1123) // A4 at 96 dots an inch
	tab.SignIn(base, "office", kittest.Password, "/missing")
	for _, path := range []string{"/missing", "/left"} {
		tab.Go(base + path)
		if _, err := chromedp.Call(tab.Ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
			t.Fatal(err)
		}
		tab.Shot("office-day-paper-"+path[1:], true)
		tab.Clean()
		if axetest.Eval[bool](tab, `[".bk-menu", "#print", ".govuk-back-link"].some(s => getComputedStyle(document.querySelector(s)).display !== "none" && document.querySelector(s).offsetHeight > 0)`) {
			t.Errorf("%s: what is only for the screen is printed", path)
		}
	}
}
