package safeguarding

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/sealed"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/concern"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

var lesson = time.Date(2026, 11, 23, 13, 5, 0, 0, time.UTC)

// academy is a school with real books, three pupils, and a bank behind whose door 12
// the phone of the second is.
type academy struct {
	config  Config
	book    *concern.Book
	bars    *desk.Book
	gate    *kittest.Gate
	handler http.Handler
	now     time.Time
	rules   policy.Rules
	setup   locker.Setup // of its only bank
}

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
	texts, err := sealed.Open(t.Context(), v, sealed.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	a := &academy{setup: locker.Setup{Bank: "a", Evidence: []int{1101}}, now: lesson, rules: policy.Default(), gate: kittest.People()}
	stamp := func() ledger.Stamp { return ledger.Stamp{Wall: a.now, Trusted: true} }
	rules := func() policy.Rules { return a.rules }
	a.bars = desk.New(log, stamp, rules)
	custody := desk.NewCustody(desk.Config{Log: log, Vault: v, People: people{}, Bars: a.bars, Stamp: stamp, Rules: rules,
		Ends:   func(at time.Time) (time.Time, bool) { return at.Add(2 * time.Hour), true },
		Exempt: func(string, time.Time) bool { return false }, Banned: func(time.Time) bool { return true }})
	a.book = concern.New(concern.Config{Log: log, Texts: texts, Custody: custody, Bars: a.bars, People: people{}, Rules: rules, Stamp: stamp,
		Posts: func(person string) []roles.Role { return []roles.Role{roles.Role(strings.TrimPrefix(person, "s-"))} }})
	a.bars.Recuse(concern.Recusal{Book: a.book})
	k := kittest.Kit(a.gate, people{}, func() time.Time { return a.now }, nil)
	a.config = Config{Book: a.book, Custody: custody, Bars: a.bars, Banks: a, People: people{}, Rules: rules,
		Called: func(id string) string { return strings.TrimPrefix(id, "s-") }, Places: func(id string) string { return id }}
	f, err := Pages(k, a.config)
	if err != nil {
		t.Fatal(err)
	}
	a.handler = kittest.Serve(t, k, f)
	return a
}

// Banks is one bank.
func (a *academy) Banks() []banks.Status {
	return []banks.Status{{Bank: banks.Bank{Setup: a.setup}, Board: view.Board{People: []view.Person{{ID: "p-two", State: view.In, Door: 12}}}}}
}

type people struct{}

var names = map[string]string{"p-one": "Peter Amis 9B", "p-two": "Paula Amis 9B", "p-three": "Sana Iqbal 9B", "s-head": "Hilda Head", "s-teacher": "Tom Teacher"}

func (people) Person(id string) (register.Person, bool) {
	name := strings.Fields(names[id])
	if len(name) < 2 {
		return register.Person{ID: id, Kind: register.Staff}, strings.HasPrefix(id, "s-")
	}
	p := register.Person{ID: id, Kind: register.Staff, Details: register.Details{Given: name[0], Family: name[1]}}
	if len(name) > 2 {
		p.Kind, p.Form = register.Pupil, name[2]
	}
	return p, true
}

func (people) Name(id string) (name, form string, ok bool) {
	p, ok := people{}.Person(id)
	return p.Name(), p.Form, ok
}

func (people) Search(query string) (list []register.Person) {
	for _, id := range []string{"p-one", "p-two", "p-three", "s-head", "s-teacher"} {
		if query != "" && strings.Contains(strings.ToLower(names[id]), strings.ToLower(query)) {
			p, _ := people{}.Person(id)
			list = append(list, p)
		}
	}
	return list
}

func (people) Contacts(string) []register.Contact { return nil }

// by is an account of the gate's.
func by(role roles.Role) desk.By {
	return desk.By{Actor: school.Actor{Account: string(role), Person: "s-" + string(role)}, Roles: []roles.Assignment{{Role: role}}}
}
