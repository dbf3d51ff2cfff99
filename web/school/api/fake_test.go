package api

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/exceptions"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/tokens"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/mdm"
	asking "github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/mdm/shadow"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui"
)

// now is the school time of the pretend school.
var now = time.Date(2027, 6, 7, 8, 41, 7, 0, time.UTC)

// people are p-1 and p-2 of 7A, p-3 of 8B and a member of staff.
type people struct{}

func (people) People() []register.Person {
	list := []register.Person{{ID: "s-1", Kind: register.Staff, Details: register.Details{Given: "Sam", Family: "Caretaker"}}}
	for i, name := range []string{"Ada", "Bilal", "Chloé"} {
		form := []string{"7A", "7A", "8B"}[i]
		list = append(list, register.Person{ID: "p-" + string(rune('1'+i)), Kind: register.Pupil, Place: locker.Place{Bank: "a", Door: i + 1},
			Details: register.Details{Given: name, Family: "Byron", Form: form, Year: form[:1]}})
	}
	return list
}

func (p people) Search(q string) (found []register.Person) {
	for _, person := range p.People() {
		if strings.Contains(strings.ToLower(person.Name()), q) {
			found = append(found, person)
		}
	}
	return found
}

func (p people) Person(id string) (register.Person, bool) {
	for _, person := range p.People() {
		if person.ID == id {
			return person, true
		}
	}
	return register.Person{}, false
}

// Contacts are a mother, a father who must not come near, a grandmother without
// responsibility.
func (people) Contacts(string) []register.Contact {
	return []register.Contact{
		{ID: "C1", Given: "Ruth", Family: "Byron", Relationship: "Mother", ParentalResponsibility: true},
		{ID: "C2", Given: "Gus", Family: "Byron", Relationship: "Father", ParentalResponsibility: true, NoContact: true},
		{ID: "C3", Given: "Joan", Family: "Byron", Relationship: "Grandmother"},
	}
}

func (p people) Name(id string) (name, form string, ok bool) {
	person, ok := p.Person(id)
	return person.Name(), person.Form, ok
}

// house is one bank, of three doors.
type house struct{}

func (house) Banks() []banks.Status {
	st := banks.Status{Online: true}
	st.Label, st.Setup = "hall", locker.Setup{Bank: "a", Doors: []int{1, 2, 3}, Confiscation: []int{2}}
	st.Board = view.Board{Bank: "a", AsOf: now, Heard: now, Size: 9, Counts: view.Counts{In: 1, NotYet: 2, Problems: 1},
		Problems: []view.Problem{{Code: view.Forced, Door: 3, Since: now}},
		People:   []view.Person{{ID: "p-1", State: view.In, Door: 1, Since: now}, {ID: "p-2", State: view.NotYet, Door: 2}},
		Doors:    []view.Door{{Number: 1, Contact: locker.Closed, State: view.DoorKeeping, Person: "p-1"}, {Number: 3, Contact: locker.Open, State: view.DoorTrouble}}}
	return []banks.Status{st}
}

// orders keeps what banks were told, and answers for them.
type orders struct {
	given  []locker.Order
	answer banks.Done
	err    error
}

func (o *orders) Order(_ context.Context, _ string, what locker.Order) (banks.Done, error) {
	o.given = append(o.given, what)
	return o.answer, o.err
}

// letters are notices that only count.
type letters struct{ list []notify.Notice }

func (l *letters) Prepare(_ context.Context, by string, r notify.Request) (notify.Notice, error) {
	if err := desk.MayReceive(people{}.Contacts(r.Pupil), r.Contact); err != nil {
		return notify.Notice{}, err
	}
	l.list = append(l.list, notify.Notice{ID: "n-1", About: r.About, Contact: r.Contact, Way: notify.Email, State: notify.Prepared, PreparedBy: by, ChangedAt: now})
	return l.list[len(l.list)-1], nil
}

func (l *letters) Send(context.Context, school.Actor, string) error {
	l.list[0].State = notify.Queued
	return nil
}

func (l *letters) Of(about string) (list []notify.Notice) {
	for _, n := range l.list {
		if n.About == about {
			list = append(list, n)
		}
	}
	return list
}

func (house) Current() locker.Rules {
	return locker.Rules{Directory: &locker.Directory{Version: 7}}
}

func (house) InForce(uint64) []banks.Force {
	return []banks.Force{{Bank: banks.Bank{Setup: locker.Setup{Bank: "a"}}, Since: now, Online: true}}
}

func (house) History(person string) []banks.Happening {
	return []banks.Happening{{Bank: "a", Event: locker.Event{Kind: locker.Deposited, At: school.Instant{Wall: now}, Door: 1, Body: locker.Body{Person: person}}}}
}

func (house) Of(person string) []badges.Badge {
	return []badges.Badge{{Serial: 1, Person: person, State: badges.Revoked, Why: badges.Lost, Since: now}, {Serial: 2, Person: person, State: badges.Live, Since: now}}
}

// Scanned knows one spare.
func (house) Scanned(_ context.Context, text string) (badges.Badge, error) {
	if text != "SPARE" {
		return badges.Badge{}, errs.New(errs.Invalid, "That is not the code of a badge.", "")
	}
	return badges.Badge{Serial: 3, State: badges.Spare}, nil
}

func (house) Hand(_ context.Context, by string, _ school.BadgeHash, person string, why badges.Why) error {
	if by != "token-all" || person != "p-1" || why != badges.Lost {
		return errs.New(errs.Conflict, "No.", "")
	}
	return nil
}

func calendar() school.Calendar {
	return school.Calendar{Zone: time.UTC, Usual: school.MondayToFriday("normal"),
		Terms: []school.Term{{Span: school.Span{From: school.Date{Year: 2027, Month: 4, Day: 13}, Until: school.Date{Year: 2027, Month: 7, Day: 22}}}},
		Templates: map[string]school.Template{"normal": {Name: "normal", Gate: school.Clock{Hour: 8, Minute: 15}, Register: school.Clock{Hour: 8, Minute: 40},
			Collect: school.Clock{Hour: 15, Minute: 5}, CollectUntil: school.Clock{Hour: 16, Minute: 30}}}}
}

func (house) Board() shadow.Board {
	return shadow.Board{Rows: []shadow.Row{
		{Device: mdm.Device{ID: "pad-1", Groups: []string{"trolley"}, Platform: "pretend"}, Compliance: mdm.Compliance{Verdict: mdm.Violating, Since: now},
			Want: mdm.Stage{Mode: "lesson", Set: mdm.Set{"camera": `"block"`}}},
		{Device: mdm.Device{ID: "pad-2", Groups: []string{"trolley"}, Platform: "pretend"}, Compliance: mdm.Compliance{Verdict: mdm.InForce}},
	}}
}

// clock is machine time that a test moves.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) set(t time.Time) { c.pass(t.Sub(c.now())) }

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// vouching are makers who may still do everything.
type vouching struct{}

func (vouching) Holder(string) tokens.Holder {
	return tokens.Holder{Roles: []roles.Assignment{{Permissions: append(tokens.Scopes(), roles.UseAPI)}}}
}

// setting is the API over a pretend school, a minute after its start.
type setting struct {
	http.Handler
	t       *testing.T
	kit     *kit.Kit
	config  Config
	gate    *kittest.Gate
	tokens  *tokens.Book
	desk    *desk.Book
	custody *desk.Custody
	excepts *exceptions.Book
	orders  *orders
	school  *clock // school time
	machine *clock
	keys    int
}

func newSetting(t *testing.T) *setting {
	t.Helper()
	log, err := memlog.New("school", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = secrets.Close() })
	s := &setting{t: t, gate: kittest.People(), machine: &clock{t: now}, school: &clock{t: now}, orders: &orders{answer: banks.Done{Seq: 9, Door: 2}}}
	stamp := func() ledger.Stamp { return ledger.Stamp{Wall: s.school.now(), Trusted: true} }
	s.tokens, s.desk = tokens.New(log, stamp, vouching{}), desk.New(log, stamp, policy.Default)
	s.excepts = exceptions.New(exceptions.Config{Log: log, Vault: secrets, People: people{}, Rules: policy.Default, Calendar: calendar(), Stamp: stamp})
	s.custody = desk.NewCustody(desk.Config{Log: log, Vault: secrets, People: people{}, Bars: s.desk, Stamp: stamp, Rules: policy.Default, Ends: dayEnds,
		Exempt: func(person string, _ time.Time) bool { return person == "p-2" },
		Banned: func(at time.Time) bool { return !at.Equal(now.Add(-time.Hour)) }})
	s.kit = kittest.Kit(s.gate, people{}, s.school.now, nil)
	callers := NewPrograms(s.gate, s.tokens, s.school.now, s.machine.now)
	s.config = Config{Calendar: calendar(), Banks: house{}, Rules: house{}, Force: house{}, People: people{}, Desk: s.desk, Badges: house{}, History: house{},
		Register: attendance.New(attendance.Config{Log: log, Vault: secrets, Desk: s.desk, Stamp: stamp, Zone: time.UTC}),
		Custody:  s.custody, Orders: s.orders, Notices: &letters{}, Spots: []string{"safe"},
		Exceptions: s.excepts, Policy: policy.Default, Ledger: log, Devices: house{}, DeviceRules: house{}, Machine: s.machine.now}
	feature, err := Pages(s.kit, s.config)
	if err != nil {
		t.Fatal(err)
	}
	served := kittest.Serve(t, s.kit, feature)
	s.kit.Gate = callers
	s.Handler = callers.Wrap(served, s.kit.Failures)
	s.machine.pass(time.Minute)
	return s
}

// dayEnds says that every day's school is over at five past three.
func dayEnds(at time.Time) (time.Time, bool) {
	return time.Date(at.Year(), at.Month(), at.Day(), 15, 5, 0, 0, time.UTC), true
}

// token makes one that works.
func (s *setting) token(name string, scopes ...roles.Permission) string {
	s.t.Helper()
	by := tokens.Maker{Actor: school.Actor{Account: "it", Person: "s-it"}, Roles: []roles.Assignment{{Permissions: tokens.Scopes()}}}
	secret, _, err := s.tokens.Make(context.Background(), by, tokens.Wanted{Name: name, Scopes: scopes, Until: s.school.now().Add(time.Hour)})
	if err != nil {
		s.t.Fatal(err)
	}
	return secret
}

// actor is somebody with an account of their own.
func actor(name string) school.Actor { return school.Actor{Account: name, Person: "s-" + name} }

// exception is one that the office asked for and the head approved.
func (s *setting) exception(person string) (id string) {
	s.t.Helper()
	terms := exception.Terms{Kind: exception.Medical, Person: person, Scope: exception.AllDay, From: now.Add(-time.Hour), Until: now.AddDate(0, 6, 0), Review: now.AddDate(0, 3, 0)}
	id, err := s.excepts.Ask(s.t.Context(), exceptions.By{Actor: actor("office")}, terms, exception.Paper{Why: "glucose monitor"})
	if err == nil {
		err = s.excepts.Approve(s.t.Context(), exceptions.By{Actor: actor("head"), Head: true}, id)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// all is a token that may do everything a program may.
func (s *setting) all() string { return s.token("all", tokens.Scopes()...) }

// ask sends a request; headers are pairs of names and values.
func (s *setting) ask(method, path, token, body string, headers ...string) *httptest.ResponseRecorder {
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, "http://127.0.0.1"+path, content)
	r.RemoteAddr = "127.0.0.1:9"
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// send is a POST under a fresh key.
func (s *setting) send(path, token, body string) *httptest.ResponseRecorder {
	return s.ask(http.MethodPost, path, token, body, keyHeader, s.key())
}

// key is a fresh key of the machine's time.
func (s *setting) key() string {
	s.keys++
	return keyAt(s.machine.now(), s.keys)
}

// problem reads a problem document.
func problem(t *testing.T, w *httptest.ResponseRecorder) ui.Problem {
	t.Helper()
	var p ui.Problem
	if kind := w.Header().Get("Content-Type"); kind != "application/problem+json" {
		t.Errorf("%d is a %q: %s", w.Code, kind, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Status != w.Code || p.Detail == "" {
		t.Errorf("%d: %v, %+v", w.Code, err, p)
	}
	return p
}

// VersionAt and Requests are of a school with one profile, and one change that waits.
func (house) VersionAt(time.Time) (asking.Version, bool) {
	return asking.Version{N: 4, From: now, Rules: mdm.Rules{
		Lists:       []mdm.List{{ID: "social", Items: []string{"x.com"}}},
		Profiles:    []mdm.Profile{{ID: "quiet", Set: mdm.Set{mdm.Camera: mdm.Block, mdm.Web: mdm.Lists{Block: []string{"social"}}.Value()}}},
		Assignments: []mdm.Assignment{{Profile: "quiet", Group: "year-7", Periods: []mdm.Mode{mdm.Lesson}}},
	}}, true
}

func (house) Requests() []asking.Request {
	return []asking.Request{{ID: "c-1", Consensus: asking.Consensus{By: school.Approval{By: "it", Person: "s-it", At: now}, Filters: true}, State: asking.Waiting}, {ID: "c-0", State: asking.Published}}
}
