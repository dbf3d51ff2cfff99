package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// downloads presses a link or button that gives a file, and reads the file.
func (p *walker) downloads(name string) []byte {
	p.t.Helper()
	dir := p.t.TempDir()
	_, err := chromedp.Call(p.Ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir, BrowserContextID: chromedp.FromContext(p.Ctx).BrowserContextID,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.reach(name, "button", "link")
	p.key(kb.Enter)
	var file []byte
	p.day.await("the file of "+name, func() bool {
		found, _ := filepath.Glob(filepath.Join(dir, "*"))
		if len(found) != 1 || strings.HasSuffix(found[0], ".crdownload") {
			return false
		}
		file, _ = os.ReadFile(found[0])
		return len(file) > 0
	})
	return file
}
