// Package axetest drives pages in a real Chromium and lets axe-core look at
// them. It is for tests only.
//
// axe.min.js is axe-core 4.14.1, under the Mozilla Public License 2.0 (LICENSE
// beside it); build.sh in web/ui brings it here.
package axetest

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// within is how long a page may take over anything a test waits for.
const within = 45 * time.Second

// candidates are the names Debian and others give the browser.
var candidates = []string{
	"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome",
	"/usr/bin/chromium-headless-shell", "/usr/bin/chromium",
}

// Browser is one running Chromium.
type Browser struct {
	ctx context.Context
}

// Open starts Chromium, once for all tabs of a test. The test fails when there
// is none.
func Open(t *testing.T) *Browser {
	t.Helper()
	path := find()
	if path == "" {
		t.Fatal("no Chromium found: the pages cannot be tested; run: apt-get install -y chromium-headless-shell")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.DisableGPU,
		chromedp.Flag("autoplay-policy", "no-user-gesture-required"),
		chromedp.Flag("mute-audio", true),
	)
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox) // Chromium refuses its sandbox to root
	}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(ctx)
	t.Cleanup(end)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("%s does not start: %v", path, err)
	}
	return &Browser{ctx}
}

func find() string {
	for _, name := range candidates {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Tab is one tab. Its methods fail the test it was made for.
type Tab struct {
	Ctx context.Context
	t   *testing.T
}

// watch collects, before any script of a page runs, what must not happen there.
const watch = `window.__faults = [];
addEventListener("securitypolicyviolation", e => __faults.push("CSP " + e.effectiveDirective + " " + e.blockedURI + " " + e.sample));
addEventListener("error", e => __faults.push("error " + e.message));
addEventListener("unhandledrejection", e => __faults.push("rejection " + e.reason));`

// Tab opens a tab of the given size in CSS pixels.
func (b *Browser) Tab(t *testing.T, width, height int64) *Tab {
	t.Helper()
	return b.open(t, width, height)
}

// Apart opens a tab that shares no cookies with any other: another person's.
func (b *Browser) Apart(t *testing.T, width, height int64) *Tab {
	t.Helper()
	return b.open(t, width, height, chromedp.WithNewBrowserContext())
}

func (b *Browser) open(t *testing.T, width, height int64, opts ...chromedp.ContextOption) *Tab {
	t.Helper()
	ctx, end := chromedp.NewContext(b.ctx, opts...)
	t.Cleanup(end)
	// The tab lives as long as the context that opens it: one without a deadline.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	tab := &Tab{ctx, t}
	tab.Do(chromedp.EmulateViewport(width, height))
	bounded, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	_, err := chromedp.Call(bounded, page.AddScriptToEvaluateOnNewDocument,
		page.AddScriptToEvaluateOnNewDocumentParams{Source: watch})
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

// Do runs steps that give nothing.
func (tab *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.Ctx, within)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		tab.t.Fatal(err)
	}
}

// Go opens url and waits until it is loaded.
func (tab *Tab) Go(url string) {
	tab.t.Helper()
	tab.Do(chromedp.Navigate(url))
}

// SignIn signs an account in and waits for the page that was asked for, with its
// scripts.
func (tab *Tab) SignIn(base, account, password, page string) {
	tab.t.Helper()
	tab.Go(base + "/sign-in?next=" + url.QueryEscape(page))
	tab.Do(chromedp.SendKeys("#user", account), chromedp.SendKeys("#password", password+"\r"))
	tab.Wait(`document.readyState == "complete" && location.pathname == "` + page + `"`)
}

// Wait waits until the JavaScript expression is true. Until then it may fail,
// as it does between two pages.
func (tab *Tab) Wait(expr string) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.Ctx, within)
	defer cancel()
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expr+")"))
		if err == nil && ok {
			return
		}
		if ctx.Err() != nil {
			tab.t.Fatalf("waited in vain for %s (%v); the page says: %.500s", expr, err, Eval[string](tab, "document.body.innerText"))
		}
		time.Sleep(15 * time.Millisecond)
	}
}

// Eval gives the value of a JavaScript expression, awaited if it is a promise.
func Eval[T any](tab *Tab, expr string) T {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.Ctx, within)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expr, chromedp.EvalAwaitPromise))
	if err != nil {
		tab.t.Fatalf("%s: %v", expr, err)
	}
	return v
}

// NoFaults fails the test if the page broke the content policy or a script
// failed since it was opened.
func (tab *Tab) NoFaults() {
	tab.t.Helper()
	for _, fault := range Eval[[]string](tab, "__faults") {
		tab.t.Errorf("in the page: %s", fault)
	}
}

// Shot writes a picture of the page to $BELLKEEP_SCREENSHOTS/name.png, if that
// is set: of what fits the window, or of the whole page.
func (tab *Tab) Shot(name string, whole bool) {
	tab.t.Helper()
	dir := os.Getenv("BELLKEEP_SCREENSHOTS")
	if dir == "" {
		return
	}
	action := chromedp.CaptureScreenshot()
	if whole {
		action = chromedp.FullScreenshot(100)
	}
	ctx, cancel := context.WithTimeout(tab.Ctx, within)
	defer cancel()
	png, err := chromedp.Run(ctx, action)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)
	}
	if err != nil {
		tab.t.Fatal(err)
	}
}

// Serve serves h on a free loopback port, through the product's own server,
// until the test ends or stop is called, and gives its address.
func Serve(t *testing.T, addr string, h http.Handler) (url string, stop func()) {
	t.Helper()
	l, err := ui.Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- ui.Serve(ctx, l, h, slog.New(slog.DiscardHandler)) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return "http://" + l.Addr().String(), stop
}
