package fleet

import (
	"net/url"
	"testing"

	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/chromedp"
)

// TestInBrowser starts one Chromium for everything that needs it.
func TestInBrowser(t *testing.T) {
	browser := axetest.Open(t)
	t.Run("every page is clean and fits", func(t *testing.T) { testPages(t, browser) })
	t.Run("enrolled and issued by keyboard", func(t *testing.T) { testKeyboard(t, browser) })
}

// testPages looks at every page at a desk's width, and at 320 px: a small phone,
// and what 400 % zoom leaves of 1280.
func testPages(t *testing.T, browser *axetest.Browser) {
	a := newAcademy(t)
	a.passcode = "assumed"
	a.unsigned["p-2"] = true
	base, _ := axetest.Serve(t, "127.0.0.1:0", a.handler)
	v := kittest.Visit(t, a.handler, "it")
	a.have(t, "ipad-1", "ipad-2", "ipad-3", "ipad-4", "ipad-5")
	for device, person := range map[string]string{"ipad-1": "s-teacher", "ipad-2": "p-1", "ipad-5": "s-office"} {
		v.Sent("/fleet/device/"+device+"/issue", url.Values{"to": {person}, "seen": {"yes"}})
	}
	a.left["s-office"] = true
	v.Sent("/fleet/device/ipad-1/quarantine", url.Values{"why": {"An allegation was made on Friday."}, "about": {"s-teacher"}})
	v.SignIn("head")
	v.Sent("/fleet/device/ipad-1/advice", url.Values{"advice": {"DC Example, by telephone: keep it switched off until Monday."}})
	v.Sent("/fleet/quarantine/ipad-1/end", nil)
	v.SignIn("it")
	v.Sent("/fleet/device/ipad-4/details", url.Values{"groups": {"staff-ipads"}, "asks": {"yes"}, "why": {"A member of staff lost theirs; pictures may travel."}})
	v.Sent("/fleet/device/ipad-3/lost", url.Values{"line": {"cut"}})
	list := "id,label,platform,groups,flags\nipad-20,Trolley 1 number 20,ipad,trolley-1,classroom\nipad-21,,ipad,trolley-1 staff-ipads,\n"
	for _, size := range []struct {
		name  string
		width int64
	}{{"1280", 1280}, {"320", 320}} {
		tab, who := browser.Tab(t, size.width, 900), ""
		for _, page := range []struct{ account, name, path string }{
			{"it", "list", "/fleet"}, {"it", "lost-list", "/fleet?show=lost"}, {"it", "register", "/fleet/register"},
			{"it", "enrol", "/fleet/enrol"}, {"it", "sheet", "/fleet/enrol/list"}, {"it", "device", "/fleet/device/ipad-2"},
			{"it", "issue-find", "/fleet/device/ipad-4/issue?q=the"}, {"it", "issue", "/fleet/device/ipad-4/issue?to=p-2"},
			{"it", "lost", "/fleet/device/ipad-2/lost"}, {"it", "replace", "/fleet/device/ipad-2/replace"}, {"it", "retire", "/fleet/device/ipad-2/retire"},
			{"it", "details", "/fleet/device/ipad-2/details"}, {"it", "waits-to-move", "/fleet/device/ipad-4"}, {"it", "quarantine", "/fleet/device/ipad-2/quarantine"},
			{"head", "evidence", "/fleet/device/ipad-1"}, {"dsl", "quarantines", "/fleet/quarantine"}, {"office", "secret", "/fleet/device/ipad-1"},
		} {
			if page.account != who {
				tab.SignIn(base, page.account, kittest.Password, "/")
				who = page.account
			}
			tab.Go(base + page.path)
			tab.Wait(`document.querySelector("h1")`)
			tab.Looks("fleet-" + page.name + "-" + size.name)
		}
		tab.SignIn(base, "it", kittest.Password, "/")
		tab.Go(base + "/fleet/device/ipad-2/details")
		tab.Do(chromedp.Click("[value=trolley-1]"), chromedp.Click("[value=staff-ipads]"), chromedp.Click("main .govuk-button"))
		tab.Wait(`document.querySelector("#why")`)
		tab.Looks("fleet-" + "move-" + size.name)
		tab.Go(base + "/fleet/enrol")
		tab.Do(chromedp.Click("main .govuk-button"))
		tab.Wait(`document.querySelector(".govuk-error-summary")`)
		tab.Looks("fleet-" + "enrol-error-" + size.name)
		tab.Go(base + "/fleet/enrol/list")
		axetest.Eval[bool](tab, `(document.querySelector("#csv").value = `+quoted(list)+`, true)`)
		tab.Do(chromedp.Click("main .govuk-button"))
		tab.Wait(`document.querySelector("h1").innerText === "Is this right?"`)
		tab.Looks("fleet-" + "check-" + size.name)
		tab.Do(chromedp.Click("main .govuk-button"))
		tab.Wait(`document.querySelectorAll(".bk-qr svg").length === 2`)
		tab.Looks("fleet-" + "codes-" + size.name)
	}
}

// testKeyboard enrols a device without a mouse on a phone's width, sees it join
// without touching the page, and hands it over.
func testKeyboard(t *testing.T, browser *axetest.Browser) {
	a := newAcademy(t)
	base, _ := axetest.Serve(t, "127.0.0.1:0", a.handler)
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
	tab.SignIn(base, "it", kittest.Password, "/")
	tab.Go(base + "/fleet")
	to("#enrol")
	tab.Do(chromedp.KeyEvent("\r"))
	tab.Wait(`document.querySelector("#platform")`)
	to("#id")
	tab.Do(chromedp.KeyEvent("ipad-7"))
	to("#platform")
	tab.Do(chromedp.KeyEvent(" "))
	to("main form .govuk-button")
	tab.Do(chromedp.KeyEvent("\r"))
	tab.Wait(`document.querySelector(".bk-qr svg") && document.body.innerText.includes("0 of 1")`)
	a.joins("ipad-7")
	tab.Wait(`document.body.innerText.includes("1 of 1") && !document.querySelector(".bk-qr")`) // nobody touched the page
	tab.Clean()
	to("#joined-ipad-7")
	tab.Do(chromedp.KeyEvent("\r"))
	tab.Wait(`document.querySelector("#issue")`)
	to("#issue")
	tab.Do(chromedp.KeyEvent("\r"))
	tab.Wait(`document.activeElement.id === "q"`)
	tab.Do(chromedp.KeyEvent("sana\r"))
	tab.Wait(`document.querySelector("#found")`)
	to(`a[href$='to=p-1']`)
	tab.Do(chromedp.KeyEvent("\r"))
	tab.Wait(`document.querySelector("#give")`)
	to("#give")
	tab.Do(chromedp.KeyEvent("\r"))
	tab.Wait(`document.querySelector(".govuk-tag") && document.body.innerText.includes("Sana Iqbal (7A) since")`)
	if a.Holder("ipad-7") != "p-1" {
		t.Error("it was not issued")
	}
}
