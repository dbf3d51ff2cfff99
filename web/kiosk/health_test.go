package kiosk

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/health"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
)

// ailing is a kiosk whose bank has some problems.
func ailing(t *testing.T, problems ...health.Problem) http.Handler {
	t.Helper()
	b := newBank(locker.Screen{Word: locker.Scan})
	h, err := New(Config{Bank: "Bank A", Screens: b, Helper: b, Now: time.Now, Log: slog.New(slog.DiscardHandler), Health: func() Health {
		return Health{At: monday, Problems: problems, Facts: []Fact{{"Record", "epoch 1, 1234 entries"}, {"Clock", "synchronised"}}}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

var monday = time.Date(2026, 11, 23, 8, 41, 0, 0, time.Local)

func TestHealthPage(t *testing.T) {
	lost := health.Problem{Code: health.ScannerLost, Part: "usb-<1>", Since: monday.Add(-time.Hour)}
	_, next := lost.Words()
	page := ask(ailing(t, lost), "GET", "/health").Body.String()
	for _, want := range []string{"What needs a hand", "The scanner usb-&lt;1&gt; is not there.", "Since 07:41:00, Monday 23 November 2026.", next, "epoch 1, 1234 entries"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	if page := ask(ailing(t), "GET", "/health").Body.String(); !strings.Contains(page, "Nothing needs a hand") {
		t.Errorf("a bank in order reads:\n%s", page)
	}
	if got := ask(handler(t, newBank(locker.Screen{Word: locker.Scan})), "GET", "/health").Code; got != http.StatusNotFound {
		t.Errorf("a kiosk that knows nothing of it answers %d", got)
	}
}

func testHealth(t *testing.T, browser *axetest.Browser) {
	var all []health.Problem
	for _, code := range []health.Code{health.ScannerLost, health.BusLost, health.BoardSilent, health.DiskLow, health.Undervoltage, health.ClockUnsure} {
		all = append(all, health.Problem{Code: code, Part: "platform-3f980000.usb-usb-0:1.4:1.0-port0", Board: 2, Since: monday})
	}
	url, _ := axetest.Serve(t, "127.0.0.1:0", ailing(t, all...))
	for name, width := range map[string]int64{"kiosk-health": 1080, "kiosk-health-narrow": 320} {
		tab := browser.Tab(t, width, 900)
		tab.Go(url + "/health")
		tab.Looks(name)
	}
}
