package kiosk

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/chromedp"
)

// mappingScreens is what a technician meets while the doors are mapped.
var mappingScreens = []locker.Screen{
	{Word: locker.Mapping, Says: "Shut every door. Nothing may lie behind any of them. They then spring open one after another.", Keys: "ready-go"},
	{Word: locker.Mapping, Says: "Opening the doors one after another: 17 of 48. Leave them open."},
	{Word: locker.Mapping, Says: "Shut door 37. (37 of 48)", Door: 37, Next: "Two doors shut at the same moment: both open again.", Keys: "shut-undo shut-again"},
	{Word: locker.Mapping, Says: "Which door has just sprung open?", Next: "That number is taken, or of no door there.",
		Keys: "which-number which-nothing which-again"},
	{Word: locker.Mapping, Says: "These locks opened no door: lock 3 of board 0 on bus left; lock 12 of board 1 on bus left; lock 14 of board 2 on bus left; 2 more. Look at the doors that stayed shut. Then shut every door.",
		Keys: "lacking-again lacking-type"},
	{Word: locker.Mapping, Says: "All 48 doors are mapped."},
}

// testMapping shows them on one panel.
func testMapping(t *testing.T, browser *axetest.Browser, width, height int64) {
	b, tab := staffPage(t, browser, width, height)
	for i, s := range mappingScreens {
		b.offers(tab, locker.Screen{Word: locker.Scan})
		b.offers(tab, s)
		keypad(t, tab, fmt.Sprintf("kiosk-mapping-%d-%dx%d", i, width, height))
	}
	b.offers(tab, locker.Screen{Word: locker.Scan})
	b.offers(tab, locker.Screen{Word: locker.StaffMenu, Offer: locker.WishWindow, Has: everyClass, Map: true, Learn: "AB2D-EF3H-IJ4L"})
	keypad(t, tab, fmt.Sprintf("kiosk-mapping-menu-%dx%d", width, height))
}

// testMappingTouch answers what is asked by touch. An answer that is not taken
// leaves the technician where they are.
func testMappingTouch(t *testing.T, browser *axetest.Browser) {
	b, tab := staffPage(t, browser, 800, 480)
	b.offers(tab, locker.Screen{Word: locker.StaffMenu, Map: true})
	tab.Do(chromedp.Click(chromedp.CSS("[value=map-doors]")))
	did(t, b, tab, "map-doors 0")
	b.offers(tab, mappingScreens[0])
	tab.Do(chromedp.Click(chromedp.CSS("[value=go]")))
	did(t, b, tab, "go 0")
	b.show(mappingScreens[3])
	tab.Wait(`document.getElementById("door")`)
	tap(tab, "37")
	tab.Do(chromedp.Click(chromedp.CSS("[value=number]")))
	did(t, b, tab, "number 37")
	tap(tab, "0")
	tab.Do(chromedp.Click(chromedp.CSS("[value=number]"))) // no door has this number
	did(t, b, tab, "")
	tab.Do(chromedp.Click(chromedp.CSS("[value=nothing]")))
	did(t, b, tab, "nothing 0")

	b, tab = staffPage(t, browser, 800, 480)
	b.offers(tab, mappingScreens[3])
	tab.Do(chromedp.Click(chromedp.CSS("[data-leave]")))
	did(t, b, tab, "leave")
}

// testLearning has a technician hold one fingerprint against another, by touch.
func testLearning(t *testing.T, browser *axetest.Browser) {
	b, tab := staffPage(t, browser, 800, 480)
	b.offers(tab, locker.Screen{Word: locker.StaffMenu, Learn: "AB2D-EF3H-IJ4L"})
	tab.Do(chromedp.Click(chromedp.CSS("[data-step=learn]")))
	tab.Wait(`!document.querySelector("#learn-step").hidden && document.querySelector("#learn-step").innerText.includes("AB2D-EF3H-IJ4L")`)
	keypad(t, tab, "kiosk-learn-800x480")
	tab.Do(chromedp.Click(chromedp.CSS("#learn-step [value=learn]")))
	did(t, b, tab, "learn 0 AB2D-EF3H-IJ4L")
	b.offers(tab, locker.Screen{Word: locker.KeysKnown, Says: "AB2D-EF3H-IJ4L"})
}

// What is no answer never reaches the bank.
func TestMappingPosts(t *testing.T) {
	for form, want := range map[string]string{
		"answer=go": "go 0", "answer=undo&door=7": "undo 0", "answer=number&door=7": "number 7",
		"answer=number": "", "answer=number&door=0": "", "answer=open-all": "", "": "",
	} {
		b := newBank(locker.Screen{Word: locker.Scan})
		w := post(handler(t, b), "/staff/map", form)
		if ok := w.Code == http.StatusNoContent; b.deeds() != want || ok != (want != "") {
			t.Errorf("%q: %d %s", form, w.Code, w.Body)
		}
	}
}
