package registers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/vault/vaulttest"
)

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// cabinet is a book with its ledger, at a school of five people.
type cabinet struct {
	*Book
	t      *testing.T
	log    *memlog.Log
	papers vaulttest.Memory
	now    time.Time
	rules  policy.Rules
}

func newCabinet(t *testing.T) *cabinet {
	t.Helper()
	c := &cabinet{t: t, papers: vaulttest.Memory{}, now: monday, rules: policy.Default()}
	var err error
	if c.log, err = memlog.New("school", func() time.Time { return c.now }); err != nil {
		t.Fatal(err)
	}
	c.Book = c.anew()
	return c
}

func (c *cabinet) anew() *Book {
	return New(Config{Log: c.log, Vault: c.papers, People: people{}, Rules: func() policy.Rules { return c.rules },
		Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: c.now} }, Kinds: Builtin()})
}

func (c *cabinet) code(what string, err error, want errs.Code) {
	c.t.Helper()
	if errs.CodeOf(err) != want {
		c.t.Errorf("%s: %v, want %q", what, err, want)
	}
}

// add makes an entry as the headteacher.
func (c *cabinet) add(id string, s Said) string {
	c.t.Helper()
	ids, err := c.Add(c.t.Context(), as("head", roles.Head), id, s)
	if err != nil {
		c.t.Fatalf("%s: %v", id, err)
	}
	return ids[0]
}

func (c *cabinet) standing(id string) Standing {
	c.t.Helper()
	k, ok := c.Register(id)
	if !ok {
		c.t.Fatalf("there is no register %s", id)
	}
	return c.Standing(k, "")
}

func as(account string, r ...roles.Role) By {
	by := By{Actor: school.Actor{Account: account, Person: "s-" + account}}
	for _, role := range r {
		by.Roles = append(by.Roles, roles.Assignment{Role: role})
	}
	return by
}

func date(text string) school.Date {
	d, err := school.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

func said(on string, pairs ...string) Said {
	s := Said{On: date(on), Values: map[string]string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		s.Values[pairs[i]] = pairs[i+1]
	}
	return s
}

func (s Said) due(day string) Said {
	s.Due = date(day)
	return s
}

type people struct{}

func (people) People() []register.Person {
	list := []register.Person{{ID: "s-head", Kind: register.Staff}, {ID: "s-dsl", Kind: register.Staff}, {ID: "s-teacher", Kind: register.Staff}}
	for i, form := range []string{"7A", "9B"} {
		p := register.Person{ID: fmt.Sprintf("p-%d", i+1), Kind: register.Pupil}
		p.Form = form
		list = append(list, p)
	}
	return list
}

func (people) Person(id string) (register.Person, bool) {
	for _, p := range (people{}).People() {
		if p.ID == id {
			return p, true
		}
	}
	return register.Person{}, false
}

var breach = []string{"url", "bad.example", "device", "ipad-7", "pupil", "p-1", "what", "A picture came up; the screen was turned off."}

// What an entry said stays with it, whatever is said of it later, and a restart knows
// all of it. On the ledger is no text.
func TestNothingIsLost(t *testing.T) {
	c, ctx := newCabinet(t), t.Context()
	id := c.add("filter-breaches", said("2026-11-20", breach...))
	c.now = monday.Add(time.Hour)
	again := said("2026-11-19", append([]string{"staff", "s-teacher"}, breach...)...)
	c.code("correcting", c.Correct(ctx, as("dsl", roles.DSL), id, again, "It was the day before."), "")
	c.code("without a reason", c.Correct(ctx, as("dsl", roles.DSL), id, again, " "), errs.Invalid)
	end := map[string]string{"provider": "Told", "parents": "No pupil was involved", "onward": "Nothing more needed"}
	c.code("seeing", c.See(ctx, as("dsl", roles.DSL), id), "")
	c.code("seeing again", c.See(ctx, as("dsl", roles.DSL), id), errs.Conflict)
	c.code("ending without what is asked", c.End(ctx, as("dsl", roles.DSL), id, "Blocked now.", nil), errs.Invalid)
	c.code("ending", c.End(ctx, as("dsl", roles.DSL), id, "Blocked now.", end), "")
	c.code("ending again", c.End(ctx, as("dsl", roles.DSL), id, "Blocked now.", end), errs.Conflict)

	e, _, ok := c.Entry(id, "s-dsl")
	if !ok || e.On != date("2026-11-19") || e.Values["staff"] != "s-teacher" || len(e.Before) != 1 || e.Before[0].On != date("2026-11-20") ||
		e.Before[0].Why != "It was the day before." || e.Before[0].Values["pupil"] != "p-1" || e.Ended.Outcome != "Blocked now." || e.Ended.Values["provider"] != "Told" {
		t.Errorf("the entry is %+v", e)
	}
	again2 := c.anew()
	if err := c.log.Read(ctx, 0, again2.Fold); err != nil || !reflect.DeepEqual(again2.byID, c.byID) || !reflect.DeepEqual(again2.order, c.order) {
		t.Errorf("a restart finds %+v, %v", again2.byID, err)
	}
	if err := c.log.Read(ctx, 0, func(r ledger.Record) error {
		for _, word := range []string{"bad.example", "picture", "day before", "Blocked"} {
			if bytes.Contains(r.Body, []byte(word)) {
				t.Errorf("%q is on the ledger: %s", word, r.Body)
			}
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// Who may do what with an entry is said by its register.
func TestWhoMay(t *testing.T) {
	c, ctx := newCabinet(t), t.Context()
	supply, teacher, it, governor := as("cover", roles.Supply), as("teacher", roles.Teacher), as("it", roles.IT), as("gov", roles.Governor)
	gone := as("old", roles.Head)
	gone.Roles[0].Until = monday.Add(-time.Hour)
	for _, w := range []struct {
		what string
		by   By
		id   string
		said Said
		want errs.Code
	}{
		{"a supply teacher's breach", supply, "filter-breaches", said("2026-11-23", breach...), ""},
		{"a supply teacher's check", supply, "filter-checks", said("2026-11-23", "result", "Does not work", "evidence", "x"), errs.Denied},
		{"a governor's breach", governor, "filter-breaches", said("2026-11-23", breach...), errs.Denied},
		{"who was head", gone, "debriefs", said("2026-11-23", "kind", "x", "learnt", "y", "change", "z"), errs.Denied},
		{"by hand, what others fill", it, "agreements", said("2026-11-23"), errs.Denied},
		{"no register", it, "nothing", said("2026-11-23"), errs.NotFound},
		{"nobody", By{Roles: it.Roles}, "filter-checks", said("2026-11-23", "result", "Does not work", "evidence", "x"), errs.Invalid},
	} {
		_, err := c.Add(ctx, w.by, w.id, w.said)
		c.code(w.what, err, w.want)
	}
	ids, err := c.Add(ctx, teacher, "loans", said("2026-11-23", "what", "Camera", "staff", "s-teacher", "why", "The trip").due("2026-11-27"))
	c.code("a teacher's loan", err, "")
	c.code("a teacher agrees to it", c.See(ctx, teacher, ids[0]), errs.Denied)
	c.code("IT agrees to it", c.See(ctx, it, ids[0]), errs.Denied)
	if s := c.standing("loans"); s.Unseen != 1 {
		t.Errorf("%+v waits for nobody", s)
	}
	c.code("the safeguarding lead agrees", c.See(ctx, as("dsl", roles.DSL), ids[0]), "")
	c.code("another teacher ends it", c.End(ctx, as("tom", roles.Teacher), ids[0], "Back", nil), errs.Denied)
	c.code("the teacher ends it", c.End(ctx, teacher, ids[0], "Back", nil), "")
	own := c.add("filter-checks", said("2026-11-23", "result", "Does not work", "evidence", "x"))
	if e, k, _ := c.Entry(own, ""); e.Unseen(k) {
		t.Error("who must see it wrote it, and has not seen it")
	}
	c.code("what has no outcome", c.End(ctx, as("head", roles.Head), own, "So", nil), errs.Conflict)
}

// An entry about a reader is nowhere to be found for them, nor is what it was before
// a correction took their name out.
func TestHiddenFromItsSubject(t *testing.T) {
	c, ctx := newCabinet(t), t.Context()
	head := as("head", roles.Head)
	about := append([]string{"staff", "s-head"}, breach...)
	ids, err := c.Add(ctx, as("dsl", roles.DSL), "filter-breaches", said("2026-11-20", about...), said("2026-11-21", breach...))
	c.code("two", err, "")
	look := func(when string) {
		t.Helper()
		k, _ := c.Register("filter-breaches")
		_, _, found := c.Entry(ids[0], "s-head")
		if list := c.Entries(k, "s-head"); found || len(list) != 1 || list[0].ID != ids[1] {
			t.Errorf("%s: the head finds %v", when, list)
		}
		if s := c.Standing(k, "s-head"); s.Entries != 1 || s.Open != 1 || s.Last != date("2026-11-21") {
			t.Errorf("%s: the head counts %+v", when, s)
		}
		if s := c.Standing(k, "s-dsl"); s.Entries != 2 {
			t.Errorf("%s: the safeguarding lead counts %+v", when, s)
		}
		if s := c.Standing(k, ""); s.Entries != 1 {
			t.Errorf("%s: a screen counts %+v", when, s)
		}
		c.code(when+": the head ends it", c.End(ctx, head, ids[0], "Nothing", nil), errs.NotFound)
		c.code(when+": the head corrects it", c.Correct(ctx, head, ids[0], said("2026-11-20", breach...), "No"), errs.NotFound)
		c.code(when+": the head sees it", c.See(ctx, head, ids[0]), errs.NotFound)
	}
	look("at first")
	c.code("corrected", c.Correct(ctx, as("dsl", roles.DSL), ids[0], said("2026-11-20", breach...), "It was nobody of the staff."), "")
	look("corrected")
	for id := range c.papers {
		delete(c.papers, id)
	}
	c.Book = c.anew()
	c.code("a restart after all was erased", c.log.Read(ctx, 0, c.Fold), "")
	look("erased")
}

func TestWhatIsRefused(t *testing.T) {
	c, ctx := newCabinet(t), t.Context()
	check := func(pairs ...string) Said { return said("2026-11-23", pairs...) }
	for _, w := range []struct {
		id    string
		said  Said
		field string
	}{
		{"filter-checks", check("result", "Works, and suits our pupils"), "evidence"},
		{"filter-checks", check("result", "Perfect", "evidence", "x"), "result"},
		{"filter-checks", check("result", "Does not work", "evidence", strings.Repeat("x", MaxText+1)), "evidence"},
		{"filter-checks", check("result", "Does not work", "evidence", "\xff"), "evidence"},
		{"filter-checks", Said{Values: map[string]string{}}, "on"},
		{"filter-checks", said("2027-02-01", "result", "Does not work", "evidence", "x"), "on"},
		{"training", check("staff", "p-1", "topic", "x"), "staff"},
		{"training", check("staff", "s-nobody", "topic", "x"), "staff"},
		{"training", check("staff", "s-head", "topic", "two\nlines"), "topic"},
		{"taught-first", check("form", "13Z", "what", "E-mail"), "form"},
		{"filter-breaches", check("url", "x", "device", "x", "what", "x", "pupil", "s-head"), "pupil"},
		{"action-plan", check("what", "x", "from", "x", "staff", "s-head"), "due"},
		{"action-plan", check("what", "x", "from", "x", "staff", "s-head").due("2026-11-01"), "due"},
	} {
		_, err := c.Add(ctx, as("head", roles.Head), w.id, w.said)
		if all := errs.All(err); len(all) != 1 || all[0].Field != w.field {
			t.Errorf("%s: %v, want a fault at %s", w.id, err, w.field)
		}
	}
	if _, err := c.Add(ctx, as("head", roles.Head), "training", check("staff", "s-head", "topic", "x"), check("staff", "nobody", "topic", "x")); err == nil || c.standing("training").Entries != 0 {
		t.Errorf("half of a training is written: %v", err)
	}
	kept := c.add("filter-checks", check("result", "Does not work", "evidence", "x", "colour", "red"))
	if e, _, _ := c.Entry(kept, ""); e.Values["colour"] != "" || e.Due != (school.Date{}) {
		t.Errorf("what nobody asked for is kept: %+v", e)
	}
}

func TestFoldRefusesWhatCannotBe(t *testing.T) {
	c := newCabinet(t)
	for kind, e := range map[string]body{
		KindAdded: {By: "head"}, KindEnded: {Entry: "e-1"}, KindSeen: {Entry: "e-1"}, KindCorrected: {Entry: "e-1"},
	} {
		raw, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		c.code(kind, c.Fold(ledger.Record{Entry: ledger.Entry{Kind: kind, Body: raw}}), errs.Invalid)
	}
	c.code("torn", c.Fold(ledger.Record{Entry: ledger.Entry{Kind: KindAdded, Body: []byte(`{"entry":"e-1","on":"soon"}`)}}), errs.Invalid)
}
