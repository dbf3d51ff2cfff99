package safeguarding

import (
	"net/url"
	"testing"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/concern"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/chromedp"
)

// TestInBrowser starts one Chromium for everything that needs it.
func TestInBrowser(t *testing.T) {
	browser := axetest.Open(t)
	t.Run("every page is clean and fits", func(t *testing.T) { testPages(t, browser) })
	t.Run("a teacher taps by keyboard", func(t *testing.T) { testKeyboard(t, browser) })
}

func testPages(t *testing.T, browser *axetest.Browser) {
	a := newAcademy(t)
	base, _ := axetest.Serve(t, "127.0.0.1:0", a.handler)
	teacher := kittest.Visit(t, a.handler, "teacher")
	raised := teacher.Sent("/concern", url.Values{"person": {"p-one"}, "category": {"imagery"}, "device": {"hand"}, "power": {"on"}, "locked": {"yes"}, "percent": {"62"},
		"text": {"Another pupil says that there is a picture of somebody in their year. Nobody has looked."}})
	teacher.Sent("/concern", url.Values{"person": {"s-head"}, "category": {"allegation"}, "device": {"none"}})
	file := "/safeguarding/" + a.book.Files(by(roles.DSL))[1].ID
	lead := kittest.Visit(t, a.handler, "dsl")
	lead.Sent(file+"/do/acknowledge", nil)
	lead.Sent(file+"/do/step?step=police", url.Values{"state": {"done"}, "ref": {"46/123456/26, 101"}})
	lead.Sent(file+"/do/entry", url.Values{"kind": {"police"}, "text": {"They will collect it tomorrow."}, "ref": {"46/123456/26"}})
	lead.Sent(file+"/do/plan", url.Values{"what": {"Talk to Year 9"}, "owner": {"Mx Reed"}, "due": {"2026-12-01"}})
	a.now = a.now.AddDate(0, 0, 1)
	if _, err := a.book.Raise(t.Context(), by(roles.Office), concern.Raised{Category: concern.Safeguarding, About: []string{"p-two"}, Device: concern.Device{In: concern.BehindDoor, Whose: "p-two"}}); err != nil {
		t.Fatal(err)
	}
	door := "/safeguarding/" + a.book.Files(by(roles.DSL))[0].ID
	for _, size := range []struct {
		name  string
		width int64
	}{{"1280", 1280}, {"320", 320}} {
		tab, who := browser.Tab(t, size.width, 900), ""
		for _, page := range []struct{ account, name, path string }{
			{"teacher", "who", "/concern"}, {"teacher", "found", "/concern?q=amis"}, {"teacher", "tap", "/concern?person=p-one"}, {"teacher", "tap-door", "/concern?person=p-two"}, {"teacher", "raised", raised},
			{"dsl", "list", "/safeguarding"}, {"dsl", "file", file}, {"dsl", "file-door", door}, {"dsl", "print", file + "/print"}, {"chair", "list-chair", "/safeguarding"},
			{"dsl", "step", file + "/do/step?step=risk"}, {"dsl", "entry", file + "/do/entry"}, {"dsl", "sort", file + "/do/sort?q=a"}, {"dsl", "close", file + "/do/close"},
			{"dsl", "bring", door + "/do/bring"}, {"dsl", "attach", file + "/do/attach"}, {"dsl", "deletion", file + "/do/deletion"}, {"dsl", "plan", file + "/do/plan"},
		} {
			if page.account != who {
				tab.SignIn(base, page.account, kittest.Password, "/concern")
				who = page.account
			}
			tab.Go(base + page.path)
			tab.Looks("safeguarding-" + page.name + "-" + size.name)
		}
		tab.Go(base + file + "/do/close")
		tab.Do(chromedp.Click("main form .govuk-button"))
		tab.Wait(`document.querySelector(".govuk-error-summary")`)
		tab.Looks("safeguarding-close-error-" + size.name)
	}
}

// testKeyboard raises a concern without a mouse on a phone's width.
func testKeyboard(t *testing.T, browser *axetest.Browser) {
	a := newAcademy(t)
	base, _ := axetest.Serve(t, "127.0.0.1:0", a.handler)
	tab := browser.Tab(t, 320, 700)
	tab.SignIn(base, "teacher", kittest.Password, "/concern")
	tab.Go(base + "/concern")
	tab.Wait(`document.activeElement.id === "q"`)
	tab.Key("peter\r")
	tab.Wait(`document.querySelector(".bk-pick")`)
	tab.TabTo(`document.activeElement.matches("a[href='/concern?person=p-one']")`)
	tab.Key("\r")
	tab.Wait(`document.querySelector("#tap")`)
	tab.TabTo(`document.activeElement.id === "tap"`)
	tab.Key("\r")
	tab.Wait(`location.pathname === "/concern/raised"`)
	if bars := a.bars.Standing(); len(bars) != 1 || bars[0].Kind != desk.Hold {
		t.Errorf("held: %+v", bars)
	}
}
