package exceptions

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/vault/vaulttest"
)

// monday is before the first lesson.
var monday = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// tb is what testing.T and rapid.T share.
type tb interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Context() context.Context
}

// desk is a book with what it writes to, and a clock and rules to turn by hand.
type desk struct {
	*Book
	log    *memlog.Log
	papers vaulttest.Memory
	now    time.Time
	rules  policy.Rules
}

func newDesk(t tb) *desk {
	t.Helper()
	log, err := memlog.New("school", func() time.Time { return monday })
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{log: log, papers: vaulttest.Memory{}, now: monday, rules: policy.Default()}
	d.rules.Curriculum = policy.StaffAndHead
	d.Book = d.anew()
	return d
}

func (d *desk) anew() *Book {
	return New(Config{Log: d.log, Vault: d.papers, People: people{}, Rules: func() policy.Rules { return d.rules },
		Calendar: calendar(), Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: d.now, Trusted: true} }})
}

// again is the book as a restart finds it.
func (d *desk) again(t tb) *Book {
	t.Helper()
	b := d.anew()
	if err := d.log.Read(t.Context(), 0, b.Fold); err != nil {
		t.Fatal(err)
	}
	return b
}

// people are two pupils of 7A, one of 7B, one who has left, and staff.
type people struct{}

func (people) Person(id string) (register.Person, bool) {
	all := append(people{}.People(), register.Person{ID: "p-left", Kind: register.Pupil, Left: monday.AddDate(0, -1, 0)})
	i := slices.IndexFunc(all, func(p register.Person) bool { return p.ID == id })
	if i < 0 {
		return register.Person{}, false
	}
	return all[i], true
}

func (people) People() []register.Person {
	var list []register.Person
	for id, form := range map[string]string{"p-1": "7A", "p-2": "7A", "p-3": "7B"} {
		list = append(list, register.Person{ID: id, Kind: register.Pupil, Details: register.Details{Form: form}})
	}
	for _, id := range []string{"s-head", "s-deputy", "s-teacher", "s-acting"} {
		list = append(list, register.Person{ID: id, Kind: register.Staff})
	}
	slices.SortFunc(list, func(a, b register.Person) int { return bytes.Compare([]byte(a.ID), []byte(b.ID)) })
	return list
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

// who is an account of somebody, unchanged for long.
func who(account, person string, head bool) By {
	return By{Actor: school.Actor{Account: account, Person: person, Changed: monday.AddDate(-1, 0, 0)}, Head: head}
}

var (
	head     = who("head", "s-head", true)
	headTwo  = who("head-home", "s-head", true) // the same person
	acting   = who("acting", "s-acting", true)
	deputy   = who("deputy", "s-deputy", false)
	teacher  = who("teacher", "s-teacher", false)
	because1 = exception.Paper{Why: "diabetes", Evidence: "IHP on file"}
)

func medical() exception.Terms {
	return exception.Terms{Kind: exception.Medical, Person: "p-1", Scope: exception.AllDay, From: monday, Until: monday.AddDate(0, 9, 0), Review: monday.AddDate(0, 3, 0)}
}

// lesson is the lesson of the day that many days after monday.
func lesson(days int) exception.Terms {
	from := monday.AddDate(0, 0, days).Add(time.Hour)
	return exception.Terms{Kind: exception.Curriculum, Form: "7A", Scope: exception.Once, From: from, Until: from.Add(time.Hour), Review: from.Add(time.Hour),
		Allow: []exception.Setting{exception.Camera}, Group: "trolley-1"}
}

var survey = exception.Paper{Why: "field survey", Departure: "no other cameras that day"}

// must is for what a test takes for granted.
func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
