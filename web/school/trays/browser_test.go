package trays

import (
	"testing"

	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/tray"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/chromedp"
)

// Ticks made without a network wait on the tablet, outlive loading the page again, and
// reach the school in the end, once; then nothing of them is left.
func TestTicksOffline(t *testing.T) {
	t.Parallel()
	c := newClass(t)
	h := c.handler(t, kittest.People())
	base, stop := axetest.Serve(t, "127.0.0.1:0", h)
	tab := axetest.Open(t).Apart(t, 768, 1024)
	tab.SignIn(base, "supply", kittest.Password, home)
	tab.Do(chromedp.Click("#take"))
	tab.Wait(`document.querySelector("#sync")?.dataset.waiting === "0"`)
	tick := func(id string) { tab.Do(chromedp.Click(`label[for="on-` + id + `"]`)) }
	tick("p-1-phone")
	tab.Wait(`document.querySelector("[data-tally=Phones]").textContent === "1"`)
	tab.Looks("tray-online")
	tab.Wait(`navigator.serviceWorker.controller`)
	tab.Do(chromedp.Reload()) // the page is kept from here on
	tab.Wait(`document.querySelector("#sync")?.dataset.waiting === "0"`)
	tab.Wait(`caches.open("bellkeep-tray-pages").then(c => c.match("` + home + `"))`)

	stop()
	tick("p-1-watch")
	tick("p-2-phone")
	tick("p-2-no-phone") // changed their mind
	tab.Wait(`document.querySelector("#sync").innerText.includes("Kept on this device: 3 not sent yet")`)
	tab.Wait(`!document.querySelector("#on-p-2-phone").checked`)
	tab.Looks("tray-offline")
	tab.Do(chromedp.Click("#put-away"))
	tab.Wait(`document.querySelector("#sync").innerText.startsWith("Wait until all ticks are sent")  || document.querySelector("#sync").innerText.startsWith("No connection")`)
	tab.Do(chromedp.Reload())
	tab.Wait(`document.querySelector("#sync")?.dataset.waiting === "3" && document.querySelector("#on-p-1-watch").checked && document.querySelector("#on-p-2-no-phone").checked`)
	tick("p-4-phone")
	tab.Wait(`document.querySelector("#sync").dataset.waiting === "4"`)
	now, _ := c.Today("7A")
	if now.Count().Total() != 1 {
		t.Errorf("the school has %v already", now.Count())
	}

	axetest.Serve(t, base[len("http://"):], h)
	tab.Wait(`document.querySelector("#sync").innerText === "All ticks are sent."`)
	now, _ = c.Today("7A")
	if got := now.Count(); got[desk.Phone] != 2 || got[desk.Watch] != 1 || now.In("p-2").Mark != tray.NoPhone || len(now.Conflicts()) > 0 {
		t.Errorf("in the tray: %v, %+v", got, now.In("p-2"))
	}
	if left := axetest.Eval[int](tab, `localStorage.length`); left != 0 {
		t.Errorf("%d things are left in the tablet's memory", left)
	}
	tab.NoFaults()
}

// What two tablets say differently is shown on both, and settled by one tick.
func TestTwoTablets(t *testing.T) {
	t.Parallel()
	c := newClass(t)
	base, _ := axetest.Serve(t, "127.0.0.1:0", c.handler(t, kittest.People()))
	browser := axetest.Open(t)
	one, two := browser.Apart(t, 768, 1024), browser.Apart(t, 320, 640)
	one.SignIn(base, "supply", kittest.Password, home)
	one.Do(chromedp.Click("#take"))
	ready := `document.querySelector("#sync")?.dataset.waiting === "0"`
	one.Wait(ready)
	two.SignIn(base, "teacher", kittest.Password, home)
	two.Wait(ready)
	one.Offline(true)
	one.Do(chromedp.Click(`label[for="on-p-1-phone"]`))
	one.Wait(`document.querySelector("#sync").dataset.waiting === "1"`)
	two.Do(chromedp.Click(`label[for="on-p-1-no-phone"]`))
	two.Wait(`document.querySelector("[data-tally=None]").textContent === "1"`)
	one.Offline(false)
	one.Wait(`document.querySelector("[data-pupil=p-1] [data-unsure]").innerText === "One tablet says Phone, another No phone." || document.querySelector("[data-pupil=p-1] [data-unsure]").innerText === "One tablet says No phone, another Phone."`)
	one.Looks("tray-conflict")
	one.Do(chromedp.Click(`label[for="on-p-1-phone"]`))
	one.Wait(`document.querySelector("#sync").dataset.waiting === "0" && document.querySelector("[data-tally=None]").textContent === "0"`)
	if now, _ := c.Today("7A"); len(now.Conflicts()) > 0 || now.Count()[desk.Phone] != 1 {
		t.Errorf("it stays unsettled: %+v", now.In("p-1"))
	}
	two.Go(base + home)
	two.Wait(ready)
	two.Looks("tray-320")
}

// Every page of the tray's day, on a small phone, which is also what 400 % zoom leaves
// of a desk, and at a desk.
func TestInBrowser(t *testing.T) {
	t.Parallel()
	for _, size := range []struct {
		name  string
		width int64
	}{{"320", 320}, {"1280", 1280}} {
		c := newClass(t)
		base, _ := axetest.Serve(t, "127.0.0.1:0", c.handler(t, kittest.People()))
		tab := axetest.Open(t).Apart(t, size.width, 700)
		tab.SignIn(base, "supply", kittest.Password, home)
		tab.Looks("tray-take-" + size.name)
		tab.Do(chromedp.Click("#take"))
		tab.Wait(`document.querySelector("#sync")?.dataset.waiting === "0"`)
		tab.Do(chromedp.Click(`label[for="on-p-1-phone"]`))
		tab.Wait(`document.querySelector("[data-tally=Phones]").textContent === "1"`)
		tab.Looks("tray-" + size.name)
		tab.Do(chromedp.Click("#put-away"))
		tab.Wait(`location.pathname.endsWith("/count/lock") && document.querySelector("#go")`)
		tab.Do(chromedp.Click("#go"))
		tab.Wait(`document.querySelector(".govuk-error-summary")`)
		tab.Looks("tray-count-" + size.name)
		tab.Do(chromedp.SetValue("#n-phone", "1"), chromedp.SetValue("#spot", "cupboard"), chromedp.Click("#asked"), chromedp.Click("#go"))
		tab.Wait(`document.querySelector("#fetch")`)
		tab.Looks("tray-away-" + size.name)
		c.now = c.now.Add(6*60*60*1e9 + 40*60*1e9)
		tab.Do(chromedp.Click("#fetch"))
		tab.Wait(`document.querySelector("#close")`)
		tab.Looks("tray-back-" + size.name)
		tab.Do(chromedp.Click("#close"))
		tab.Wait(`location.pathname.endsWith("/count/close") && document.querySelector("#go")`)
		tab.Looks("tray-close-" + size.name)
		tab.Do(chromedp.SetValue("#n-phone", "1"), chromedp.SetValue("#spot", "office-safe"), chromedp.Click("#go"))
		tab.Wait(`document.body.innerText.includes("Left over, at the office")`)
		tab.Looks("tray-closed-" + size.name)
		tab.SignIn(base, "office", kittest.Password, Path)
		tab.Looks("trays-" + size.name)
	}
}
