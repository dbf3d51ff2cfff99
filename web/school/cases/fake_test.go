package cases

import (
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/ban"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

// academy is a pretend school: a desk with real records, three pupils, and one
// bank that does what it is told.
type academy struct {
	config  Config
	custody *desk.Custody
	bars    *desk.Book
	people  *register.Book
	notices *notify.Book
	gate    *kittest.Gate
	handler http.Handler

	mu     sync.Mutex
	now    time.Time
	exempt map[string]bool
	seq    uint64
	refuse locker.Answer
	orders []locker.Order
	rules  policy.Rules

	// A bank that waits opens a door for what it is told to take in, and has not seen
	// it shut: ajar is the item, contact what the door says.
	waits      bool
	ajar       string
	noEvidence bool // no bank has a door for it
	contact    locker.Contact
}

var lesson = time.Date(2026, 11, 23, 11, 24, 0, 0, time.UTC)

func newAcademy(t *testing.T) *academy {
	t.Helper()
	log, err := memlog.New("school", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	a := &academy{now: lesson, exempt: map[string]bool{"p-exempt": true}, gate: kittest.People(), rules: policy.Default()}
	stamp := func() ledger.Stamp { return ledger.Stamp{Wall: a.clock(), Trusted: true} }
	a.people = register.New(log, v, stamp)
	a.bars = desk.New(log, stamp, policy.Default)
	a.custody = desk.NewCustody(desk.Config{Log: log, Vault: v, People: a.people, Bars: a.bars, Stamp: stamp, Rules: func() policy.Rules { return a.rules },
		Ends: func(at time.Time) (time.Time, bool) {
			return time.Date(at.Year(), at.Month(), at.Day(), 15, 15, 0, 0, time.UTC), true
		},
		Exempt: func(person string, _ time.Time) bool { return a.exempt[person] }, Banned: func(at time.Time) bool { return a.ban(at).Holds(at) }})
	texts := notify.Texts{School: "Elmfield Academy", OfficePhone: "01632 960000"}
	a.notices = notify.New(notify.Config{Log: log, Vault: v, People: a.people, Stamp: stamp, Texts: func() notify.Texts { return texts }})
	a.enrol(t)
	k := kittest.Kit(a.gate, a.people, a.clock, nil)
	a.config = Config{Custody: a.custody, People: a.people, Banks: a, Orders: a, Notices: a.notices, Slips: a.notices, School: "Elmfield Academy",
		Ban:        a.ban,
		SchoolDays: func(from, to time.Time) int { return int(to.Sub(from) / (24 * time.Hour)) },
		Scanned:    func(text string) (string, bool) { return "p-one", text == "BADGE" },
		Spots:      []Spot{{"safe", "Office safe"}, {"drawer", "Locked drawer"}}}
	pages, err := Pages(k, a.config)
	if err != nil {
		t.Fatal(err)
	}
	a.handler = kittest.Serve(t, k, pages)
	return a
}

// ban is from 08:40 to 15:15.
func (a *academy) ban(at time.Time) ban.Hours {
	day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	return ban.Hours{School: true, From: day.Add(8*time.Hour + 40*time.Minute), Until: day.Add(15*time.Hour + 15*time.Minute)}
}

func (a *academy) enrol(t *testing.T) {
	t.Helper()
	roll := register.Roll{Contacts: map[string][]register.Contact{}}
	for id, name := range map[string]string{"p-one": "Peter", "p-two": "Paula", "p-exempt": "Selma"} {
		roll.People = append(roll.People, register.Entry{ID: id, Kind: register.Pupil, Details: register.Details{MIS: id, Given: name, Family: "Amis", Form: "9B"}})
		roll.Contacts[id] = []register.Contact{
			{ID: "C1", Title: "Ms", Given: "Ruth", Family: "Amis", Relationship: "Mother", ParentalResponsibility: true, Priority: 1},
			{ID: "C2", Title: "Mr", Given: "Gus", Family: "Amis", Relationship: "Father", ParentalResponsibility: true, NoContact: true, Priority: 2},
			{ID: "C3", Title: "Mrs", Given: "Joan", Family: "Amis", Relationship: "Grandmother", Priority: 3},
		}
	}
	changes := register.Diff(a.people.State(), roll)
	if err := a.people.Apply(t.Context(), "it", changes, register.Stated{}); err != nil {
		t.Fatal(err)
	}
}

func (a *academy) clock() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.now
}

func (a *academy) at(hour, minute int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.now = time.Date(2026, 11, 23, hour, minute, 0, 0, time.UTC)
}

// Banks is bank d with twelve confiscation doors, and bank e with evidence doors.
func (a *academy) Banks() []banks.Status {
	a.mu.Lock()
	defer a.mu.Unlock()
	d := banks.Status{Bank: banks.Bank{Label: "office", Setup: locker.Setup{Bank: "d", Confiscation: []int{1001, 1002, 1003}}}, Online: true}
	e := banks.Status{Bank: banks.Bank{Label: "office, inner room", Setup: locker.Setup{Bank: "e", Evidence: []int{1101, 1102}}}, Online: true}
	if a.ajar != "" {
		d.Board.Items = []view.Item{{ID: a.ajar, Door: 1003, State: view.ItemComing}}
		d.Board.Doors = []view.Door{{Number: 1003, Contact: a.contact}}
	}
	if a.noEvidence {
		return []banks.Status{d}
	}
	return []banks.Status{d, e}
}

// Order does at once what it is told, and the bank's ledger tells of it.
func (a *academy) Order(ctx context.Context, bank string, o locker.Order) (banks.Done, error) {
	a.mu.Lock()
	a.orders = append(a.orders, o)
	a.seq++
	done := banks.Done{Seq: a.seq, Refused: string(a.refuse)}
	e := locker.Event{Kind: locker.Deposited, Door: 1003, Body: locker.Body{Item: o.Item, By: o.By}}
	if o.Kind == locker.OrderTake {
		e.Kind, e.Door = locker.Collected, o.Door
	}
	e.At = school.Instant{Wall: a.now, Trusted: true}
	done.Door = e.Door
	if a.waits {
		a.ajar = o.Item
	}
	a.mu.Unlock()
	if a.waits {
		return done, nil
	}
	if done.Refused != "" {
		return done, nil
	}
	return done, a.custody.Tell(ctx, desk.Ref{Bank: bank, Epoch: 1, Seq: done.Seq}, e)
}

func (a *academy) visit(t *testing.T, account string) *kittest.Visitor {
	t.Helper()
	return kittest.Visit(t, a.handler, account)
}

var spaces = regexp.MustCompile(`\s+`)

// says wants words on a page, tags aside.
func says(t *testing.T, text string, want ...string) {
	t.Helper()
	plain := spaces.ReplaceAllString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text, " "), " ")
	for _, w := range want {
		if !strings.Contains(plain, w) {
			t.Errorf("the page does not say %q: %.900s", w, plain)
		}
	}
}

// taken is the usual form of a confiscation.
func taken() url.Values {
	return url.Values{"what": {"phone"}, "reason": {"breach"}, "zone": {"classroom"}, "room": {"14"}, "condition": {"Crack at the top left"}, "taken": {"2026-11-23T11:20"}}
}

// confiscated is a case that a teacher has opened.
func (a *academy) confiscated(t *testing.T, pupil string, values url.Values) string {
	t.Helper()
	status, text, next := a.visit(t, "teacher").Post("/confiscate/"+pupil, values)
	if status != http.StatusSeeOther {
		t.Fatalf("%d: %s", status, text)
	}
	return strings.TrimPrefix(next, "/confiscated/")
}
