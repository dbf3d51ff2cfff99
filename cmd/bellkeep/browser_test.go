package main

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/bellkeep/bellkeep/web/ui/axetest"
)

// printed is what a command has printed so far.
type printed struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *printed) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *printed) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

func (p *printed) find(t *testing.T, what string) string {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) { // another goroutine prints it
		p.mu.Lock()
		found := regexp.MustCompile(what).FindStringSubmatch(p.text.String())
		p.mu.Unlock()
		if found != nil {
			return found[1]
		}
	}
	t.Fatalf("the demonstration did not print %s", what)
	return ""
}

// A member of staff at the demonstration: signs in, sees a scan change the board,
// follows a pupil to the door, sees a bell change the devices. Server, bank,
// boards and devices are all at work behind the pages.
func TestSchoolInABrowser(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	out, problems, ended := &printed{}, &printed{}, make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"demo", "--school", "mill-lane", "--speed", "40", "--devices", "3", "--listen", "127.0.0.1:0", "--kiosk", "127.0.0.1:0"}, out, problems)
	}()
	defer func() {
		stop()
		if code := <-ended; code != 0 {
			t.Errorf("the demonstration ended with %d\n%s", code, problems.text.String())
		}
	}()
	url := out.find(t, `School pages  (http://\S+)`)
	tab := axetest.Open(t).Tab(t, 1280, 900)
	tab.Go(url + "/sign-in")
	tab.Do(chromedp.SendKeys("#user", demoUser))
	tab.Do(chromedp.SendKeys("#password", demoSecret))
	tab.Do(chromedp.Click("button[type=submit], .govuk-button"))
	tab.Wait(`document.body.innerText.includes("Bank A")`)

	in := func() string {
		return `[...document.querySelectorAll("dl div")].filter(d => d.querySelector("dt").innerText == "In").map(d => +d.querySelector("dd").innerText)[0]`
	}
	tab.Wait(in() + ` > 0`)
	before := axetest.Eval[int](tab, in())
	tab.Wait(fmt.Sprintf("%s > %d", in(), before)) // nobody touched the page
	tab.Clean()

	tab.Go(url + "/form/7A")
	tab.Wait(`[...document.querySelectorAll("tr")].some(r => r.innerText.includes("Handed in"))`)
	tab.Clean()
	name := axetest.Eval[string](tab, `(a => (a.click(), a.innerText))([...document.querySelectorAll("tr")].find(r => r.innerText.includes("Handed in")).querySelector("a"))`)
	tab.Wait(fmt.Sprintf("document.querySelector('h1').innerText === %q && document.body.innerText.includes('Where it is')", name))
	tab.Clean()
	door := axetest.Eval[string](tab, `(a => (a.click(), a.getAttribute("href")))(document.querySelector('a[href^="/door/"]'))`)
	tab.Wait(fmt.Sprintf("location.pathname === %q && document.body.innerText.includes(%q)", door, name))
	tab.Clean()

	tab.Go(url + "/devices")
	tab.Wait(`document.querySelectorAll("a[href^='/device/']").length >= 3`)
	tab.Clean()
	changed := `document.body.innerText.includes("registration") || document.body.innerText.includes("lesson")`
	for range 4 { // the bell rings within a minute of the machine's time
		if axetest.Eval[bool](tab, `new Promise(done => { const end = Date.now() + 12000; const look = () => `+changed+` ? done(true) : Date.now() > end ? done(false) : setTimeout(look, 100); look() })`) {
			break
		}
	}
	tab.Wait(changed)
	tab.Wait(`document.body.innerText.includes("Camera off") || document.body.innerText.includes("Camera blocked")`)
	tab.Clean()
}
