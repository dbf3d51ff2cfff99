package agreements

import (
	"net/url"
	"testing"

	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/chromedp"
)

// Every page is clean and fits, and a teacher signs without a mouse.
func TestInBrowser(t *testing.T) {
	browser := axetest.Open(t)
	book, h := newSchool(t)
	base, _ := axetest.Serve(t, "127.0.0.1:0", h)
	v := kittest.Visit(t, h, "head")
	for _, k := range []string{"staff", "pupils", "visitors", "own-phones"} {
		v.Sent("/agreements/publish/"+k, url.Values{"text": {text}, "parents": {"2"}})
	}
	v.SignIn("office")
	v.Sent("/agreements/phones/s-head", nil)
	v.Sent("/agreements/visitors/sign", vera())
	for _, size := range []struct {
		name  string
		width int64
	}{{"1280", 1280}, {"320", 320}} {
		tab, who := browser.Tab(t, size.width, 900), ""
		for _, page := range []struct{ account, name, path string }{
			{"teacher", "mine", "/agreements"}, {"teacher", "sign", "/agreements/sign/staff"}, {"head", "texts", "/agreements"}, {"head", "publish", "/agreements/publish/pupils"},
			{"office", "unsigned", "/agreements/unsigned"}, {"office", "witness", "/agreements/person/p-7"}, {"office", "phones", "/agreements/phones"}, {"office", "visitors", "/agreements/visitors"}, {"office", "visitor-sign", "/agreements/visitors/sign"},
		} {
			if page.account != who {
				tab.SignIn(base, page.account, kittest.Password, "/")
				who = page.account
			}
			tab.Go(base + page.path)
			tab.Wait(`document.querySelector("h1")`)
			tab.Looks("agreements-" + page.name + "-" + size.name)
		}
	}
	tab := browser.Tab(t, 320, 700)
	tab.SignIn(base, "teacher", kittest.Password, "/")
	tab.Go(base + "/agreements/sign/staff")
	for range 40 {
		if axetest.Eval[bool](tab, `document.activeElement.id === "name"`) {
			break
		}
		tab.Do(chromedp.KeyEvent("\t"))
	}
	tab.Do(chromedp.KeyEvent("The teacher\r"))
	tab.Wait(`location.pathname === "/agreements" && document.body.innerText.includes("Signed 23 November 2026")`)
	if err := book.MayHave("s-teacher"); err != nil {
		t.Error(err)
	}
}

// TestVisitorByKeyboard lets a visitor sign on a phone's width, without a mouse.
func TestVisitorByKeyboard(t *testing.T) {
	t.Parallel()
	browser := axetest.Open(t)
	book, h := newSchool(t)
	base, _ := axetest.Serve(t, "127.0.0.1:0", h)
	kittest.Visit(t, h, "head").Sent("/agreements/publish/visitors", url.Values{"text": {text}})
	tab := browser.Tab(t, 320, 700)
	tab.SignIn(base, "office", kittest.Password, "/")
	tab.Go(base + "/agreements/visitors")
	to := func(id string) {
		t.Helper()
		for range 60 {
			if axetest.Eval[bool](tab, `document.activeElement.id === "`+id+`"`) {
				return
			}
			tab.Do(chromedp.KeyEvent("\t"))
		}
		t.Fatalf("the keyboard does not reach %s", id)
	}
	to("sign")
	tab.Do(chromedp.KeyEvent("\r"))
	tab.Wait(`document.querySelector("#host")`)
	to("name")
	tab.Do(chromedp.KeyEvent("Vera Visitor\r"))
	tab.Wait(`document.querySelector(".govuk-error-summary a[href='#host']")`)
	tab.Looks("agreements-visitor-error-320")
	to("host")
	tab.Do(chromedp.KeyEvent("The t"))
	to("name")
	tab.Do(chromedp.KeyEvent("\r"))
	tab.Wait(`document.body.innerText.includes("Here now (1)")`)
	if visits := book.Visits(); len(visits) != 1 || visits[0].Host != "s-teacher" || visits[0].Name != "Vera Visitor" {
		t.Errorf("%+v", visits)
	}
}
