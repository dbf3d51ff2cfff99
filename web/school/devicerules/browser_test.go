package devicerules

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestInBrowser starts one Chromium for everything that needs it.
func TestInBrowser(t *testing.T) {
	browser := axetest.Open(t)
	t.Run("every page is clean and fits", func(t *testing.T) { testPages(t, browser) })
	t.Run("a move is agreed to by keyboard", func(t *testing.T) { testMoveByKeyboard(t, browser) })
	t.Run("a change is asked for and agreed to by keyboard", func(t *testing.T) { testKeyboard(t, browser) })
}

// testPages looks at every page at a desk's width and at 320 px, which is also
// what 400 % zoom leaves of a desk.
func testPages(t *testing.T, browser *axetest.Browser) {
	s := open(t)
	s.consent = true
	v := kittest.Visit(t, s, "it")
	ask := func(path string, set url.Values) string {
		form := filled(v.Page(http.StatusOK, path))
		for name, values := range set {
			form[name] = values
		}
		form = filled(v.Answer(http.StatusOK, path, form))
		form.Set("why", "Year 7 shares its films with the library.")
		form.Set("risk", "Pictures may travel further than they should; a teacher looks on, and it ends at half-term.")
		return v.Sent(path, form)
	}
	ask("/device-rules/edit/profile/assembly", url.Values{"camera": {`"user"`}})
	overtaken := ask("/device-rules/edit/profile/quiet", url.Values{"share": {`"user"`}})
	ask("/device-rules/edit/group/library", url.Values{"name": {"Laptops of the library"}})
	waiting := ask("/device-rules/edit/list/social-sites", url.Values{"items": {"facebook.com\nnew.example"}})
	base, _ := axetest.Serve(t, "127.0.0.1:0", s)
	paths := map[string]string{
		"move": s.moves(t), "all": "/device-rules", "version": "/device-rules/version/3", "waiting": waiting, "overtaken": overtaken, "why": "/device/pad-1/why",
		"profile": "/device-rules/edit/profile/social-never", "list": "/device-rules/edit/list/social-sites", "group": "/device-rules/edit/group/new", "quarantine": "/device-rules/edit/quarantine/all",
	}
	for _, width := range []int64{1280, 320} {
		tab := browser.Tab(t, width, 900)
		tab.SignIn(base, "it", kittest.Password, "/device-rules")
		for name, path := range paths {
			tab.Go(base + path)
			tab.Looks(fmt.Sprintf("device-rules-%s-%d", name, width))
		}
		tab.Go(base + paths["profile"])
		tab.Do(chromedp.Click("label[for=share-1]"), chromedp.Click("main form button"))
		tab.Wait(`document.querySelector("h1").innerText == "Check the change"`)
		tab.Looks(fmt.Sprintf("device-rules-check-%d", width))
		tab.Do(chromedp.Click("main form button"))
		tab.Wait(`document.readyState == "complete" && document.querySelector(".govuk-error-summary")`)
		tab.Looks(fmt.Sprintf("device-rules-error-%d", width))
		head := browser.Tab(t, width, 900)
		head.SignIn(base, "head", kittest.Password, waiting)
		head.Looks(fmt.Sprintf("device-rules-review-%d", width))
		head.Go(base + paths["move"])
		head.Looks(fmt.Sprintf("device-rules-move-review-%d", width))
	}
}

func testKeyboard(t *testing.T, browser *axetest.Browser) {
	s := open(t)
	base, _ := axetest.Serve(t, "127.0.0.1:0", s)
	tab := browser.Tab(t, 1280, 900)
	press := func(key string) { t.Helper(); tab.Do(chromedp.KeyEvent(key)) }
	until := func(what string) {
		t.Helper()
		for range 300 {
			if axetest.Eval[bool](tab, `document.activeElement != document.body && (document.activeElement.textContent + " " + document.activeElement.name).includes("`+what+`")`) {
				return
			}
			press("\t")
		}
		t.Fatalf("the keyboard does not reach %s", what)
	}
	tab.SignIn(base, "it", kittest.Password, "/device-rules")
	until("Change Quiet in lessons")
	press("\r")
	tab.Wait(`document.querySelector("h1").innerText == "Change the profile"`)
	until(" share")
	press(kb.ArrowDown) // from off to as the user likes
	until("Continue")
	press("\r")
	tab.Wait(`document.querySelector("h1").innerText == "Check the change"`)
	until(" why")
	press("Films are shared.")
	until(" risk")
	press("Pictures may travel; a teacher looks on.")
	until("Ask for this change")
	press("\r")
	tab.Wait(`document.querySelector("h1").innerText.startsWith("A change of device rules")`)
	request := axetest.Eval[string](tab, `location.pathname`)

	other := browser.Tab(t, 1280, 900)
	other.SignIn(base, "dsl", kittest.Password, request)
	tab = other
	until(" words-educational")
	press("For one term.")
	until("Agree")
	press("\r")
	tab.Wait(`document.body.innerText.includes("Published")`)
	rules, n := s.book.At(s.now)
	if n != 2 || rules.Profiles[1].Set[mdm.Share] != mdm.User || !strings.Contains(s.book.Requests()[0].Why, "Films") {
		t.Errorf("version %d is in force", n)
	}
}

// testMoveByKeyboard agrees to a move on a phone's width without a mouse.
func testMoveByKeyboard(t *testing.T, browser *axetest.Browser) {
	s := open(t)
	page := s.moves(t)
	base, _ := axetest.Serve(t, "127.0.0.1:0", s)
	tab := browser.Tab(t, 320, 700)
	tab.SignIn(base, "teacher", kittest.Password, "/device-rules")
	until := func(selector string) {
		t.Helper()
		for range 200 {
			if axetest.Eval[bool](tab, `document.activeElement.matches("`+selector+`")`) {
				return
			}
			tab.Do(chromedp.KeyEvent("\t"))
		}
		t.Fatalf("the keyboard does not reach %s", selector)
	}
	until(`a[href='` + page + `']`)
	tab.Do(chromedp.KeyEvent("\r"))
	tab.Wait(`document.querySelector("#words-educational")`)
	until("#words-educational")
	tab.Do(chromedp.KeyEvent("Staff only."))
	until("button[value=yes]")
	tab.Do(chromedp.KeyEvent("\r"))
	tab.Wait(`document.body.innerText.includes("Staff only.") && document.body.innerText.includes("Moved")`)
	if len(s.groups("pad-1")) != 1 || s.groups("pad-1")[0] != "staff-ipads" {
		t.Errorf("it is in %v", s.groups("pad-1"))
	}
}
