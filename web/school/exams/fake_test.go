package exams

import (
	"context"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/exam"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

// morning is an hour and a quarter before the paper.
var morning = time.Date(2027, 5, 10, 7, 45, 0, 0, time.UTC)

// academy is a school with a few people, two banks and the real book.
type academy struct {
	book *exam.Book
	gate *kittest.Gate
	now  time.Time
	kept map[string][]exam.Kept
}

func newAcademy(t *testing.T) *academy {
	t.Helper()
	log, err := memlog.New("school", func() time.Time { return morning })
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	a := &academy{gate: kittest.People(), now: morning, kept: map[string][]exam.Kept{}}
	a.book = exam.New(exam.Config{Log: log, Vault: v, People: people{}, Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: a.now, Trusted: true} }, Zone: time.UTC,
		Kept: func() map[string][]exam.Kept { return a.kept }, Needs: needs,
		Remove: func(_ context.Context, by desk.By, in desk.Confiscation) (desk.Case, error) {
			a.kept[in.Whose] = append(a.kept[in.Whose], exam.Kept{What: in.What, Place: desk.InHandsOf(by.Person)})
			return desk.Case{ID: "c-7"}, nil
		}})
	return a
}

// needs is that Jia has a glucose monitor.
func needs(person string) bool { return person == "p-3" }

func (a *academy) config() Config {
	return Config{Sittings: a.book, Setting: a.book, Room: a.book, People: people{}, Force: force2{}, Needs: needs,
		Spot: func(id string) string { return "the " + id }, School: "Elmfield Academy"}
}

func (a *academy) handler(t *testing.T) http.Handler {
	t.Helper()
	k := kittest.Kit(a.gate, people{}, func() time.Time { return a.now }, nil)
	f, err := Pages(k, a.config())
	if err != nil {
		t.Fatal(err)
	}
	return kittest.Serve(t, k, f)
}

func (a *academy) at(hour, minute int) {
	a.now = time.Date(2027, 5, 10, hour, minute, 0, 0, time.UTC)
}

// hands lets pupils hand their phones in at bank A.
func (a *academy) hands(persons ...string) {
	for i, p := range persons {
		a.kept[p] = append(a.kept[p], exam.Kept{What: desk.Phone, Place: desk.Place{Kind: desk.Behind, Bank: "a", Door: 40 + i}})
	}
}

// force2 is bank A, which knows everything, and bank B, which is offline.
type force2 struct{}

func (force2) InForce(uint64) []banks.Force {
	return []banks.Force{
		{Bank: banks.Bank{Setup: locker.Setup{Bank: "a"}}, Since: morning.Add(time.Hour), Online: true},
		{Bank: banks.Bank{Setup: locker.Setup{Bank: "b"}}},
	}
}

// people are pupils of 11A and 11B, and an account's person for every role.
type people struct{}

func (people) People() []register.Person {
	var list []register.Person
	for _, row := range []string{"p-1 Sana Iqbal 11A", "p-2 Ada Byron 11A", "p-3 Jia Khan 11B", "p-4 Victor Osei 11B"} {
		f := strings.Fields(row)
		list = append(list, register.Person{ID: f[0], Kind: register.Pupil, Details: register.Details{Given: f[1], Family: f[2], Form: f[3]}})
	}
	for _, role := range []string{"head", "office", "teacher", "exams", "leadership"} {
		list = append(list, register.Person{ID: "s-" + role, Kind: register.Staff, Details: register.Details{Given: "The", Family: role}})
	}
	return list
}

func (people) Person(id string) (register.Person, bool) {
	all := people{}.People()
	i := slices.IndexFunc(all, func(p register.Person) bool { return p.ID == id })
	if i < 0 {
		return register.Person{}, false
	}
	return all[i], true
}

func (people) Name(id string) (name, form string, ok bool) {
	p, ok := people{}.Person(id)
	return p.Name(), p.Form, ok
}
