package teacher

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/ban"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/tray"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

var now = time.Date(2026, 11, 23, 8, 50, 0, 0, time.UTC)

// class is two forms: in 7A one pupil of every state, in 7B one.
type class struct{ offline bool }

func (c class) rows() [][]string {
	return [][]string{
		{"p-1", "Ada Byron", "7A", "in"}, {"p-2", "Bilal Khan", "7A", "not-yet"}, {"p-3", "Sana Iqbal", "7A", "not-yet"},
		{"p-4", "Tom Reed", "7A", "not-yet"}, {"p-5", "Una O'Hara", "7A", "out"}, {"p-6", "Vic Stone", "7A", "exempt"},
		{"p-7", "Will Long-Surname Featherstonehaugh-Cholmondeley", "7A", "not-yet"}, {"p-8", "Zoe Other", "7B", "in"},
	}
}

func (c class) Banks() []banks.Status {
	b := banks.Status{Bank: banks.Bank{Setup: locker.Setup{Bank: "a"}}, Online: !c.offline}
	for _, r := range c.rows() {
		b.Board.People = append(b.Board.People, view.Person{ID: r[0], State: view.Standing(r[3])})
	}
	return []banks.Status{b}
}

func (c class) People() []register.Person {
	list := []register.Person{{ID: "s-1", Kind: register.Staff, Details: register.Details{Given: "The", Family: "Tutor", Form: "7A"}}}
	for _, r := range c.rows() {
		given, family, _ := strings.Cut(r[1], " ")
		list = append(list, register.Person{ID: r[0], Kind: register.Pupil, Details: register.Details{Given: given, Family: family, Form: r[2]}, Place: locker.Place{Bank: "a"}})
	}
	return list
}

func (c class) Name(id string) (name, form string, ok bool) {
	for _, p := range c.People() {
		if p.ID == id {
			return p.Name(), p.Form, true
		}
	}
	return "", "", false
}

// ExemptNow names somebody whose bank does not know it yet.
func (class) ExemptNow() []string { return []string{"p-3"} }

func (class) Marks() (away, noPhone func(string) bool) {
	return func(person string) bool { return person == "p-7" || person == "p-1" }, func(person string) bool { return person == "p-4" }
}

// hours are those of the ban on the day of the tests.
func hours(at time.Time) ban.Hours {
	day := func(hour int) time.Time { return time.Date(at.Year(), at.Month(), at.Day(), hour, 0, 0, 0, time.UTC) }
	return ban.Hours{School: true, From: day(9), Until: day(15)}
}

func (c class) handler(t *testing.T, g *kittest.Gate) http.Handler {
	t.Helper()
	k := kittest.Kit(g, c, func() time.Time { return now }, nil)
	f, err := Pages(k, Config{Banks: c, People: c, Exempt: c, Today: c, Confiscate: "/confiscate", Ban: hours})
	if err != nil {
		t.Fatal(err)
	}
	start := kit.Feature{Menu: []kit.MenuItem{{Href: "/", Text: "Today", Permission: roles.SeeBoard}},
		Routes: []kit.Route{kit.Get("/", roles.SeeBoard, f.Routes[0].Handle)}}
	return kittest.Serve(t, k, start, f)
}

func TestMyForm(t *testing.T) {
	g := kittest.People()
	v := kittest.Visit(t, class{}.handler(t, g), "teacher")
	if status, _, next := v.Get("/"); status != http.StatusSeeOther || next != Path {
		t.Errorf("the start page leads a teacher to %q (%d)", next, status)
	}
	v.Says(Path, "Form 7A", "<dt>Not handed in</dt><dd>1</dd>", "<dt>Handed in</dt><dd>1</dd>", "<dt>Away</dt><dd>1</dd>", "<dt>May keep it</dt><dd>2</dd>", "<dt>No phone today</dt><dd>1</dd>",
		"Una O&#39;Hara", "Collected", "-Zoe", "-Tutor", `href="/person/p-1"`, `href="/confiscate"`, `href="/exceptions/new?q=7A"`, "-offline", "My form", "Phones are banned from 09:00 to 15:00. Not at this hour.")
	status, text, _ := v.Get(Path)
	if first := strings.Index(text, "Bilal"); status != http.StatusOK || first < 0 || first > strings.Index(text, "Ada Byron") {
		t.Error("who is to be asked does not come first")
	}
	for _, form := range []string{"7B", "12Z", "%3Cscript%3E"} {
		if status, text, _ := v.Get(Path + "?form=" + form); status != http.StatusNotFound || strings.Contains(text, "Zoe") {
			t.Errorf("form %s: %d", form, status)
		}
	}
}

// A supply teacher sees the form and nothing that leads further.
func TestSupply(t *testing.T) {
	g := kittest.People()
	v := kittest.Visit(t, class{offline: true}.handler(t, g), "supply")
	v.Says(Path, "Bilal Khan", "May keep it", "-/person/", `href="/confiscate"`, "-/exceptions", "this list may be old")
	g.Set("supply", func(w *kit.Who) { w.Roles[0].Until = now }) // the day is over
	if status, text, _ := v.Get(Path); status != http.StatusForbidden || strings.Contains(text, "Bilal") {
		t.Errorf("after the last day: %d", status)
	}
}

func TestOthers(t *testing.T) {
	v := kittest.Visit(t, class{}.handler(t, kittest.People()), "head")
	v.Says(Path+"?form=7B", "Zoe Other", "-My form")
	for _, account := range []string{"it", "governor", "owner"} {
		v.SignIn(account)
		if status, _, _ := v.Get(Path); status != http.StatusForbidden {
			t.Errorf("%s: %d", account, status)
		}
	}
	if status, _, _ := v.Get("/"); status != http.StatusForbidden {
		t.Errorf("the start page of somebody with no page at all: %d", status)
	}
}

// What is ticked in the class's tray counts on the class's list.
func TestWithTray(t *testing.T) {
	for _, c := range []struct {
		before state
		tray   tray.Standing
		want   state
	}{
		{missing, tray.Standing{}, missing},
		{missing, tray.Standing{In: true, Here: []desk.What{desk.Phone}}, in},
		{exemptNow, tray.Standing{In: true, Here: []desk.What{desk.Phone}}, in},
		{missing, tray.Standing{In: true}, out},
		{missing, tray.Standing{Mark: tray.NoPhone}, noPhone},
		{missing, tray.Standing{Mark: tray.Absent}, away},
		{in, tray.Standing{Mark: tray.NoPhone}, in},
	} {
		if got := withTray(c.before, c.tray); got != c.want {
			t.Errorf("%s with %+v is %s, want %s", c.before, c.tray, got, c.want)
		}
	}
}
