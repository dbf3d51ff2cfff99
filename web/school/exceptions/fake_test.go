package exceptions

import (
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/exceptions"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

// monday is before the first lesson.
var monday = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// academy is a school with a few people, two banks and the real book.
type academy struct {
	book  *exceptions.Book
	gate  *kittest.Gate
	now   time.Time
	rules policy.Rules
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
	a := &academy{gate: kittest.People(), now: monday, rules: policy.Default()}
	a.rules.Curriculum = policy.StaffAndHead
	a.book = exceptions.New(exceptions.Config{Log: log, Vault: v, People: people{}, Rules: a.policy, Calendar: calendar(),
		Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: a.now, Trusted: true} }})
	return a
}

func (a *academy) policy() policy.Rules { return a.rules }

func (a *academy) handler(t *testing.T) http.Handler {
	t.Helper()
	k := kittest.Kit(a.gate, people{}, func() time.Time { return a.now }, nil)
	f, err := Pages(k, Config{Book: a.book, People: people{}, Force: force2{}, Rules: a.policy, Calendar: calendar(), Devices: trolley{}})
	if err != nil {
		t.Fatal(err)
	}
	return kittest.Serve(t, k, f)
}

// force2 is bank A, which knows everything, and bank B, which is offline.
type force2 struct{}

func (force2) InForce(uint64) []banks.Force {
	return []banks.Force{
		{Bank: banks.Bank{Setup: locker.Setup{Bank: "a"}}, Since: monday.Add(2 * time.Second), Online: true},
		{Bank: banks.Bank{Setup: locker.Setup{Bank: "b"}}},
	}
}

type trolley struct{}

func (trolley) Groups() []string { return []string{"trolley-1"} }

func (trolley) Bound(e exception.Exception) []Device {
	if e.Group == "" {
		return nil
	}
	return []Device{{"pad-1", "Pad 1", true, "as it must be now"}, {"pad-2", "Pad 2", false, "offline; it has what it was told last"}}
}

// people are pupils of 7A and 7B, and an account's person for every role.
type people struct{}

func (people) People() []register.Person {
	var list []register.Person
	for _, row := range []string{"p-1 Sana Iqbal 7A", "p-2 Ada Byron 7A", "p-3 Jia Khan 7B"} {
		f := strings.Fields(row)
		list = append(list, register.Person{ID: f[0], Kind: register.Pupil, Details: register.Details{Given: f[1], Family: f[2], Form: f[3]}})
	}
	for _, role := range []string{"head", "head-two", "office", "teacher", "leadership"} {
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

func (people) Search(query string) []register.Person {
	return slices.DeleteFunc(people{}.People(), func(p register.Person) bool {
		return query == "" || !strings.Contains(strings.ToLower(p.Name()+" "+p.Form), strings.ToLower(query))
	})
}

// calendar has school from Monday to Friday, with a lesson from nine to ten.
func calendar() school.Calendar {
	return school.Calendar{
		Zone:  time.UTC,
		Terms: []school.Term{{Span: school.Span{From: school.Date{Year: 2026, Month: 9, Day: 1}, Until: school.Date{Year: 2027, Month: 7, Day: 1}}}},
		Usual: school.MondayToFriday("normal"),
		Templates: map[string]school.Template{"normal": {Name: "normal", Bells: []school.Bell{
			{Name: "Lesson 1", Kind: school.Lesson, From: school.Clock{Hour: 9}, Until: school.Clock{Hour: 10}},
		}}},
	}
}
