package trays

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/tray"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

// class is a real book of trays over two made-up forms.
type class struct {
	*tray.Book
	now  time.Time
	left []desk.LeftThing
	used bool
}

func newClass(t *testing.T) *class {
	t.Helper()
	log, err := memlog.New("school", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	c := &class{now: time.Date(2026, 11, 23, 8, 45, 0, 0, time.UTC), used: true}
	rules := policy.Default()
	rules.DepositPoint = policy.AtClass
	c.Book = tray.New(tray.Config{Log: log, People: c, Custody: c, Zone: time.UTC,
		Stamp:  func() ledger.Stamp { return ledger.Stamp{Wall: c.now, Trusted: true} },
		Rules:  func() policy.Rules { return rules },
		Ends:   func(at time.Time) (time.Time, bool) { return time.Date(2026, 11, 23, 15, 10, 0, 0, time.UTC), true },
		Leaves: func(string, time.Time) bool { return false }})
	return c
}

func (c *class) TakeLeft(_ context.Context, _ desk.By, l desk.LeftThing) error {
	c.left = append(c.left, l)
	return nil
}

func (*class) MayGo(string) error { return nil }

func (*class) People() []register.Person {
	var list []register.Person
	for _, r := range [][3]string{{"p-1", "Ada Byron", "7A"}, {"p-2", "Bilal Khan", "7A"}, {"p-3", "Sana Iqbal", "7A"}, {"p-4", "Will Long-Surname Featherstonehaugh-Cholmondeley", "7A"}, {"p-9", "Zoe Other", "7B"}} {
		given, family, _ := strings.Cut(r[1], " ")
		list = append(list, register.Person{ID: r[0], Kind: register.Pupil, Details: register.Details{Given: given, Family: family, Form: r[2]}})
	}
	return list
}

func (c *class) Person(id string) (register.Person, bool) {
	for _, p := range c.People() {
		if p.ID == id {
			return p, true
		}
	}
	return register.Person{}, false
}

func (c *class) Name(id string) (name, form string, ok bool) {
	if p, ok := c.Person(id); ok {
		return p.Name(), p.Form, true
	}
	return "Staff " + strings.TrimPrefix(id, "s-"), "", strings.HasPrefix(id, "s-")
}

func (*class) ExemptNow() []string { return []string{"p-3"} }

func (c *class) handler(t *testing.T, g *kittest.Gate) http.Handler {
	t.Helper()
	k := kittest.Kit(g, c, func() time.Time { return c.now }, nil)
	f, err := Pages(k, Config{Trays: c, People: c, Exempt: c, Used: func() bool { return c.used },
		Spots: []kit.Option{{Value: "office-safe", Text: "Office safe"}, {Value: "cupboard", Text: "Cupboard of 7A"}}})
	if err != nil {
		t.Fatal(err)
	}
	return kittest.Serve(t, k, f)
}

const home = Path + "/7A"

// A day on forms alone, as a browser without scripts sends them.
func TestDayWithoutScripts(t *testing.T) {
	c := newClass(t)
	v := kittest.Visit(t, c.handler(t, kittest.People()), "supply")
	if _, _, next := v.Get(Path); next != home {
		t.Errorf("one’s only class is at %q", next)
	}
	v.Says(home, "Nobody has taken this tray today", "Class trays", "-Zoe")
	v.Sent(home+"/take", url.Values{})
	v.Says(home, "In the hands of Staff supply since 08:45", "Ada Byron", "✓ May keep it", "Nothing ticked</dt><dd data-tally=\"Unticked\">3", "-Zoe", "-medical")

	id := tray.IDOf("7A", dayOf(c))
	page := url.Values{"tray": {id}, "was-p-1": {"Nothing|"}, "on-p-1": {"phone", "watch"}, "was-p-2": {"Nothing|"}, "on-p-2": {"no-phone"}, "was-p-3": {"Nothing|"}, "was-p-4": {"Nothing|"}}
	v.Sent(home+"?show=in", page)
	v.Sent(home+"?show=in", page) // the page of before, sent again: what it says is said already
	v.Says(home, "Phones</dt><dd data-tally=\"Phones\">1", "Other things</dt><dd data-tally=\"Others\">1", "No phone</dt><dd data-tally=\"None\">1")
	both := url.Values{"tray": {id}, "was-p-4": {"Nothing|"}, "on-p-4": {"phone", "absent"}}
	kittest.Has(t, "both", v.Answer(http.StatusUnprocessableEntity, home+"?show=in", both), "cannot have handed something in and nothing")

	lock := home + "/count/lock"
	v.Says(lock, "Nothing is ticked for 1", "Will Long-Surname")
	wrong := url.Values{"n-phone": {"2"}, "n-watch": {"1"}, "spot": {"cupboard"}, "asked": {"yes"}, "unticked": {"1"}}
	kittest.Has(t, "a wrong count", v.Answer(http.StatusUnprocessableEntity, lock, wrong), "phones, 1 ticked and 2 counted", `id="n-phone-error"`)
	right := url.Values{"n-phone": {"1"}, "n-watch": {"1"}, "spot": {"cupboard"}, "asked": {"yes"}, "unticked": {"1"}}
	if next := v.Sent(lock, right); next != home {
		t.Errorf("it leads to %q", next)
	}
	v.Says(home, "Put away since 08:45: Cupboard of 7A", `id="fetch"`)

	c.now = time.Date(2026, 11, 23, 15, 15, 0, 0, time.UTC)
	v.Sent(home+"/fetch", url.Values{})
	v.Says(home, "Give back", "Ada Byron", "-Bilal Khan")
	v.Sent(home+"?show=back", url.Values{"tray": {id}, "was-p-1": {"Nothing|"}, "on-p-1": {"phone"}})
	v.Says(home+"/count/close", "Ada Byron: Watch", "Where do you leave it")
	v.Sent(home+"/count/close", url.Values{"n-watch": {"1"}, "spot": {"office-safe"}})
	v.Says(home, "Left over, at the office", "Ada Byron: Watch", "-Save")
	if len(c.left) != 1 || c.left[0].Whose != "p-1" || c.left[0].Spot != "office-safe" {
		t.Errorf("at the office: %+v", c.left)
	}
}

// Another class's teacher finds no page, form or address of the tray.
func TestAnotherClass(t *testing.T) {
	c := newClass(t)
	g := kittest.People()
	g.Set("teacher", func(w *kit.Who) { w.Roles[0].Forms = []string{"7B"} })
	h := c.handler(t, g)
	kittest.Visit(t, h, "supply").Sent(home+"/take", url.Values{})
	v := kittest.Visit(t, h, "teacher")
	for _, path := range []string{home, home + "?show=back", home + "/count/lock", home + "/count/accept"} {
		if status, text, _ := v.Get(path); status != http.StatusForbidden || strings.Contains(text, "Ada") {
			t.Errorf("%s: %d", path, status)
		}
	}
	for _, path := range []string{home, home + "/take", home + "/fetch", home + "/ticks", home + "/count/close"} {
		if status, _, _ := v.Post(path, url.Values{"tray": {tray.IDOf("7A", dayOf(c))}}); status != http.StatusForbidden {
			t.Errorf("post %s: %d", path, status)
		}
	}
	v.SignIn("it")
	if status, _, _ := v.Get(Path); status != http.StatusForbidden {
		t.Errorf("IT: %d", status)
	}
	v.SignIn("office")
	v.Says(Path, "7A", "7B", "In the hands of Staff supply", "Nobody has taken this tray today")
}

// What a script sends is answered tick by tick, and so that it can tell an answer from
// the page of somebody signed out.
func TestTicks(t *testing.T) {
	c := newClass(t)
	v := kittest.Visit(t, c.handler(t, kittest.People()), "supply")
	v.Sent(home+"/take", url.Values{})
	send := func(body string) (int, answer, string) {
		status, text, next := v.PostBody(home+"/ticks", "application/json", strings.NewReader(body))
		var a answer
		if status == http.StatusOK {
			if err := json.Unmarshal([]byte(text), &a); err != nil {
				t.Fatal(err)
			}
		}
		return status, a, text + next
	}
	one := `{"tray":"` + tray.IDOf("7A", dayOf(c)) + `","ticks":[{"id":"t-1","pupil":"p-1","part":"in","line":{"things":["phone"]}},{"id":"t-2","pupil":"p-9","part":"in","line":{"things":["phone"]}}]}`
	for range 2 {
		status, a, _ := send(one)
		if status != http.StatusOK || a.Refused["t-2"] == "" || len(a.Refused) != 1 || len(a.Lines) != 2*4 || a.Tally.Phones != 1 || len(a.Lines["in p-1"].Things) != 1 || a.Lines["in p-1"].After[0] != "t-1" {
			t.Errorf("%d %+v", status, a)
		}
	}
	for name, body := range map[string]string{"no JSON": "x", "another tray": strings.Replace(one, "t-", "u-", 1)} {
		if status, _, text := send(body); status < 400 || status > 499 || !strings.Contains(text, `"error"`) {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	v.Sent("/sign-out", url.Values{})
	if status, _, next := send(one); status != http.StatusSeeOther || !strings.Contains(next, "/sign-in") {
		t.Errorf("signed out: %d %s", status, next)
	}
}

// A page says until when a tablet may keep it: the end of a pass, never longer than
// the day.
func TestUntil(t *testing.T) {
	c := newClass(t)
	g := kittest.People()
	end := time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC)
	g.Set("supply", func(w *kit.Who) { w.Roles[0].Until = end })
	h := c.handler(t, g)
	v := kittest.Visit(t, h, "supply")
	if got := v.Header(home, "Bellkeep-Until"); got != "0" {
		t.Errorf("before anything is taken: %q", got)
	}
	v.Sent(home+"/take", url.Values{})
	if got := v.Header(home, "Bellkeep-Until"); got != strconv.FormatInt(end.UnixMilli(), 10) {
		t.Errorf("for a pass: %q", got)
	}
	v.SignIn("teacher")
	if got := v.Header(home, "Bellkeep-Until"); got != strconv.FormatInt(end.Add(8*time.Hour).UnixMilli(), 10) {
		t.Errorf("for a teacher: %q", got)
	}
}

// Nothing is in the menu of a school whose phones go elsewhere.
func TestUsed(t *testing.T) {
	c := newClass(t)
	c.used = false
	v := kittest.Visit(t, c.handler(t, kittest.People()), "office")
	v.Says(Path, "do not go to class teachers", `-href="/trays">Class trays`)
}

func dayOf(c *class) school.Date { return school.DateOf(c.now) }
