package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/bellkeep/bellkeep/web/ui/axetest"
)

// walker is a person at a browser of their own, who has no mouse. Whatever they
// reach, they reach with the Tab key, and see that they have; every page they come
// to is looked at, once in a walk.
type walker struct {
	*axetest.Tab
	t    *testing.T
	day  *workday
	name string // of the account, and of the screenshots
	base string // of the pages, as this browser names them
	size window
	keys int // pressed so far; a text counts as one

	proved int             // how often they had to say again who they are
	seen   map[string]bool // pages looked at
	led    map[string]bool // pages that links led to
}

// window is how much of a page there is room for.
type window struct {
	width, height int64
	zoom          float64
}

// The windows people sit before: a computer's, the same at 400 % zoom, and two
// telephones.
var (
	atDesk    = window{1280, 900, 1}
	zoomed    = window{320, 256, 4}
	telephone = window{390, 844, 1}
	small     = window{320, 640, 1}
)

// most is how many Tabs a person has the patience for.
const most = 250

// walk gives somebody a browser, signed out.
func (w *workday) walk(t *testing.T, account string, size window) *walker {
	t.Helper()
	p := &walker{Tab: w.browser.Apart(t, size.width, size.height), t: t, day: w, name: account, base: w.pages.url(), size: size, seen: map[string]bool{}, led: map[string]bool{}}
	p.resize(size)
	return p
}

// signedIn is walk, up to the first page.
func (w *workday) signedIn(t *testing.T, account string, size window) *walker {
	t.Helper()
	p := w.walk(t, account, size)
	p.at("/sign-in")
	p.fill("Account name", account)
	p.fill("Password", demoSecret)
	p.press("Sign in")
	return p
}

func (p *walker) resize(to window) {
	p.t.Helper()
	p.Do(chromedp.EmulateViewport(to.width, to.height, chromedp.EmulateScale(to.zoom)))
}

// prove says once more who it is, where a page asks for that.
func (p *walker) prove() {
	p.t.Helper()
	if p.path() != "/prove" {
		return
	}
	p.proved++
	p.fill("Your password, or a code of your app", demoSecret)
	p.press("Go on")
}

// until presses a link again and again until the page it leads to says something;
// without a link the page is loaded again.
func (p *walker) until(link, text string) {
	p.t.Helper()
	p.day.await(text, func() bool {
		if strings.Contains(axetest.Eval[string](p.Tab, `document.body.innerText.replace(/\s+/g, " ")`), text) {
			return true
		}
		if link == "" {
			p.at(axetest.Eval[string](p.Tab, "location.pathname + location.search"))
		} else {
			p.press(link)
		}
		return false
	})
}

// at types an address. What a person does every day should be reached by links.
func (p *walker) at(path string) {
	p.t.Helper()
	p.Go(p.base + path)
	p.look()
}

// press reaches the button or link of a name and presses Enter, which must lead
// to a page. A name that ends with "..." need only begin like that.
func (p *walker) press(name string) {
	p.t.Helper()
	p.unfold(name)
	p.reach(name, "button", "link")
	p.enter()
}

// unfold opens the menu of a narrow screen where a page of that name is in it, and
// nowhere else in sight.
func (p *walker) unfold(name string) {
	p.t.Helper()
	quoted, err := json.Marshal(name)
	if err != nil {
		p.t.Fatal(err)
	}
	if axetest.Eval[bool](p.Tab, `((name, fold) => !!fold && fold.checkVisibility() && !fold.open &&
		[...fold.querySelectorAll("a")].some(a => a.textContent.trim() == name) &&
		![...document.querySelectorAll("a, button")].some(e => e.checkVisibility() && e.innerText.trim() == name))(`+string(quoted)+`, document.querySelector(".bk-menu details"))`) {
		p.reach("Menu", "DisclosureTriangle")
		p.key(kb.Enter)
	}
}

// enter presses Enter where the focus is, and waits for the page it leads to.
func (p *walker) enter() {
	p.t.Helper()
	axetest.Eval[bool](p.Tab, "window.__left = true")
	p.key(kb.Enter)
	p.Wait(`!window.__left && document.readyState == "complete"`)
	p.look()
}

// fill reaches a field and types into it, in place of what was there.
func (p *walker) fill(label, text string) {
	p.t.Helper()
	p.reach(label, "textbox", "searchbox", "combobox", "spinbutton", "Date", "DateTime")
	if axetest.Eval[bool](p.Tab, `(e => e.tagName == "TEXTAREA" && e.value != "")(document.activeElement)`) {
		p.Do(chromedp.KeyEvent("a", chromedp.KeyModifiers(kb.ModifierCtrl)))
	}
	p.key(text)
}

// when reaches a field of a date, or of a date and a time, and types it, as a
// browser of no particular country wants it typed.
func (p *walker) when(label string, at time.Time) {
	p.t.Helper()
	p.reach(label, "Date", "DateTime", "InputTime")
	layout := "01022006"
	if axetest.Eval[string](p.Tab, "document.activeElement.type") == "datetime-local" {
		layout = "01022006\t0304PM"
	}
	p.key(at.Format(layout))
}

// choose makes a choice: of a group of radio buttons, a list, or a tick.
func (p *walker) choose(label string) {
	p.t.Helper()
	s := p.find(label, func(s axetest.Stop) bool {
		return s.Role == "checkbox" && named(s.Name, label) || slices.ContainsFunc(s.Group, func(of string) bool { return named(of, label) })
	})
	for range len(s.Group) {
		if named(s.Name, label) {
			break
		}
		p.key(kb.ArrowDown)
		s = p.Focus()
		p.mustShow(s)
	}
	if !s.Checked {
		p.key(" ")
	}
	if s = p.Focus(); !s.Checked {
		p.t.Fatalf("%s cannot be chosen: %s", label, s.HTML)
	}
}

// pick reaches a list and types what to take from it, or how that begins.
func (p *walker) pick(label, option string) {
	p.t.Helper()
	p.reach(label, "combobox")
	p.key(option)
	if got := axetest.Eval[string](p.Tab, `(e => e.selectedOptions[0]?.innerText.trim() ?? "")(document.activeElement)`); !strings.HasPrefix(got, option) {
		p.t.Fatalf("%s: typing %q takes %q", label, option, got)
	}
}

// reach presses Tab until the focus is on something of a name, in one of some
// roles.
func (p *walker) reach(name string, roles ...string) {
	p.t.Helper()
	p.find(name, func(s axetest.Stop) bool { return named(s.Name, name) && slices.Contains(roles, s.Role) })
}

// find presses Tab until the focus is on what suits. Where it is already counts,
// for a person does not leave a field to come back to it.
func (p *walker) find(what string, suits func(axetest.Stop) bool) axetest.Stop {
	p.t.Helper()
	s, past := p.Focus(), []string{}
	for range most {
		if suits(s) {
			return s
		}
		p.keys++
		s = p.Tabbed()
		p.mustShow(s)
		past = append(past, fmt.Sprintf("%s %q", s.Role, s.Name))
	}
	p.t.Fatalf("the keyboard does not reach %q at %s; it came past\n%s", what, p.path(), strings.Join(slices.Compact(past[:min(len(past), 60)]), "\n"))
	return s
}

// mustShow wants the focus to be seen.
func (p *walker) mustShow(s axetest.Stop) {
	p.t.Helper()
	switch {
	case s.Role == "RootWebArea" || s.Role == "generic" && strings.HasPrefix(s.HTML, "<body"): // between the last and the first
	case !s.Shown:
		p.t.Errorf("%s: nobody sees that the focus is on %s %q: %s", p.path(), s.Role, s.Name, s.HTML)
	case !s.Within:
		p.t.Errorf("%s: the focus is out of sight on %s %q: %s", p.path(), s.Role, s.Name, s.HTML)
	}
}

func (p *walker) key(keys string) {
	p.t.Helper()
	p.keys++
	p.Key(keys)
}

func named(name, wanted string) bool {
	name = strings.Join(strings.Fields(name), " ")
	begin, open := strings.CutSuffix(wanted, "...")
	return name == wanted || open && strings.HasPrefix(name, begin)
}

// sees waits until the page says something.
func (p *walker) sees(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		p.Wait(fmt.Sprintf(`document.body.innerText.replace(/\s+/g, " ").includes(%q)`, text))
	}
	p.look()
}

// seesNot wants the page not to say something.
func (p *walker) seesNot(texts ...string) {
	p.t.Helper()
	page := axetest.Eval[string](p.Tab, `document.body.innerText.replace(/\s+/g, " ")`)
	for _, text := range texts {
		if strings.Contains(page, text) {
			p.t.Errorf("%s says %q", p.path(), text)
		}
	}
}

func (p *walker) path() string {
	p.t.Helper()
	return axetest.Eval[string](p.Tab, "location.pathname")
}

// ids are what stands in an address for one person, case or the like.
var ids = regexp.MustCompile(`/[^/]*[0-9][^/]*`)

// look looks at a page that was not looked at before: axe finds nothing, and with
// room for 320 px it need not be moved sideways.
func (p *walker) look() {
	p.t.Helper()
	page := axetest.Eval[string](p.Tab, `location.pathname + " " + (document.querySelector("h1")?.innerText ?? "") + (document.querySelector(".govuk-error-summary") ? " wrong" : "")`)
	path, title, _ := strings.Cut(page, " ")
	if strings.HasSuffix(title, " wrong") {
		path += "-wrong"
	}
	path = ids.ReplaceAllString(path, "/x")
	if p.seen[path] {
		return
	}
	p.seen[path] = true
	name := fmt.Sprintf("walk-%s-%02d%s", p.name, len(p.seen), strings.ReplaceAll(path, "/", "-"))
	p.follow(path)
	p.Clean()
	p.Shot(name, true)
	p.resize(zoomed)
	if wide := axetest.Eval[int](p.Tab, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
		p.t.Errorf("%s is %d px too wide at 320 px", path, wide)
	}
	p.resize(small) // the picture would be long
	p.Shot(name+"-320", true)
	p.resize(p.size)
}

// follow wants every link of a page to lead somewhere: a person is shown no door
// that is shut to them. One link of each kind is tried.
func (p *walker) follow(path string) {
	p.t.Helper()
	for _, link := range axetest.Eval[[]string](p.Tab, `[...document.querySelectorAll("a[href^='/']")].map(a => a.getAttribute("href"))`) {
		kind, _, _ := strings.Cut(ids.ReplaceAllString(link, "/x"), "?")
		if p.led[kind] {
			continue
		}
		p.led[kind] = true
		if status := axetest.Eval[int](p.Tab, fmt.Sprintf(`fetch(%q).then(r => r.status)`, link)); status >= 400 {
			p.t.Errorf("%s leads to %s, which answers %d", path, link, status)
		}
	}
}
