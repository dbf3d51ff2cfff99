package phones

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/mdm/headwind"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
)

var now = time.Date(2027, 6, 7, 8, 41, 7, 0, time.UTC)

type nobody struct{}

func (nobody) Name(string) (name, form string, ok bool) { return "", "", false }

func twoPhones() Config {
	key := headwind.Key(strings.Repeat("k", headwind.MinKey))
	return Config{
		Phones: func() []Phone {
			return []Phone{{ID: "phone-7", Label: "Office phone", State: "fetched 08:40:03, not confirmed"}, {ID: "phone-8", State: "not set up yet"}}
		},
		Code: func(id string) headwind.Provisioning {
			return headwind.Provisioning{Base: "https://phones.elmfield.example", Number: id, Project: key.Project(id),
				Checksum: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=", WiFi: headwind.WiFi{SSID: "Elmfield set-up", Password: "once upon a time"}}
		},
	}
}

func open(t *testing.T, cfg Config) (http.Handler, *kittest.Gate) {
	t.Helper()
	gate := kittest.People()
	k := kittest.Kit(gate, nobody{}, func() time.Time { return now }, nil)
	feature, err := Pages(k, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return kittest.Serve(t, k, feature), gate
}

func TestPages(t *testing.T) {
	h, gate := open(t, twoPhones())
	it := kittest.Visit(t, h, "it")
	it.Says("/phones", "Office phone", "fetched 08:40:03, not confirmed", "phone-8", "not set up yet", "assumed", `/device/phone-7/commands`)
	it.Says("/phones/phone-7", "<svg", "phone-7", "Elmfield set-up", "six times")
	if page := it.Page(http.StatusOK, "/phones/phone-7"); strings.Contains(page, "once upon a time") {
		t.Error("the Wi-Fi's password can be read on the page")
	}
	it.Page(http.StatusNotFound, "/phones/phone-9")
	kittest.Visit(t, h, "office").Page(http.StatusForbidden, "/phones/phone-7")

	gate.Set("it", func(w *kit.Who) { w.Proved = now.AddDate(-9, 0, 0) })
	if status, text, _ := it.Get("/phones/phone-7"); status == http.StatusOK && strings.Contains(text, "<svg id") {
		t.Error("the code is shown to whoever finds the page open")
	}
	it.Page(http.StatusOK, "/phones")
}

func TestPagesWithoutAGateway(t *testing.T) {
	h, _ := open(t, Config{Phones: func() []Phone { return nil }})
	it := kittest.Visit(t, h, "it")
	it.Says("/phones", "knows no gateway", "none yet")
	it.Page(http.StatusNotFound, "/phones/phone-7")
}

func TestInBrowser(t *testing.T) {
	h, _ := open(t, twoPhones())
	browser := axetest.Open(t)
	for name, width := range map[string]int64{"1280": 1280, "320": 320} {
		base, _ := axetest.Serve(t, "127.0.0.1:0", h)
		tab := browser.Tab(t, width, 900)
		look := func(page string) {
			t.Helper()
			tab.Looks("phones-" + page + "-" + name)
		}
		tab.SignIn(base, "it", kittest.Password, "/phones")
		tab.Wait(`document.querySelector("h1")?.innerText == "Staff phones"`)
		look("list")
		tab.Go(base + "/phones/phone-7")
		look("code")
		if side := axetest.Eval[int](tab, `Math.round(document.querySelector("#code").getBoundingClientRect().width)`); side < 250 {
			t.Errorf("the code is %d px wide at %s px", side, name)
		}
	}
}
