package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/pquerna/otp/totp"

	"github.com/bellkeep/bellkeep/web/ui/axetest"
)

const ownersPassword = "nine brown otters swim"

// serving is bellkeep serve on a data folder, until stop is called.
func serving(t *testing.T, data string) (out *printed, stop func()) {
	t.Helper()
	config := filepath.Join(t.TempDir(), "server.yaml")
	text := fmt.Sprintf("school: %s\ndata: %s\nnames: [127.0.0.1]\npages: 127.0.0.1:0\nmqtt: 127.0.0.1:0\njoin: 127.0.0.1:0\n", millLane(t), data)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	out, ended := &printed{}, make(chan int, 1)
	problems := &printed{}
	go func() {
		ended <- run(ctx, []string{"serve", "--assume-time-trusted", "--config", config}, out, problems)
	}()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if code := <-ended; code != 0 {
			t.Errorf("the server ended with %d\n%s", code, problems.text.String())
		}
	}
	t.Cleanup(stop)
	return out, stop
}

// The first start of a server on an empty folder prints a link. It makes the owner,
// once; the owner adds an app, and signs in by it after the next start, which prints
// no link. Once there are staff in the register, the owner says who they are.
func TestTheFirstStart(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	out, stop := serving(t, data)
	link := out.find(t, `within a day:\s+(http://\S+/link\?code=\w{20})\s`)
	tab := axetest.Open(t).Tab(t, 1280, 900)
	says := func(words string) {
		t.Helper()
		tab.Wait(fmt.Sprintf("document.body.innerText.includes(%q)", words))
		tab.Clean()
	}
	tab.Go(link)
	says("Make the school's first account")
	tab.Do(chromedp.Focus("#id"), chromedp.KeyEvent("orla\tOrla Owner\t"+ownersPassword+"\t"+ownersPassword+kb.Enter))
	says("Your role needs more than a password")
	tab.Shot("first-start-account", true)

	base, _, _ := strings.Cut(link, "/link")
	tab.Go(base + "/account/app")
	says("Is it still you?")
	tab.Do(chromedp.Focus("#password"), chromedp.KeyEvent(ownersPassword+kb.Enter))
	says("Set up an app")
	key := axetest.Eval[string](tab, `document.querySelector(".bk-code").innerText`)
	tab.Do(chromedp.Focus("#code"), chromedp.KeyEvent(codeAt(t, key, time.Now())+kb.Enter))
	says("Your recovery codes")
	tab.Go(base + "/access")
	says("Who may sign in")

	stranger := axetest.Open(t).Tab(t, 1280, 900)
	stranger.Go(link)
	stranger.Wait(`document.body.innerText.includes("This link has been used")`)
	stop()

	hireHead(t, data)
	out, _ = serving(t, data)
	base = out.find(t, `pages at (http://\S+),`)
	tab.Go(base + "/sign-in")
	tab.Do(chromedp.Focus("#user"), chromedp.KeyEvent("orla\t"+ownersPassword+kb.Enter))
	says("Enter a code")
	tab.Do(chromedp.Focus("#code"), chromedp.KeyEvent(codeAt(t, key, time.Now().Add(30*time.Second))+kb.Enter)) // the one of before is used up
	says("Say which of them you are")
	tab.Shot("first-start-who", true)
	tab.Go(base + "/access")
	says("Say which of them you are")
	tab.Do(chromedp.SetValue("#person", axetest.Eval[string](tab, `document.querySelector("#person option:nth-child(2)").value`)))
	tab.Do(chromedp.Click(`form[action="/account/person"] button`))
	tab.Wait(`!document.querySelector("#person")`)
	tab.Go(base + "/access")
	says("Who may sign in")
	says("Hedda Head")
	out.mu.Lock()
	defer out.mu.Unlock()
	if strings.Contains(out.text.String(), "code=") {
		t.Errorf("the second start prints a link: %s", out.text.String())
	}
}

// codeAt is what an app shows at a time.
func codeAt(t *testing.T, key string, at time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(key, at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}
