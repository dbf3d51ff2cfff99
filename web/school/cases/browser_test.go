package cases

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/chromedp"
)

// TestInBrowser starts one Chromium for everything that needs it.
func TestInBrowser(t *testing.T) {
	browser := axetest.Open(t)
	t.Run("every page is clean and fits", func(t *testing.T) { testPages(t, browser) })
	t.Run("a teacher takes a phone by keyboard", func(t *testing.T) { testKeyboard(t, browser) })
	t.Run("a parent signs", func(t *testing.T) { testSignature(t, browser) })
}

// busy is a school with a case of every kind, and the pages about them by the
// account that opens them.
func busy(t *testing.T) (base string, pages map[string]map[string]string) {
	t.Helper()
	a := newAcademy(t)
	base, _ = axetest.Serve(t, "127.0.0.1:0", a.handler)
	id := a.confiscated(t, "p-one", taken())
	office := a.visit(t, "office")
	_, _, put := office.Post("/cases/"+id+"/put", url.Values{"bank": {"confiscation d"}})
	head := a.visit(t, "head")
	head.Post("/cases/"+id+"/search", url.Values{"of": {"bag"}, "at": {"2026-11-23T11:22"}, "where": {"Office"}, "why": {"A report"}, "looked_for": {"A second phone"}, "scope": {"Outer pockets"},
		"found": {"Nothing"}, "witness": {"Mx Reed"}, "consent": {"pupil"}, "consent_by": {"The pupil"}, "consent_how": {"Spoken"}, "consent_at": {"2026-11-23T11:21"}})
	head.Post("/cases/"+id+"/correct", url.Values{"corrects": {"1"}, "text": {"It was room 15."}})
	office.Post("/cases/"+id+"/notice", url.Values{"contact": {"C1"}})
	image := taken()
	image.Set("reason", "possible-image")
	held := a.confiscated(t, "p-two", image)
	a.exempt["p-two"] = false
	a.at(12, 10)
	office.Post("/cases/"+id+"/release", url.Values{"contact": {"C2"}, "identity": {"known"}, "name": {"G"}})
	by := desk.By{Actor: school.Actor{Account: "office", Person: "s-office"}, Roles: []roles.Assignment{{Role: roles.Office}}}
	found, err := a.custody.Take(t.Context(), by, desk.Intake{What: desk.Phone, Why: desk.Found, Place: desk.At("safe")})
	if err != nil {
		t.Fatal(err)
	}
	prepared := a.notices.Of(id)[0].ID
	a.at(15, 40)
	return base, map[string]map[string]string{
		"teacher": {"find": "/confiscate", "found": "/confiscate?q=amis", "take": "/confiscate/p-one", "take-exempt": "/confiscate/p-exempt", "taken": "/confiscated/" + id, "taken-image": "/confiscated/" + held, "mine": "/confiscated"},
		"office": {"list": "/cases", "file": "/cases/" + id, "file-restricted": "/cases/" + held, "put": "/cases/" + held + "/put", "ordered": put, "release": "/cases/" + id + "/release",
			"code": "/cases/" + id + "/code", "note": "/cases/" + id + "/note", "notice": "/cases/" + id + "/notice", "slip": "/cases/" + id + "/slip",
			"paper": "/cases/" + id + "/notice/" + prepared + "/slip", "put-found": "/item/" + found.ID + "/put"},
		"head": {"list-head": "/cases", "file-head": "/cases/" + id, "file-image": "/cases/" + held, "search": "/cases/" + id + "/search", "deletion": "/cases/" + id + "/deletion", "correct": "/cases/" + id + "/correct?entry=1"},
	}
}

// atDesk are the pages that are laid out otherwise where there is room.
var atDesk = []string{"take", "list", "file-head", "release"}

// testPages looks at every page at a desk's width, and at 320 px, which is a small
// telephone and a desk at 400 % zoom.
func testPages(t *testing.T, browser *axetest.Browser) {
	base, pages := busy(t)
	for account, list := range pages {
		for name, size := range map[string][2]int64{"1280": {1280, 900}, "320": {320, 640}} {
			tab := browser.Tab(t, size[0], size[1])
			tab.SignIn(base, account, kittest.Password, "/confiscated")
			for page, path := range list {
				if name == "1280" && !slices.Contains(atDesk, page) {
					continue
				}
				tab.Go(base + path)
				tab.Looks("case-" + page + "-" + name)
			}
			if account == "office" && name == "320" {
				tab.Go(base + strings.TrimSuffix(list["code"], "/"))
				tab.Do(chromedp.Click(chromedp.ID("contact")), chromedp.Click("main form button"))
				tab.Wait(`document.querySelector(".bk-qr")`)
				tab.Looks("case-code-slip-" + name)
				tab.Go(base + list["release"])
				tab.Do(chromedp.Click("main form button.govuk-button--warning"))
				tab.Wait(`document.querySelector(".govuk-error-summary")`)
				tab.Looks("case-release-wrong-" + name)
			}
		}
	}
}

// A teacher takes a phone on a telephone's screen, with the keyboard alone.
func testKeyboard(t *testing.T, browser *axetest.Browser) {
	a := newAcademy(t)
	base, _ := axetest.Serve(t, "127.0.0.1:0", a.handler)
	tab := browser.Tab(t, 390, 844)
	tab.SignIn(base, "teacher", kittest.Password, "/confiscated")
	tab.Go(base + "/confiscate")
	tab.Do(chromedp.SendKeys(chromedp.ID("q"), "pet am\r"))
	tab.Wait(`document.querySelector(".bk-pick")`)
	tab.Do(chromedp.SendKeys(".bk-pick", "\r"))
	tab.Wait(`document.querySelector("#reason")`)
	tab.Do(chromedp.SendKeys(chromedp.ID("reason"), " "), chromedp.SendKeys(chromedp.ID("zone"), "Corr"), chromedp.SendKeys("main form button", "\r"))
	tab.Wait(`location.pathname.startsWith("/confiscated/c-")`)
	tab.NoFaults()
	list := a.custody.Cases()
	if len(list) != 1 || list[0].Facts.Zone != "corridor" || list[0].Facts.Reason != "breach" || list[0].Facts.Taker != "s-teacher" {
		t.Errorf("%+v", list)
	}
}

// A signature is drawn with a finger and kept as a path.
func testSignature(t *testing.T, browser *axetest.Browser) {
	a := newAcademy(t)
	base, _ := axetest.Serve(t, "127.0.0.1:0", a.handler)
	id := a.confiscated(t, "p-one", taken())
	a.at(15, 40)
	tab := browser.Tab(t, 390, 844)
	tab.SignIn(base, "office", kittest.Password, "/confiscated")
	tab.Go(base + "/cases/" + id + "/release")
	tab.Wait(`!document.querySelector("[data-sign]").hidden`)
	axetest.Eval[bool](tab, `(() => {
		const pad = document.querySelector("canvas"), box = pad.getBoundingClientRect();
		pad.setPointerCapture = () => {};
		const send = (type, x, y) => pad.dispatchEvent(new PointerEvent(type, {clientX: box.left + x, clientY: box.top + y, pointerId: 1}));
		send("pointerdown", 20, 20); send("pointermove", 60, 50); send("pointermove", 120, 30); send("pointerup", 120, 30);
		return true;
	})()`)
	tab.Do(chromedp.Click(chromedp.ID("contact")), chromedp.Click(chromedp.ID("identity-1")), chromedp.Click("main form button.govuk-button--warning"))
	tab.Wait(`location.pathname == "/cases/` + id + `" && document.querySelector(".bk-signature")`)
	tab.NoFaults()
	file, _ := a.custody.Case(id)
	to, err := a.custody.Receiver(t.Context(), file)
	if err != nil || !strings.HasPrefix(to.Signed.Path, "M") || strings.Count(to.Signed.Path, "L") != 2 || to.Signed.Check() != nil {
		t.Errorf("signed %+v, %v", to.Signed, err)
	}
}
