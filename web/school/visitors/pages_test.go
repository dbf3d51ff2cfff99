package visitors

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/agreements"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/visit"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
)

var ten = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// academy is a school with two visitors and the real book over a custody that keeps
// what it is given.
type academy struct {
	book  *visit.Book
	gate  *kittest.Gate
	now   time.Time
	rules policy.Rules
	items map[string]desk.Item
}

func newAcademy(t *testing.T) *academy {
	t.Helper()
	log, err := memlog.New("school", func() time.Time { return ten })
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	a := &academy{gate: kittest.People(), now: ten, rules: policy.Default(), items: map[string]desk.Item{}}
	a.book = visit.New(visit.Config{Log: log, Vault: v, Custody: a, Random: rand.Reader, Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: a.now, Trusted: true} },
		Rules: func() policy.Rules { return a.rules }, Signed: func(string) error { return nil },
		Until: func(id string) (time.Time, bool) { v, ok := a.Visit(id); return v.Until, ok },
		Ends: func(at time.Time) (time.Time, bool) {
			return time.Date(at.Year(), at.Month(), at.Day(), 15, 10, 0, 0, time.UTC), true
		}})
	return a
}

func (a *academy) Present() []agreements.Visit {
	until := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	return []agreements.Visit{{ID: "x-v-1", Name: "Rita Repair", Organisation: "Boilers Ltd", Until: until}, {ID: "x-v-2", Name: "Gus Governor", Until: until}}
}

func (a *academy) Visit(id string) (agreements.Visit, bool) {
	for _, v := range a.Present() {
		if v.ID == id {
			return v, true
		}
	}
	return agreements.Visit{}, false
}

func (a *academy) Item(id string) (desk.Item, error) { return a.items[id], nil }

func (a *academy) TakeFromVisitor(_ context.Context, _ desk.By, visit string, in desk.Intake) (desk.Item, error) {
	i := desk.Item{ID: fmt.Sprintf("i-%d", len(a.items)), What: in.What, Why: desk.OfVisitor, Whose: visit, Place: in.Place}
	a.items[i.ID] = i
	return i, nil
}

func (a *academy) GiveToVisitor(_ context.Context, _ desk.By, item string) error {
	i := a.items[item]
	i.Place = desk.Place{Kind: desk.Gone, To: desk.ToOwner}
	a.items[item] = i
	return nil
}

// Name is an account's person.
func (a *academy) Name(id string) (name, form string, ok bool) {
	return "The " + strings.TrimPrefix(id, "s-"), "", strings.HasPrefix(id, "s-")
}

func (a *academy) config() Config {
	return Config{Devices: a.book, Challenges: a.book, Visits: a, Custody: a, Rules: func() policy.Rules { return a.rules }, Spots: []Spot{{"safe", "Office safe"}}, School: "Elmfield Academy"}
}

func (a *academy) handler(t *testing.T) http.Handler {
	t.Helper()
	k := kittest.Kit(a.gate, a, func() time.Time { return a.now }, nil)
	f, err := Pages(k, a.config())
	if err != nil {
		t.Fatal(err)
	}
	return kittest.Serve(t, k, f)
}

var slipText = regexp.MustCompile(`BK1[0-9A-Z]{27}`)

// Reception takes a device in, prints its slip once, and gives it back by the slip.
func TestReception(t *testing.T) {
	a := newAcademy(t)
	v := kittest.Visit(t, a.handler(t), "office")
	v.Says("/visitors", "From Rita Repair, Boilers Ltd", "From Gus Governor")
	form := url.Values{"what": {"phone"}, "spot": {"safe"}, "once": {"one"}}
	status, slip, _ := v.Post("/visitors/visit/x-v-1/take", form)
	text := slipText.FindString(slip)
	kittest.Has(t, "the slip", slip, "Your device is at reception", "Phone of Rita Repair, Boilers Ltd", "good until Mon 23 Nov, 23:59", `class="bk-qr"`)
	if _, again, _ := v.Post("/visitors/visit/x-v-1/take", form); status != http.StatusOK || slipText.FindString(again) != text || len(a.book.Deposits()) != 1 {
		t.Errorf("pressed twice: %d, %d devices", status, len(a.book.Deposits()))
	}
	v.Says("/visitors", "Here (1)", "Phone: Office safe", "-"+text)
	v.Says("/visitors/device/i-0", "Give it back", "-"+text)
	_, wrong, _ := v.Post("/visitors/slip", url.Values{"slip": {"BK1NOTHING"}})
	kittest.Has(t, "a wrong slip", wrong, "no device that is here")
	_, found, _ := v.Post("/visitors/slip", url.Values{"slip": {text}})
	kittest.Has(t, "the slip scanned", found, "Phone of Rita Repair", `value="`+text+`"`)
	_, refusal, _ := v.Post("/visitors/device/i-0/give", nil)
	kittest.Has(t, "without a slip", refusal, "Scan the slip, or say that you know who it is")
	v.Sent("/visitors/device/i-0/give", url.Values{"slip": {text}})
	v.Says("/visitors", "Here (0)")
	v.Says("/visitors/device/i-0", "It was given back")
}

// What is left after school is told on the start page, and is given to who is known.
func TestLeftBehind(t *testing.T) {
	a := newAcademy(t)
	v := kittest.Visit(t, a.handler(t), "office")
	v.Post("/visitors/visit/x-v-2/take", url.Values{"what": {"watch"}, "spot": {"safe"}})
	if tasks := a.config().Tasks(); len(tasks) != 0 {
		t.Errorf("%+v", tasks)
	}
	a.now = ten.Add(7 * time.Hour)
	v.Says("/visitors", "Left behind (1)", "Smart watch: Office safe")
	if tasks := a.config().Tasks(); len(tasks) != 1 || tasks[0].Key != "visitors-left" || strings.Contains(tasks[0].What, "Gus") {
		t.Errorf("%+v", tasks)
	}
	v.Sent("/visitors/device/i-0/give", url.Values{"known": {"yes"}})
	v.Says("/visitors", "-Left behind")
}

func breach() url.Values {
	return url.Values{"visit": {"x-v-1"}, "at": {"2026-11-23T09:50"}, "zone": {"corridor"}, "outcome": {"breach"}, "text": {"Filmed in the corridor."}}
}

// Any member of staff records a breach; the safeguarding lead reads it and takes note.
func TestBreachOnThePages(t *testing.T) {
	a := newAcademy(t)
	v := kittest.Visit(t, a.handler(t), "teacher")
	v.Says("/visitors/challenge", "Rita Repair", "Of a breach the safeguarding lead is told")
	_, wrong, _ := v.Post("/visitors/challenge", url.Values{"at": {"2026-11-23T09:50"}})
	kittest.Has(t, "an empty form", wrong, "Choose where it was", "Choose what came of it", "Write what you saw")
	v.Sent("/visitors/challenge", breach())
	v.Says("/visitors/recorded", "Rita Repair", "The safeguarding lead is told", "-Filmed")
	for _, account := range []string{"teacher", "office", "it", "leadership", "governor"} {
		v.SignIn(account)
		if status, text, _ := v.Get("/visitors/breaches"); status != http.StatusForbidden || strings.Contains(text, "Filmed") {
			t.Errorf("%s reads breaches: %d", account, status)
		}
	}
	v.SignIn("head")
	v.Says("/visitors/breaches", "For the safeguarding lead (1)", "Filmed in the corridor.", "-Take note")
	v.SignIn("dsl")
	if tasks := a.config().Tasks(); len(tasks) != 1 || tasks[0].Key != "visitors-breach" {
		t.Errorf("%+v", tasks)
	}
	id := a.book.Unseen()[0].ID
	_, wrong, _ = v.Post("/visitors/breach/"+id+"/seen", nil)
	kittest.Has(t, "no words", wrong, "Write what was done about it")
	v.Sent("/visitors/breach/"+id+"/seen", url.Values{"text": {"The film is deleted, the company told."}})
	v.Says("/visitors/breaches", "For the safeguarding lead (0)", "The dsl: The film is deleted")
	a.rules.Notify.Visitor = []policy.Hears{policy.HearsHead, policy.HearsParents}
	v.Says("/visitors/challenge", "the safeguarding lead, the headteacher are told", "a person decides")
}

// Every page at a desk's width and at 320 px.
func TestInBrowser(t *testing.T) {
	browser := axetest.Open(t)
	a := newAcademy(t)
	h := a.handler(t)
	base, _ := axetest.Serve(t, "127.0.0.1:0", h)
	v := kittest.Visit(t, h, "office")
	v.Post("/visitors/visit/x-v-1/take", url.Values{"what": {"phone"}, "spot": {"safe"}})
	a.now = ten.Add(7 * time.Hour)
	v.Post("/visitors/visit/x-v-2/take", url.Values{"what": {"watch"}, "spot": {"safe"}})
	v.SignIn("teacher")
	for range 2 {
		form := breach()
		form.Set("at", a.now.Format("2006-01-02T15:04"))
		v.Sent("/visitors/challenge", form)
	}
	v.SignIn("dsl")
	v.Sent("/visitors/breach/"+a.book.Unseen()[0].ID+"/seen", url.Values{"text": {"The film is deleted."}})
	for name, width := range map[string]int64{"1280": 1280, "320": 320} {
		tab := browser.Tab(t, width, 900)
		for account, pages := range map[string]map[string]string{
			"office":  {"list": "/visitors", "take": "/visitors/visit/x-v-1/take", "device": "/visitors/device/i-0"},
			"teacher": {"challenge": "/visitors/challenge", "recorded": "/visitors/recorded"}, "dsl": {"breaches": "/visitors/breaches"},
		} {
			tab.SignIn(base, account, kittest.Password, "/visitors/challenge")
			for what, path := range pages {
				tab.Go(base + path)
				tab.Looks("visitors-" + what + "-" + name)
			}
			if account == "office" {
				tab.Go(base + "/visitors/visit/x-v-1/take")
				axetest.Eval[bool](tab, `(document.querySelector("#spot").value = "safe", document.querySelector("main form").requestSubmit(), true)`)
				tab.Wait(`document.querySelector(".bk-qr")`)
				tab.Looks("visitors-slip-" + name)
			}
		}
	}
}
