package agreements

import (
	"net/url"
	"testing"

	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/chromedp"
)

func signIn(tab *axetest.Tab, base, account string) {
	tab.Go(base + "/sign-in")
	tab.Do(chromedp.SendKeys("#user", account), chromedp.SendKeys("#password", kittest.Password+"\r"))
	tab.Wait(`location.pathname !== "/sign-in"`)
}

// Every page is clean and fits, and a teacher signs without a mouse.
func TestInBrowser(t *testing.T) {
	browser := axetest.Open(t)
	book, h := newSchool(t)
	base, _ := axetest.Serve(t, "127.0.0.1:0", h)
	v := kittest.Visit(t, h, "head")
	for _, k := range []string{"staff", "pupils", "own-phones"} {
		v.Sent("/agreements/publish/"+k, url.Values{"text": {text}, "parents": {"2"}})
	}
	v.SignIn("office")
	v.Sent("/agreements/phones/s-head", nil)
	for _, size := range []struct {
		name  string
		width int64
	}{{"1280", 1280}, {"320", 320}} {
		tab, who := browser.Tab(t, size.width, 900), ""
		for _, page := range []struct{ account, name, path string }{
			{"teacher", "mine", "/agreements"}, {"teacher", "sign", "/agreements/sign/staff"}, {"head", "texts", "/agreements"}, {"head", "publish", "/agreements/publish/pupils"},
			{"office", "unsigned", "/agreements/unsigned"}, {"office", "witness", "/agreements/person/p-7"}, {"office", "phones", "/agreements/phones"},
		} {
			if page.account != who {
				signIn(tab, base, page.account)
				who = page.account
			}
			tab.Go(base + page.path)
			tab.Wait(`document.querySelector("h1")`)
			lookAt(t, tab, page.name+"-"+size.name)
		}
	}
	tab := browser.Tab(t, 320, 700)
	signIn(tab, base, "teacher")
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

// lookAt fails for what axe-core finds, and for what a finger or an eye trips over.
func lookAt(t *testing.T, tab *axetest.Tab, name string) {
	t.Helper()
	tab.Shot("agreements-"+name, true)
	tab.Clean()
	if over := axetest.Eval[int](tab, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
		t.Errorf("%s: %d px wider than the window", name, over)
	}
	small := axetest.Eval[[]string](tab, `[...document.querySelectorAll("a:not(.govuk-skip-link), button, select, input:not([type=hidden]):not(.govuk-radios__input):not(.govuk-checkboxes__input)")]
		.filter(e => !e.closest("[hidden], .govuk-error-summary__list") && e.getClientRects().length && e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 100))`)
	for _, s := range small {
		t.Errorf("%s: lower than 44 px: %s", name, s)
	}
	if axetest.Eval[int](tab, `(ids => ids.length - new Set(ids).size)([...document.querySelectorAll("[id]")].map(e => e.id))`) != 0 {
		t.Errorf("%s: two elements have one id", name)
	}
}
