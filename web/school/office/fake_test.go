package office

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/vault/vaulttest"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/labstack/echo/v4"
)

// morning is the school time of the pretend school, a Monday.
var morning = time.Date(2026, 11, 23, 8, 55, 0, 0, time.UTC)

// villa is a pretend school of forty pupils in 7A and 7B, with the real books
// over a ledger in memory, and one bank.
type villa struct {
	Config
	now    time.Time
	log    *memlog.Log
	vault  vaulttest.Memory
	badges *badges.Book
	desk   *desk.Book
	book   *attendance.Book
	bank   view.Board
	online bool
	people []register.Person
	drawer *drawer
}

func newVilla(t *testing.T) *villa {
	t.Helper()
	v := &villa{now: morning, vault: vaulttest.Memory{}, online: true, drawer: &drawer{}}
	var err error
	if v.log, err = memlog.New("school", func() time.Time { return v.now }); err != nil {
		t.Fatal(err)
	}
	stamp := func() ledger.Stamp { return ledger.Stamp{Wall: v.now, Trusted: true} }
	v.badges = badges.New(v.log, v.vault, rand.Reader, stamp)
	v.desk = desk.New(v.log, stamp, policy.Default)
	v.book = attendance.New(attendance.Config{Log: v.log, Vault: v.vault, Desk: v.desk, Stamp: stamp, Zone: time.UTC})
	v.drawer.villa = v
	v.bank = view.Board{Bank: "a", AsOf: v.now}
	for n := range 40 {
		p := register.Person{ID: fmt.Sprintf("p-%d", n+1), Kind: register.Pupil, Details: register.Details{MIS: fmt.Sprint(1001 + n),
			Given: []string{"Ada", "Bilal", "Chloé", "Dylan", "Ewa"}[n%5], Family: []string{"Byron", "Khan", "Martin", "Price", "Nowak", "Hussain", "Clarke", "O’Hara"}[n/5], Form: "7A"}}
		if n >= 20 {
			p.Form = "7B"
		}
		v.people = append(v.people, p)
		v.bank.People = append(v.bank.People, view.Person{ID: p.ID, State: view.NotYet, Door: n + 1})
	}
	v.people = append(v.people, register.Person{ID: "p-99", Kind: register.Pupil, Left: v.now.AddDate(0, 0, -7), Details: register.Details{Given: "Gus", Family: "Gone", Form: "7A"}})
	v.Config = Config{Calendar: calendar(), Banks: v, Force: v, People: v, Register: v.book, Leaves: v.book, Grants: v.desk, Badges: v.badges,
		Desk: v.drawer, Hands: v.drawer, Spots: []Spot{{"safe", "Office safe"}, {"envelope-1", "Envelope 1"}}, Machine: time.Now}
	return v
}

func calendar() school.Calendar {
	return school.Calendar{Zone: time.UTC, Usual: school.MondayToFriday("normal"),
		Terms:  []school.Term{{Span: school.Span{From: school.Date{Year: 2026, Month: 9, Day: 1}, Until: school.Date{Year: 2026, Month: 12, Day: 19}}}},
		Closed: []school.Span{{From: school.Date{Year: 2026, Month: 10, Day: 26}, Until: school.Date{Year: 2026, Month: 10, Day: 31}}},
		Templates: map[string]school.Template{"normal": {Name: "normal", Gate: school.Clock{Hour: 8, Minute: 15}, Register: school.Clock{Hour: 8, Minute: 40},
			Collect: school.Clock{Hour: 15, Minute: 5}, CollectUntil: school.Clock{Hour: 16, Minute: 30}}}}
}

func (v *villa) Banks() []banks.Status {
	st := banks.Status{Online: v.online, Board: v.bank}
	st.Setup = locker.Setup{Bank: "a"}
	return []banks.Status{st}
}

func (v *villa) InForce(seq uint64) []banks.Force {
	f := banks.Force{Bank: v.Banks()[0].Bank, Online: v.online}
	if v.online && seq > 0 {
		f.Since = v.now.Add(2 * time.Second)
	}
	return []banks.Force{f}
}

func (v *villa) People() []register.Person {
	return slices.DeleteFunc(slices.Clone(v.people), func(p register.Person) bool { return !p.OnRoll() })
}

func (v *villa) Person(id string) (register.Person, bool) {
	i := slices.IndexFunc(v.people, func(p register.Person) bool { return p.ID == id })
	if i < 0 {
		return register.Person{}, false
	}
	return v.people[i], true
}

func (v *villa) Name(id string) (name, form string, ok bool) {
	p, ok := v.Person(id)
	return p.Name(), p.Form, ok
}

func (v *villa) Search(query string) []register.Person {
	return slices.DeleteFunc(slices.Clone(v.people), func(p register.Person) bool {
		return !strings.Contains(strings.ToLower(p.Name()+" "+p.Form), strings.ToLower(query))
	})
}

// stand sets how some pupils stand at the bank.
func (v *villa) stand(s view.Standing, ids ...string) {
	for i, p := range v.bank.People {
		if slices.Contains(ids, p.ID) {
			v.bank.People[i].State, v.bank.People[i].Since = s, v.now.Add(-20*time.Minute)
		}
	}
}

// drawer is a pretend desk.
type drawer struct {
	villa   *villa
	devices []Device
	notes   map[string]string
	err     error
}

func (d *drawer) Devices() []Device {
	return slices.DeleteFunc(slices.Clone(d.devices), func(i Device) bool { return i.Place.Gone != "" })
}

// Restricted is by the case's name alone: the head may see it.
func (d *drawer) Restricted(who kit.Who, i Device) bool {
	return i.Case == "c-image" && who.Account != "head"
}

func (d *drawer) Device(id string) (Device, error) {
	i := slices.IndexFunc(d.devices, func(i Device) bool { return i.ID == id })
	if i < 0 {
		return Device{}, errs.New(errs.NotFound, "There is no such device on record.", "Look at the list of devices.")
	}
	return d.devices[i], nil
}

func (d *drawer) Condition(_ context.Context, id string) (string, error) { return d.notes[id], nil }

func (d *drawer) Take(_ context.Context, who kit.Who, in Intake) (string, error) {
	if d.err != nil {
		return "", d.err
	}
	id := fmt.Sprintf("i-%d", len(d.devices)+1)
	d.devices = append(d.devices, Device{ID: id, What: in.What, Why: in.Why, Whose: in.Whose, Place: Place{Spot: in.Spot, Since: d.villa.now}, Since: d.villa.now, By: who.Account})
	if d.notes == nil {
		d.notes = map[string]string{}
	}
	d.notes[id] = in.Condition
	return id, nil
}

func (d *drawer) set(id string, change func(*Device)) error {
	i := slices.IndexFunc(d.devices, func(i Device) bool { return i.ID == id })
	if i < 0 {
		return errs.New(errs.NotFound, "There is no such device on record.", "Look at the list of devices.")
	}
	change(&d.devices[i])
	return nil
}

func (d *drawer) Own(_ context.Context, _ kit.Who, id, person string) error {
	if _, ok := d.villa.Person(person); !ok {
		return errs.At("person", "Nobody of that number is known here.", "Look for the name.")
	}
	return d.set(id, func(i *Device) { i.Whose = person })
}

func (d *drawer) GiveBack(_ context.Context, who kit.Who, id string, to To) error {
	if d.err != nil {
		return d.err
	}
	return d.set(id, func(i *Device) { i.Place, i.Ended = Place{Gone: to, Since: d.villa.now}, who.Account })
}

func (d *drawer) ToPolice(_ context.Context, who kit.Who, id, officer, reference string) error {
	if officer == "" {
		return errs.At("officer", "This is empty.", "")
	}
	return d.set(id, func(i *Device) { i.Place, i.Ended = Place{Gone: ToPolice, Since: d.villa.now}, who.Account })
}

func (d *drawer) Police(context.Context, string) (string, error) { return "", nil }

// handler serves the pages the way the product does.
func (v *villa) handler(t *testing.T) http.Handler {
	t.Helper()
	k := kittest.Kit(kittest.People(), v, func() time.Time { return v.now }, nil)
	pages, err := Pages(k, v.Config)
	if err != nil {
		t.Fatal(err)
	}
	person := kit.Feature{Routes: []kit.Route{ // stands for the board's
		kit.Get("/", kit.Open, home), kit.Get("/person/:id", kit.Open, home),
	}}
	return kittest.Serve(t, k, pages, person)
}

// visitor is a browser without scripts.
type visitor struct {
	*http.Client
	base string
	t    *testing.T
}

func (v *villa) visit(t *testing.T, account string) *visitor {
	t.Helper()
	srv := httptest.NewServer(v.handler(t))
	t.Cleanup(srv.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	who := &visitor{&http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, srv.URL, t}
	who.as(account)
	return who
}

func (v *visitor) as(account string) {
	v.t.Helper()
	v.post("/sign-in", url.Values{"user": {account}, "password": {kittest.Password}}, http.StatusSeeOther)
}

// get gives a page that must have a status.
func (v *visitor) get(path string, status int) string {
	v.t.Helper()
	r, err := v.Get(v.base + path)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.text(path, r, status)
}

// post sends a form; it gives the page, or where it leads.
func (v *visitor) post(path string, form url.Values, status int) string {
	v.t.Helper()
	r, err := v.PostForm(v.base+path, form)
	if err != nil {
		v.t.Fatal(err)
	}
	if to := r.Header.Get("Location"); to != "" {
		_ = r.Body.Close()
		if r.StatusCode != status {
			v.t.Errorf("%s: %d, want %d", path, r.StatusCode, status)
		}
		return to
	}
	return v.text(path, r, status)
}

func (v *visitor) text(path string, r *http.Response, status int) string {
	v.t.Helper()
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	text := string(body)
	if r.StatusCode != status {
		v.t.Errorf("%s: %d, want %d\n%s", path, r.StatusCode, status, plainText(text))
	}
	if strings.Contains(text, "ZgotmplZ") || strings.Contains(text, "<no value>") {
		v.t.Errorf("%s: a template went wrong", path)
	}
	return text
}

// sent fills in a form that a page shows, and sends it.
func (v *visitor) sent(path string, fields url.Values, status int) string {
	v.t.Helper()
	fields.Set("once", onceOf(v.get(path, http.StatusOK)))
	return v.post(path, fields, status)
}

var onceKey = regexp.MustCompile(`name="once" value="([^"]+)"`)

func onceOf(page string) string {
	if found := onceKey.FindStringSubmatch(page); found != nil {
		return found[1]
	}
	return ""
}

var tags = regexp.MustCompile(`<[^>]*>`)

func plainText(page string) string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(page, " ")), " ")
}

// has fails for words that a page lacks, or has behind a minus. A form's random
// number is no word: now and then it has the letters of one.
func has(t *testing.T, what, page string, words ...string) {
	t.Helper()
	page = onceKey.ReplaceAllString(page, "")
	text := plainText(page)
	for _, w := range words {
		without, not := strings.CutPrefix(w, "-")
		if strings.Contains(text, without) == not || not && strings.Contains(page, without) {
			t.Errorf("%s: says %q is %v\n%s", what, without, not, text)
		}
	}
}

func home(c echo.Context) error {
	return c.HTML(http.StatusOK, "<!doctype html><html lang=en-GB><title>Home</title><main><h1>Home</h1></main>")
}
