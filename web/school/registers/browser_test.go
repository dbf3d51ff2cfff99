package registers

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
)

// Every page is clean and fits, and a filter check is written down without a mouse.
func TestInBrowser(t *testing.T) {
	t.Parallel()
	browser := axetest.Open(t)
	o := open(t)
	base, _ := axetest.Serve(t, "127.0.0.1:0", o)
	v := kittest.Visit(t, o, "supply")
	v.Sent("/registers/filter-breaches/new", breach)
	v.SignIn("it")
	v.Sent("/registers/filter-checks/new", check)
	v.Sent("/registers/access/new", form("system", "Parents’ evening booking", "other", "PTA", "by", "The head", "due", "2027-07-31"))
	seen, again := o.last(t, "filter-checks", ""), url.Values{"result": {"Blocks too much"}}
	for name, value := range check {
		if again.Get(name) == "" {
			again[name] = value
		}
	}
	again.Set("why", "One site of the science lesson was blocked.")
	v.Sent("/entries/"+seen+"/correct", again)
	breached := o.last(t, "filter-breaches", "")
	for _, width := range []int64{1280, 320} {
		tab, who := browser.Tab(t, width, 900), ""
		for _, page := range []struct{ account, name, path string }{
			{"head", "list", "/registers"}, {"head", "checks", "/registers/filter-checks"}, {"head", "entry", "/entries/" + seen}, {"head", "training", "/registers/training"},
			{"head", "training-new", "/registers/training/new"}, {"head", "check-new", "/registers/filter-checks/new"}, {"head", "correct", "/entries/" + seen + "/correct"},
			{"dsl", "breach", "/entries/" + breached}, {"it", "access", "/registers/access"}, {"supply", "own", "/registers/filter-breaches"}, {"supply", "breach-new", "/registers/filter-breaches/new"},
		} {
			if page.account != who {
				tab.SignIn(base, page.account, kittest.Password, "/registers")
				who = page.account
			}
			tab.Go(base + page.path)
			tab.Wait(`document.querySelector("h1")`)
			tab.Looks(fmt.Sprintf("registers-%s-%d", page.name, width))
		}
	}
	tab := browser.Tab(t, 320, 700)
	tab.SignIn(base, "leadership", kittest.Password, "/registers")
	to := func(id string) {
		t.Helper()
		for range 120 {
			if axetest.Eval[bool](tab, `document.activeElement.id === "`+id+`"`) {
				return
			}
			tab.Do(chromedp.KeyEvent("\t"))
		}
		t.Fatalf("the keyboard does not reach %s", id)
	}
	to("to-filter-checks")
	tab.Do(chromedp.KeyEvent("\r"))
	tab.Wait(`document.querySelector("#new")`)
	to("new")
	tab.Do(chromedp.KeyEvent("\r"))
	tab.Wait(`document.querySelector("#evidence")`)
	to("result")
	tab.Do(chromedp.KeyEvent(" "))
	to("evidence")
	tab.Do(chromedp.KeyEvent("Twenty addresses on six devices.\t\t\r"))
	tab.Wait(`location.pathname === "/registers/filter-checks" && document.body.innerText.includes("2 of 3 this school year")`)
}
