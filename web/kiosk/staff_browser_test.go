package kiosk

import (
	"fmt"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/chromedp"
)

// keepStaff stops the clock that takes a keypad away, and counts what would have
// run; fireStaff lets it strike.
const (
	keepStaff = `(window.setTimeout = (real => (f, ms) => ms >= 30000 ? (window.__gone = f, 0) : real(f, ms))(window.setTimeout), true)`
	fireStaff = `(__gone(), true)`
)

// staffPage is a page at which nobody has scanned yet.
func staffPage(t *testing.T, browser *axetest.Browser, width, height int64) (*bank, *axetest.Tab) {
	t.Helper()
	b := newBank(locker.Screen{Word: locker.Scan})
	url, _ := axetest.Serve(t, "127.0.0.1:0", handler(t, b))
	tab := browser.Tab(t, width, height)
	tab.Go(url + "/?mute")
	tab.Wait(`document.querySelector('main [data-word="scan"]')`)
	axetest.Eval[bool](tab, keepStaff)
	return b, tab
}

func (b *bank) offers(tab *axetest.Tab, s locker.Screen) {
	b.show(s)
	tab.Wait(fmt.Sprintf(`document.querySelector('main [data-word=%q]')`, s.Word))
}

// testKeypads shows everything that staff type at: is it clean, does it fit,
// also with text at 200 %, is every key big enough for a thumb, and do no two
// things overlap?
func testKeypads(t *testing.T, browser *axetest.Browser, width, height int64) {
	b, tab := staffPage(t, browser, width, height)
	for i, s := range keypads[1:5] { // the others are these with less on them
		b.offers(tab, locker.Screen{Word: locker.Scan})
		b.offers(tab, s)
		name := fmt.Sprintf("kiosk-%s-%d-%dx%d", s.Word, i, width, height)
		keypad(t, tab, name)
		for _, step := range []string{"door", "hold", "fire"} {
			if s.Has != everyClass {
				continue
			}
			tab.Do(chromedp.Click(chromedp.CSS("[data-step=" + step + "]")))
			keypad(t, tab, name+"-"+step)
			b.offers(tab, locker.Screen{Word: locker.Scan})
			b.offers(tab, s)
		}
	}
}

func keypad(t *testing.T, tab *axetest.Tab, name string) {
	t.Helper()
	tab.Shot(name, false)
	tab.Clean()
	for _, size := range []string{"", "200%"} {
		axetest.Eval[bool](tab, fmt.Sprintf(`(document.documentElement.style.fontSize = %q, true)`, size))
		inside(t, tab, name+" "+size)
		for _, fault := range axetest.Eval[[]string](tab, `[...document.querySelectorAll("main button, main input:not([type=hidden])")]
			.filter(e => e.offsetParent)
			.flatMap((e, i, all) => { const r = e.getBoundingClientRect(), name = e.innerText || e.id;
				const small = r.width < 44 || r.height < 44 ? [name + " is " + r.width + " x " + r.height] : [];
				const spilt = e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1 ? [name + " spills over"] : [];
				const over = all.slice(i + 1).filter(o => { const q = o.getBoundingClientRect();
					return r.left < q.right - 1 && q.left < r.right - 1 && r.top < q.bottom - 1 && q.top < r.bottom - 1; })
					.map(o => name + " overlaps " + (o.innerText || o.id));
				return [...small, ...spilt, ...over]; })`) {
			t.Errorf("%s %s: %s", name, size, fault)
		}
		if gap := axetest.Eval[float64](tab, `document.querySelector("footer").getBoundingClientRect().top
			- Math.max(...[...document.querySelectorAll("main *")].filter(e => e.offsetParent).map(e => e.getBoundingClientRect().bottom))`); gap < 0 {
			t.Errorf("%s %s: it runs %.0f px into the Help bar", name, size, -gap)
		}
	}
	axetest.Eval[bool](tab, `(document.documentElement.style.fontSize = "", true)`)
}

func tap(tab *axetest.Tab, keys string) {
	for _, key := range keys {
		tab.Do(chromedp.Click(chromedp.CSS(fmt.Sprintf("form:not([hidden]) [data-key='%c']", key))))
	}
}

func value(tab *axetest.Tab, id string) string {
	return axetest.Eval[string](tab, fmt.Sprintf(`document.getElementById(%q).value`, id))
}

// did waits until the bank has heard of it: of one thing, or of nothing.
func did(t *testing.T, b *bank, tab *axetest.Tab, want string) {
	t.Helper()
	if want == "" {
		axetest.Eval[bool](tab, `fetch("/screen").then(() => true)`)
	} else {
		select {
		case <-b.acted:
		case <-time.After(time.Minute):
		}
	}
	if got := b.deeds(); got != want {
		t.Errorf("staff did %q, want %q", got, want)
	}
}

func testStaffTouch(t *testing.T, browser *axetest.Browser) {
	b, tab := staffPage(t, browser, 800, 480)
	b.offers(tab, locker.Screen{Word: locker.AskPIN})
	tap(tab, "0987")
	tab.Do(chromedp.Click(chromedp.CSS("[data-clear]")))
	tap(tab, "27182")
	tab.Do(chromedp.Click(chromedp.CSS("button.word:last-of-type"))) // five digits are no PIN
	tab.Wait(`document.getElementById("pin").value === "27182"`)
	did(t, b, tab, "")
	tap(tab, "8")
	if text := axetest.Eval[string](tab, `document.querySelector("main").innerText`); text == "" || containsPIN(text, "271828") {
		t.Errorf("the page shows %q", text)
	}
	tab.Do(chromedp.Click(chromedp.CSS("button.word:last-of-type")))
	tab.Wait(`document.getElementById("pin").value === ""`)
	did(t, b, tab, "PIN 271828")

	b.offers(tab, locker.Screen{Word: locker.StaffMenu, Offer: locker.WishWindow, Has: everyClass})
	tab.Do(chromedp.Click(chromedp.CSS("[data-step=door]")))
	tap(tab, "12345")
	if got := value(tab, "door"); got != "1234" {
		t.Errorf("door %q", got)
	}
	tab.Do(chromedp.Click(chromedp.CSS("[value=late-bus]")))
	tab.Wait(`document.getElementById("door").value === ""`)
	did(t, b, tab, "open-door 1234 late-bus")

	b.offers(tab, locker.Screen{Word: locker.Scan})
	b.offers(tab, locker.Screen{Word: locker.StaffMenu, Offer: locker.WishWindow, Has: everyClass})
	tab.Do(chromedp.Click(chromedp.CSS("[value=open-window]")))
	did(t, b, tab, "open-window 0")
	tab.Do(chromedp.Click(chromedp.CSS(".menu [data-leave]")))
	tab.Wait(`document.querySelector('main [data-word="scan"]')`)
	did(t, b, tab, "leave")
	tab.NoFaults()
}

func testStaffKeyboard(t *testing.T, browser *axetest.Browser) {
	b, tab := staffPage(t, browser, 1280, 800)
	b.offers(tab, locker.Screen{Word: locker.AskPIN})
	tab.Do(chromedp.KeyEvent("2"), chromedp.KeyEvent("71"))
	axetest.Eval[bool](tab, `(document.querySelector("[data-key='5']").focus(), true)`) // digits find the field
	tab.Do(chromedp.KeyEvent("828"))
	if got := value(tab, "pin"); got != "271828" {
		t.Errorf("typed %q", got)
	}
	tab.Do(chromedp.KeyEvent("\r"))
	tab.Wait(`document.getElementById("pin").value === ""`)
	did(t, b, tab, "PIN 271828")

	b.offers(tab, locker.Screen{Word: locker.StaffMenu, Has: everyClass})
	axetest.Eval[bool](tab, `(document.querySelector("[data-step=door]").focus(), true)`)
	tab.Do(chromedp.KeyEvent("\r"))
	tab.Wait(`document.activeElement.id === "door"`)
	tab.Do(chromedp.KeyEvent("17"), chromedp.KeyEvent("\r"))
	did(t, b, tab, "") // Enter after the number chooses no reason
	tab.Do(chromedp.KeyEvent("\t"), chromedp.KeyEvent("\t"), chromedp.KeyEvent("\t"), chromedp.KeyEvent("\r"))
	tab.Wait(`document.getElementById("door").value === ""`)
	did(t, b, tab, "open-door 17 for-staff")
	tab.Do(chromedp.KeyEvent("\u001b"))
	tab.Wait(`document.querySelector('main [data-word="scan"]')`)
	did(t, b, tab, "leave")
	tab.NoFaults()
}

// testItems puts a device in and holds a door, by touch and by keyboard.
func testItems(t *testing.T, browser *axetest.Browser) {
	menu := locker.Screen{Word: locker.StaffMenu, Offer: locker.WishWindow, Has: everyClass}
	for _, c := range []struct {
		name, want string
		do         func(tab *axetest.Tab)
	}{
		{"confiscated, by touch", "put 0 confiscation", func(tab *axetest.Tab) { tab.Do(chromedp.Click(chromedp.CSS("[value=confiscation]"))) }},
		{"evidence, by touch", "put 0 evidence", func(tab *axetest.Tab) { tab.Do(chromedp.Click(chromedp.CSS("[value=evidence]"))) }},
		{"evidence, by keyboard", "put 0 evidence", func(tab *axetest.Tab) {
			for range 4 {
				tab.Do(chromedp.KeyEvent("\t"))
			}
			tab.Do(chromedp.KeyEvent("\r"))
		}},
		{"a hold, by touch", "hold 1102", func(tab *axetest.Tab) {
			tab.Do(chromedp.Click(chromedp.CSS("[data-step=hold]")))
			tap(tab, "1102")
			tab.Do(chromedp.Click(chromedp.CSS("#hold-step .side button")))
		}},
		{"a hold, by keyboard", "hold 1102", func(tab *axetest.Tab) {
			axetest.Eval[bool](tab, `(document.querySelector("[data-step=hold]").focus(), true)`)
			tab.Do(chromedp.KeyEvent("\r"))
			tab.Wait(`document.activeElement.id === "hold"`)
			tab.Do(chromedp.KeyEvent("1102"), chromedp.KeyEvent("\r"))
		}},
		{"a hold on no door", "", func(tab *axetest.Tab) {
			tab.Do(chromedp.Click(chromedp.CSS("[data-step=hold]")))
			tab.Do(chromedp.Click(chromedp.CSS("#hold-step .side button")))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, tab := staffPage(t, browser, 800, 480)
			b.offers(tab, menu)
			c.do(tab)
			did(t, b, tab, c.want)
			tab.NoFaults()
		})
	}
}

// testStaffGone: a keypad that nobody uses goes away, with what was typed, and
// so does one when the next badge is scanned, or the bank does not answer.
func testStaffGone(t *testing.T, browser *axetest.Browser) {
	b, tab := staffPage(t, browser, 800, 480)
	b.offers(tab, locker.Screen{Word: locker.AskPIN})
	if stay := axetest.Eval[string](tab, `document.querySelector(".staff").dataset.stay`); stay != "30000" {
		t.Errorf("the keypad stays for %s ms", stay)
	}
	tap(tab, "27182")
	axetest.Eval[bool](tab, fireStaff)
	tab.Wait(`document.querySelector('main [data-word="scan"]')`)
	did(t, b, tab, "leave")
	b.offers(tab, locker.Screen{Word: locker.AskPIN})
	if got := value(tab, "pin"); got != "" {
		t.Errorf("%q was kept", got)
	}
	tap(tab, "27182")
	b.offers(tab, locker.Screen{Word: locker.PutIn, Door: 3})
	b.offers(tab, locker.Screen{Word: locker.AskPIN})
	if got := value(tab, "pin"); got != "" {
		t.Errorf("%q was kept", got)
	}
	b.fail = errBroken
	tap(tab, "271828")
	tab.Do(chromedp.Click(chromedp.CSS("button.word:last-of-type")))
	tab.Wait(`document.querySelector('main [data-word="scan"]')`)
}

// testLeaving: everybody out takes two taps; from then on nothing asks for a badge,
// whoever walks away from the keypad and whether or not the bank answers, until it
// asks again.
func testLeaving(t *testing.T, browser *axetest.Browser) {
	b, tab := staffPage(t, browser, 800, 480)
	b.offers(tab, locker.Screen{Word: locker.StaffMenu, Has: everyClass, Fire: locker.WishEvacuate})
	tab.Do(chromedp.Click(chromedp.CSS("[data-step=fire]")))
	did(t, b, tab, "")
	tab.Do(chromedp.Click(chromedp.CSS("#fire-step [value=evacuate]")))
	did(t, b, tab, "evacuate 0")
	b.offers(tab, locker.Screen{Word: locker.LeaveNow})
	if sound := axetest.Eval[string](tab, `document.querySelector("main > *").dataset.sound`); sound != "" {
		t.Errorf("it sounds %q over the alarm", sound)
	}
	b.offers(tab, locker.Screen{Word: locker.AskPIN})
	tab.Do(chromedp.Click(chromedp.CSS("[data-leave]")))
	tab.Wait(`document.querySelector('main [data-word="leave-now"]')`)
	did(t, b, tab, "leave")
	b.offers(tab, locker.Screen{Word: locker.StaffMenu, Fire: locker.WishAllClear})
	tab.Do(chromedp.Click(chromedp.CSS("[value=all-clear]")))
	did(t, b, tab, "all-clear 0")
	b.offers(tab, locker.Screen{Word: locker.Scan})
	b.offers(tab, locker.Screen{Word: locker.AskPIN})
	tab.Do(chromedp.Click(chromedp.CSS("[data-leave]")))
	tab.Wait(`document.querySelector('main [data-word="scan"]')`)
	tab.NoFaults()
}
