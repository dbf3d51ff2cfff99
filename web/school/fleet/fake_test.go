package fleet

import (
	"context"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/agreements"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

var monday = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// academy is a school with a few people, the real book of devices, and a door that
// lets in whom the test says.
type academy struct {
	*fleet.Book
	door
	gate     *kittest.Gate
	now      time.Time
	rules    *change.Book
	visitors *agreements.Book
	more     []register.Person // beside those of every school
	left     map[string]bool
	unsigned map[string]bool
	passcode fleet.Confirmation
	people   people
	handler  http.Handler
}

func newAcademy(t *testing.T) *academy {
	t.Helper()
	log, err := memlog.New("school", func() time.Time { return monday })
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	a := &academy{gate: kittest.People(), now: monday, left: map[string]bool{}, unsigned: map[string]bool{}, passcode: fleet.Reported,
		door: door{certificates: map[string]string{}, codes: map[string]joining.Code{}}}
	a.people = people{a}
	stamp := func() ledger.Stamp { return ledger.Stamp{Wall: a.now, Trusted: true} }
	a.rules = change.New(change.Config{Log: log, Vault: v, Stamp: stamp})
	if err := a.rules.Begin(t.Context(), "first-start", deviceRules()); err != nil {
		t.Fatal(err)
	}
	a.visitors = agreements.New(agreements.Config{Log: log, Vault: v, People: a.people, Stamp: stamp})
	a.Book = fleet.New(fleet.Config{Log: log, Vault: v, Stamp: stamp, Rules: policy.Default, DeviceRules: a.rules,
		MayHave: a.MayHave, Passcode: a.Passcode, Joined: func(id string) bool { return a.Certificates()[id] != "" }})
	k := kittest.Kit(a.gate, a.people, func() time.Time { return a.now }, nil)
	f, err := Pages(k, a.config())
	if err != nil {
		t.Fatal(err)
	}
	a.handler = kittest.Serve(t, k, f)
	return a
}

func (a *academy) config() Config {
	return Config{Book: a.Book, Desk: a.Book, Ends: a, Evidence: a.Book, Joining: &a.door, Checks: a, People: a.people, Visitors: a.visitors, Rules: a.rules,
		Groups: func() []string { return []string{"library", "staff-ipads", "trolley-1"} }, GroupWords: func(id string) string { return strings.ReplaceAll(id, "-", " ") }, Machine: time.Now}
}

// deviceRules turn sharing off in lessons on the trolley and in the library; in the
// library cameras are off too.
func deviceRules() mdm.Rules {
	return mdm.Rules{
		Groups:   []mdm.Group{{ID: "library", Name: "Library"}, {ID: "staff-ipads", Name: "Staff iPads"}, {ID: "trolley-1", Name: "Trolley 1"}},
		Profiles: []mdm.Profile{{ID: "quiet", Set: mdm.Set{mdm.Share: mdm.Block}}, {ID: "blind", Set: mdm.Set{mdm.Camera: mdm.Block}}},
		Assignments: []mdm.Assignment{{Profile: "quiet", Group: "trolley-1", Periods: []mdm.Mode{mdm.Lesson}}, {Profile: "quiet", Group: "library", Periods: []mdm.Mode{mdm.Lesson}},
			{Profile: "blind", Group: "library"}},
	}
}

// have lists devices that have joined.
func (a *academy) have(t *testing.T, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if err := a.List(t.Context(), "it", mdm.Device{ID: id, Label: "Pad " + id, Groups: []string{"trolley-1"}, Platform: "ipad"}); err != nil {
			t.Fatal(err)
		}
		a.certificates[id] = "1"
	}
}

func (a *academy) MayHave(person string) error {
	if agreements.IsVisit(person) {
		return a.visitors.MayHave(person)
	}
	if a.unsigned[person] {
		return errs.New(errs.Denied, "They have not signed the agreement on acceptable use.", "They sign it at the office.")
	}
	return nil
}

func (a *academy) Passcode(string) fleet.Confirmation { return a.passcode }

func (a *academy) RetireDevice(ctx context.Context, by, id string) error {
	if err := a.Retire(ctx, id, by); err != nil {
		return err
	}
	delete(a.certificates, id)
	return nil
}

func (a *academy) LoseDevice(ctx context.Context, by, id string, keepLine bool) error {
	if err := a.Lose(ctx, id, by); err != nil || keepLine {
		return err
	}
	delete(a.certificates, id)
	return nil
}

func (a *academy) ReplaceDevice(ctx context.Context, by, id string, with fleet.Handover) error {
	if err := a.Replace(ctx, id, by, with); err != nil {
		return err
	}
	delete(a.certificates, id)
	return nil
}

// door makes codes, and knows who has joined.
type door struct {
	mu           sync.Mutex
	certificates map[string]string
	codes        map[string]joining.Code
}

func (d *door) InviteDevice(_ context.Context, _, id string, _ bool) (joining.Code, time.Time, error) {
	if id == "server" {
		return joining.Code{}, time.Time{}, errs.New(errs.Invalid, "That id belongs to the server itself.", "Choose another id.")
	}
	d.codes[id] = joining.Code{CA: cert.Fingerprint{1}, Token: joining.NewToken(), Kind: cert.Device, ID: id, Server: "127.0.0.1:8443"}
	return d.codes[id], time.Now().Add(30 * time.Minute), nil
}

func (d *door) SetUp(id string) string {
	if strings.HasPrefix(id, "phone-") {
		return "/phones/" + id
	}
	return ""
}

// joins lets a device join.
func (d *door) joins(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.certificates[id] = "1"
}

func (d *door) Certificates() map[string]string {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := map[string]string{}
	for id, serial := range d.certificates {
		out[id] = serial
	}
	return out
}

// people are two pupils and an account's person for every role.
type people struct{ *academy }

func (p people) People() []register.Person {
	list := []register.Person{
		{ID: "p-1", Kind: register.Pupil, Details: register.Details{Given: "Sana", Family: "Iqbal", Form: "7A"}},
		{ID: "p-2", Kind: register.Pupil, Details: register.Details{Given: "Ada", Family: "Byron", Form: "7A"}},
		{ID: "s-formula", Kind: register.Staff, Details: register.Details{Given: "=1+1", Family: "Formula"}},
	}
	for _, role := range []string{"head", "dsl", "it", "office", "teacher"} {
		list = append(list, register.Person{ID: "s-" + role, Kind: register.Staff, Details: register.Details{Given: "The", Family: role}})
	}
	list = append(list, p.more...)
	for i := range list {
		if p.left[list[i].ID] {
			list[i].Left = monday
		}
	}
	return list
}

func (p people) Person(id string) (register.Person, bool) {
	all := p.People()
	i := slices.IndexFunc(all, func(p register.Person) bool { return p.ID == id })
	if i < 0 {
		return register.Person{}, false
	}
	return all[i], true
}

func (p people) Name(id string) (name, form string, ok bool) {
	person, ok := p.Person(id)
	return person.Name(), person.Form, ok
}

func (p people) Search(query string) []register.Person {
	return slices.DeleteFunc(p.People(), func(p register.Person) bool {
		return query == "" || !strings.Contains(strings.ToLower(p.Name()+" "+p.Form), strings.ToLower(query))
	})
}

type kitWho = kit.Who

func quoted(text string) string { return strconv.Quote(text) }
