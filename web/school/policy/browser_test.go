package policy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestInBrowser starts one Chromium for everything that needs it.
func TestInBrowser(t *testing.T) {
	browser := axetest.Open(t)
	t.Run("every page is clean and fits", func(t *testing.T) { testPages(t, browser) })
	t.Run("a rule is changed by keyboard", func(t *testing.T) { testKeyboard(t, browser) })
}

// testPages looks at every page at a desk's width and at 320 px, which is also
// what 400 % zoom leaves of a desk.
func testPages(t *testing.T, browser *axetest.Browser) {
	book, h := northbourne(t)
	r := book.Now()
	r.Search.Statutory = []string{"s-7"}
	if _, _, err := book.Propose(t.Context(), actor("head-two"), r, time.Time{}, "As the governors agreed on 3 November."); err != nil {
		t.Fatal(err)
	}
	r = book.Now()
	r.CollectAfter = 5
	later, _, err := book.Propose(t.Context(), actor("head-two"), r, monday.AddDate(0, 0, 10), "The buses are late.")
	if err != nil {
		t.Fatal(err)
	}
	base, _ := axetest.Serve(t, "127.0.0.1:0", h)
	paths := map[string]string{
		"all": "/policy", "clauses": "/policy/clauses?how=enforced", "signs": "/policy/signs",
		"waiting": "/policy/version/" + book.Waiting()[0].ID, "coming": "/policy/version/" + later.ID,
		"radios": "/policy/change/hold_end_approvers.second", "ticks": "/policy/change/notify.illegal_content",
		"lines": "/policy/change/linked_policies", "number": "/policy/change/collect_after_minutes",
	}
	for _, width := range []int64{1280, 320} {
		tab := browser.Tab(t, width, 900)
		tab.SignIn(base, "head", kittest.Password, "/policy")
		for name, path := range paths {
			tab.Go(base + path)
			tab.Looks(fmt.Sprintf("policy-%s-%d", name, width))
		}
		tab.Go(base + paths["radios"])
		tab.Do(chromedp.Click("main form button"))
		tab.Wait(`document.readyState == "complete" && document.querySelector(".govuk-error-summary")`)
		tab.Looks(fmt.Sprintf("policy-error-%d", width))
		tab.Go(base + "/policy/change/confiscated_release_to")
		tab.Do(chromedp.Click("label[for=value-1]"), chromedp.SendKeys(chromedp.ID("why"), "As parents asked.\r"))
		tab.Wait(`document.querySelector("h1").innerText == "Check the change"`)
		tab.Looks(fmt.Sprintf("policy-check-%d", width))
	}
}

func actor(account string) school.Actor {
	return school.Actor{Account: account, Person: "s-" + account}
}

func testKeyboard(t *testing.T, browser *axetest.Browser) {
	book, h := northbourne(t)
	base, _ := axetest.Serve(t, "127.0.0.1:0", h)
	tab := browser.Tab(t, 1280, 900)
	tab.SignIn(base, "head", kittest.Password, "/policy")
	press := func(key string) { t.Helper(); tab.Do(chromedp.KeyEvent(key)) }
	until := func(what string) {
		t.Helper()
		for range 200 {
			if axetest.Eval[bool](tab, `document.activeElement != document.body && (document.activeElement.textContent + document.activeElement.name).includes("`+what+`")`) {
				return
			}
			press("\t")
		}
		t.Fatalf("the keyboard does not reach %s", what)
	}
	until("Change When pupils get their phones back")
	press("\r")
	tab.Wait(`document.querySelector("h1").innerText == "When pupils get their phones back"`)
	until("value")
	press(kb.ArrowUp)
	until("why")
	press("Clearer so.")
	press("\r")
	tab.Wait(`document.querySelector("h1").innerText == "Check the change"`)
	until("Change the rule")
	press("\r")
	tab.Wait(`document.querySelector("h1").innerText == "Rules"`)
	if got := book.Now().CollectRule; got != policy.AfterSchool || !strings.Contains(book.Versions()[0].Why, "Clearer") {
		t.Errorf("in force is %s", got)
	}
}
