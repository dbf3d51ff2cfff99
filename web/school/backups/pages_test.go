package backups

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
	"github.com/chromedp/chromedp"
)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// disk is where backups go.
type disk struct {
	State
	made int
	full error
}

func (d *disk) state() State { return d.State }

func (d *disk) backUp(context.Context) error {
	if d.full == nil {
		d.made++
		d.Last, d.Late = now, false
	}
	return d.full
}

func newDisk() *disk {
	return &disk{State: State{Folder: "/media/backup", At: school.Clock{Hour: 2}, Keep: 30, Last: now.Add(-50 * time.Hour), Late: true}}
}

type people struct{}

func (people) Name(string) (string, string, bool) { return "", "", false }

func (d *disk) handler(t testing.TB) http.Handler {
	t.Helper()
	k := kittest.Kit(kittest.People(), people{}, func() time.Time { return now }, nil)
	feature, err := Pages(k, Config{State: d.state, BackUp: d.backUp})
	if err != nil {
		t.Fatal(err)
	}
	return kittest.Serve(t, k, feature)
}

// IT sees that the newest is too old, has one made, once, and is told when that fails.
func TestBackups(t *testing.T) {
	d := newDisk()
	h := d.handler(t)
	it := kittest.Visit(t, h, "it")
	it.Says("/backups", "07:00 on Saturday 21 November 2026", "Too old", "Every night at 02:00; the last 30 are kept", "/media/backup")
	for range 2 {
		it.Sent("/backups", url.Values{"once": {"one"}})
	}
	if d.made != 1 {
		t.Errorf("%d were made", d.made)
	}
	it.Says("/backups", "09:00 on Monday 23 November 2026", "-Too old")
	d.full = errs.New(errs.Unavailable, "Backups cannot be kept in /media/backup.", "Is its disk there?")
	kittest.Has(t, "a full disk", it.Answer(http.StatusServiceUnavailable, "/backups", url.Values{"once": {"two"}}), "Is its disk there?")
	d.Folder = ""
	it.Says("/backups", "This server makes none", "bellkeep backup key", "-Make one now")
	for _, who := range []string{"office", "teacher", "dsl"} {
		kittest.Visit(t, h, who).Page(http.StatusForbidden, "/backups")
	}
}

// The start page says what is missing, to whoever may do something about it.
func TestTasks(t *testing.T) {
	for want, s := range map[string]State{
		"This server makes no backups: what it knows is on one disk.": {},
		"The last backup failed: no disk":                             {Folder: "/media/backup", Fault: "no disk"},
		"The newest backup is more than a day and a half old.":        {Folder: "/media/backup", Late: true},
		"": {Folder: "/media/backup", Last: now},
	} {
		tasks := Config{State: func() State { return s }}.Tasks()
		if got := len(tasks); (got == 0) != (want == "") || got == 1 && tasks[0].What != want {
			t.Errorf("want %q: %+v", want, tasks)
		}
	}
}

func TestInBrowser(t *testing.T) {
	t.Parallel()
	browser := axetest.Open(t)
	for _, width := range []int64{1280, 320} {
		d := newDisk()
		base, _ := axetest.Serve(t, "127.0.0.1:0", d.handler(t))
		tab := browser.Tab(t, width, 900)
		tab.SignIn(base, "it", kittest.Password, "/backups")
		tab.Wait(`document.querySelector("main h1")?.innerText == "Backups"`)
		tab.Looks(fmt.Sprintf("backups-%d", width))
		tab.Do(chromedp.Click("main form button"))
		tab.Wait(`document.readyState == "complete" && !document.body.innerText.includes("Too old")`)
		d.Folder = ""
		tab.Go(base + "/backups")
		tab.Looks(fmt.Sprintf("backups-none-%d", width))
	}
}
