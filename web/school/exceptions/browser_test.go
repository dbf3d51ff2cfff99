package exceptions

import (
	"net/url"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/chromedp"
)

// TestInBrowser starts one Chromium for everything that needs it.
func TestInBrowser(t *testing.T) {
	browser := axetest.Open(t)
	t.Run("every page is clean and fits", func(t *testing.T) { testPages(t, browser) })
	t.Run("asked and approved by keyboard", func(t *testing.T) { testKeyboard(t, browser) })
}

// testPages looks at every page at a desk's width, and at 320 px: a small phone,
// and what 400 % zoom leaves of 1280.
func testPages(t *testing.T, browser *axetest.Browser) {
	a := newAcademy(t)
	h := a.handler(t)
	base, _ := axetest.Serve(t, "127.0.0.1:0", h)
	v := kittest.Visit(t, h, "office")
	in := v.Sent("/person/p-1/exception", medical())
	class := asked(v, "teacher", "/exceptions/lesson", lesson())
	v.SignIn("head")
	v.Sent(in+"/approve", nil)
	v.Sent(class+"/approve", nil)
	waits := asked(v, "office", "/person/p-2/exception", medical())
	travel := medical()
	travel.Set("kind", "travel")
	travel.Set("scope", "daily")
	travel.Set("start", "14:30")
	travel.Set("end", "16:00")
	over := asked(v, "office", "/person/p-3/exception", travel)
	v.SignIn("head")
	v.Sent(over+"/refuse", url.Values{"why": {"The bus company has changed its times; there is nothing to wait for any more."}})
	written := asked(v, "teacher", "/person/s-teacher/exception", own())
	v.SignIn("head")
	v.Sent(written+"/approve", nil)
	asking := answered(t, v)
	for _, size := range []struct {
		name  string
		width int64
	}{{"1280", 1280}, {"320", 320}} {
		tab, who := browser.Tab(t, size.width, 900), ""
		for _, page := range []struct{ account, name, path string }{
			{"head", "list", "/exceptions"}, {"head", "decide", waits}, {"head", "in-force", in}, {"head", "lesson", class}, {"head", "refused", over},
			{"office", "list-office", "/exceptions"}, {"office", "secret", in}, {"office", "card", in + "/card"},
			{"office", "extend", in + "/extend"}, {"office", "who", "/exceptions/new?q=7"}, {"office", "form", "/person/p-1/exception"},
			{"office", "hours", asking["hours"]}, {"office", "days", asking["days"]}, {"office", "why", asking["why"]}, {"office", "check", asking["check"]},
			{"teacher", "lesson-form", "/exceptions/lesson?form=7A"}, {"teacher", "list-teacher", "/exceptions"}, {"teacher", "permission", written + "/permission"},
		} {
			if page.account != who {
				tab.SignIn(base, page.account, kittest.Password, "/")
				who = page.account
			}
			tab.Go(base + page.path)
			if axetest.Eval[bool](tab, `document.body.innerText.includes("not kept any more")`) {
				t.Errorf("%s: the answers are gone", page.name)
			}
			tab.Looks("exceptions-" + page.name + "-" + size.name)
		}
		for name, path := range map[string]string{"lesson-error": "/exceptions/lesson", "kind-error": "/person/p-2/exception"} {
			tab.Go(base + path)
			tab.Do(chromedp.Click("main .govuk-button"))
			tab.Wait(`document.querySelector(".govuk-error-summary")`)
			tab.Looks("exceptions-" + name + "-" + size.name)
		}
	}
}

// answered are the addresses of the steps of a request that the office has answered
// and not sent.
func answered(t *testing.T, v *kittest.Visitor) map[string]string {
	v.SignIn("office")
	at := "/person/p-2/exception"
	all := medical()
	all.Set("scope", "daily")
	all.Set("start", "14:30")
	all.Set("end", "16:00")
	all.Set("why", "Goes home by the early bus, which leaves before the bell and comes once an hour.\nIt is two villages away.")
	all.Set("allow", "bluetooth")
	pages := map[string]string{}
	for _, s := range steps {
		form := url.Values{}
		for _, field := range s.fields {
			form[field] = all[field]
		}
		pages[s.name] = at
		at = step(t, v, at, form)
	}
	pages[checkName] = at
	return pages
}

// testKeyboard asks and approves without a mouse, on a phone's width.
func testKeyboard(t *testing.T, browser *axetest.Browser) {
	a := newAcademy(t)
	base, _ := axetest.Serve(t, "127.0.0.1:0", a.handler(t))
	tab := browser.Tab(t, 320, 700)
	to := func(selector string) {
		t.Helper()
		for range 60 {
			if axetest.Eval[bool](tab, `document.activeElement.matches("`+selector+`")`) {
				return
			}
			tab.Do(chromedp.KeyEvent("\t"))
		}
		t.Fatalf("the keyboard does not reach %s", selector)
	}
	tab.SignIn(base, "office", kittest.Password, "/")
	tab.Go(base + "/exceptions")
	to("#new")
	tab.Do(chromedp.KeyEvent("\r"))
	tab.Wait(`document.activeElement.id === "q"`)
	tab.Do(chromedp.KeyEvent("sana\r"))
	tab.Wait(`document.querySelector("#found")`)
	to(`a[href='/person/p-1/exception']`)
	tab.Do(chromedp.KeyEvent("\r"))
	tab.Wait(`document.querySelector("#kind")`)
	next := func(step string) {
		t.Helper()
		to("main form .govuk-button")
		tab.Do(chromedp.KeyEvent("\r"))
		tab.Wait(`location.search.includes("step=` + step + `") && document.querySelector("h1")`)
	}
	to("#kind")
	tab.Do(chromedp.KeyEvent(" "))
	next("hours")
	next("days")
	to("#until")
	for _, field := range []string{"until", "review"} { // how a date is typed depends on the browser's language
		axetest.Eval[bool](tab, `(document.querySelector("#`+field+`").value = "`+monday.AddDate(0, 6, 0).Format(time.DateOnly)+`", true)`)
	}
	next("why")
	to("#why")
	tab.Do(chromedp.KeyEvent("glucose monitor"))
	next("check")
	to("main form .govuk-button")
	tab.Do(chromedp.KeyEvent("\r"))
	tab.Wait(`location.pathname.startsWith("/exception/x-") && document.body.innerText.includes("Waits for a decision")`)
	tab.SignIn(base, "head", kittest.Password, "/")
	tab.Go(base + "/exceptions")
	to("main form .govuk-button")
	tab.Do(chromedp.KeyEvent("\r"))
	tab.Wait(`location.pathname.startsWith("/exception/x-") && document.querySelector(".govuk-tag").innerText.includes("In force")`)
	if !a.book.Exempt("p-1") {
		t.Error("approved, and not exempt")
	}
}
