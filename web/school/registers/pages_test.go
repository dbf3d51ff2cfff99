package registers

import (
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/clauses"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/registers"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

var monday = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// office is the pages over a book, at a school of two pupils and some staff.
type office struct {
	http.Handler
	*registers.Book
	rules policy.Rules
	log   *memlog.Log
}

func open(t *testing.T) *office {
	t.Helper()
	o := &office{rules: policy.Default()}
	var err error
	if o.log, err = memlog.New("school", func() time.Time { return monday }); err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	rules := func() policy.Rules { return o.rules }
	kinds := registers.Builtin()
	for i := range kinds {
		if kinds[i].ID == "filter-checks" {
			kinds[i].Clauses = []string{"X-1"}
		}
	}
	o.Book = registers.New(registers.Config{Log: o.log, Vault: v, People: people{}, Rules: rules, Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: monday} }, Kinds: kinds})
	k := kittest.Kit(kittest.People(), people{}, func() time.Time { return monday }, nil)
	f, err := Pages(k, Config{Book: o.Book, Desk: o.Book, People: people{}, Rules: rules,
		Clauses: []clauses.Clause{{ID: "X-1", Meaning: "Filters are checked."}},
		Filled: map[string]func() Filled{"access": func() Filled {
			return Filled{Heads: []string{"Who", "What", "Since", "By", "Until"}, Rows: [][]string{{"The teacher", "School device ipad-7", "1 September 2026", "it", ""}}}
		}}})
	if err != nil {
		t.Fatal(err)
	}
	o.Handler = kittest.Serve(t, k, f)
	return o
}

type people struct{}

func (people) People() []register.Person {
	list := []register.Person{
		{ID: "p-7", Kind: register.Pupil, Details: register.Details{Given: "Sana", Family: "Iqbal", Form: "7A", Year: "7"}},
		{ID: "p-9", Kind: register.Pupil, Details: register.Details{Given: "Sam", Family: "Iqbal", Form: "9B", Year: "9"}},
	}
	for _, role := range []string{"head", "dsl", "office", "teacher"} {
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
		return !strings.Contains(strings.ToLower(query), strings.ToLower(p.Family))
	})
}

// last is the id of the newest entry of a register.
func (o *office) last(t *testing.T, id, viewer string) string {
	t.Helper()
	k, _ := o.Register(id)
	list := o.Entries(k, viewer)
	if len(list) == 0 {
		t.Fatalf("%s has no entries", id)
	}
	return list[len(list)-1].ID
}

func form(pairs ...string) url.Values {
	v := url.Values{"on": {"2026-11-23"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

var check = form("result", "Works, and suits our pupils", "evidence", "Twelve words tried on three iPads.")

// refused sends a form that is shown again with a fault.
func refused(t *testing.T, v *kittest.Visitor, path string, f url.Values, field string) {
	t.Helper()
	if status, page, _ := v.Post(path, f); status != http.StatusUnprocessableEntity || !strings.Contains(page, `href="#`+field+`"`) {
		t.Errorf("%s: %d, and no fault at %s", path, status, field)
	}
}

// Leadership records a check; it is due no more, and stands in the list and the file.
func TestFilterCheck(t *testing.T) {
	o := open(t)
	v := kittest.Visit(t, o, "head")
	v.Says("/registers", "Filter checks", "No entries yet", "Need something (")
	v.Says("/registers/filter-checks", "Write an entry", "X-1: Filters are checked.", "None yet")
	refused(t, v, "/registers/filter-checks/new", form("result", "Works, and suits our pupils"), "evidence")
	v.Sent("/registers/filter-checks/new", check)
	v.Says("/registers/filter-checks", "Works, and suits our pupils", "1 of 3 this school year", "-Not yet seen")
	v.Says("/registers/filter-checks/csv", "Twelve words tried on three iPads.", "23 November 2026")
	id := o.last(t, "filter-checks", "")
	v.Says("/entries/"+id, "Twelve words", "Correct it", "-I have seen it", "-What came of it")
	refused(t, v, "/entries/"+id+"/correct", check, "why")
	again := form("result", "Blocks too much", "evidence", "Twelve words tried.", "why", "One was not tried.")
	v.Sent("/entries/"+id+"/correct", again)
	v.Says("/entries/"+id, "Blocks too much", "What it said until", "Works, and suits our pupils", "One was not tried.")

	v.SignIn("it")
	v.Sent("/registers/filter-checks/new", check)
	id = o.last(t, "filter-checks", "")
	v.Says("/entries/"+id, "Not yet seen", "-I have seen it")
	v.SignIn("leadership")
	v.Says("/registers", "Not yet seen: 1.")
	v.Sent("/entries/"+id+"/seen", nil)
	v.Says("/entries/"+id, "Seen by leadership on 23 November 2026", "-I have seen it")
}

var breach = form("url", "bad.example", "device", "ipad-7", "what", "A page came up; we closed it.")

// Anybody on the staff reports a breach, sees their own and no other; what the school's
// policy says to do stands above it.
func TestFilterBreach(t *testing.T) {
	o := open(t)
	v := kittest.Visit(t, o, "supply")
	v.Says("/registers", "Filter breaches", "Blocked, and needed", "-Action plan", "-Training")
	with := func(pupil string) url.Values {
		f := url.Values{"pupil": {pupil}}
		for name, v := range breach {
			f[name] = v
		}
		return f
	}
	refused(t, v, "/registers/filter-breaches/new", with("Sam Iqbal (9B)"), "pupil") // of a class that is not theirs
	v.Sent("/registers/filter-breaches/new", with("Sana Iqbal"))
	v.Says("/registers/filter-breaches", "Your own entries (1)", "bad.example", "turn off the screen, tell a member of staff")
	id := o.last(t, "filter-breaches", "")
	v.SignIn("teacher")
	v.Says("/registers/filter-breaches", "Your own entries (0)", "-Sana")
	if status, _, _ := v.Get("/entries/" + id); status != http.StatusNotFound {
		t.Errorf("another teacher reads it: %d", status)
	}
	v.SignIn("office")
	refused(t, v, "/registers/filter-breaches/new", with("Iqbal"), "pupil") // which of the two
	v.SignIn("dsl")
	v.Says("/registers/filter-breaches", "Sana Iqbal (7A)", "-Sam Iqbal")
	v.Says("/entries/"+id, "not yet seen", "I have seen it", "Provider of the filter", "Passed on")
	v.Sent("/entries/"+id+"/seen", nil)
	refused(t, v, "/entries/"+id+"/end", url.Values{"outcome": {"Blocked."}}, "provider")
	v.Sent("/entries/"+id+"/end", url.Values{"outcome": {"Blocked; her mother was called."}, "provider": {"Told"}, "parents": {"Told by a person, as written below"}, "onward": {"Nothing more needed"}})
	v.Says("/entries/"+id, "her mother was called", "Told by a person", "-Write the outcome")
	policytest.Watch(t, o.rules, func(r policy.Rules) string {
		o.rules = r
		_, page, _ := v.Get("/registers/filter-breaches")
		return page
	}, "filter_breach_action")
}

// What is about a reader is on no page of theirs, in no count and in no file, nor on a
// screen that everybody sees.
func TestHiddenFromItsSubject(t *testing.T) {
	o := open(t)
	v := kittest.Visit(t, o, "dsl")
	f := form("url", "secret.example", "device", "Office PC", "what", "Found by monitoring.", "staff", "s-head")
	v.Sent("/registers/filter-breaches/new", f)
	id := o.last(t, "filter-breaches", "s-dsl")
	v.SignIn("head")
	v.Says("/registers", "-Not yet seen: 1", "-Open: 1")
	v.Says("/registers/filter-breaches", "Entries (0)", "No entries yet", "-secret.example", "-Office PC")
	v.Says("/registers/filter-breaches/csv", "-secret.example")
	for _, path := range []string{"/entries/" + id, "/entries/" + id + "/correct"} {
		if status, page, _ := v.Get(path); status != http.StatusNotFound || strings.Contains(page, "secret") {
			t.Errorf("%s: the head gets %d", path, status)
		}
	}
	for _, path := range []string{"/seen", "/end", "/correct"} {
		if status, _, _ := v.Post("/entries/"+id+path, f); status != http.StatusNotFound {
			t.Errorf("%s: the head gets %d", path, status)
		}
	}
	if tasks := (Config{Book: o.Book}).Tasks(); len(tasks) != 1 || strings.Contains(tasks[0].What, "Filter breaches") {
		t.Errorf("the start page says %+v", tasks)
	}
	v.SignIn("dsl")
	v.Says("/registers/filter-breaches", "Entries (1)", "secret.example")
}

// A training of several people is written down once.
func TestTrainingOfSeveral(t *testing.T) {
	o := open(t)
	v := kittest.Visit(t, o, "dsl")
	v.Says("/registers/training", "No entry that counts for 4 of 4 members of staff.", "Who has no entry that counts (4)", "The teacher")
	v.Sent("/registers/training/new", form("staff", "s-head", "staff", "s-teacher", "staff", "s-office", "topic", "Online safety, yearly"))
	v.Says("/registers/training", "for 1 of 4 members of staff", "Who has no entry that counts (1)", "The dsl")
	refused(t, v, "/registers/training/new", form("topic", "Nobody came"), "staff")
}

// IT prints the register of access: what Bellkeep knows, and what was typed.
func TestAccessRegister(t *testing.T) {
	o := open(t)
	v := kittest.Visit(t, o, "it")
	v.Sent("/registers/access/new", form("system", "Parents’ evening booking", "other", "PTA", "by", "The head", "due", "2027-07-31"))
	v.Says("/registers/access", "Parents’ evening booking", "Open, until 31 July 2027", "What Bellkeep knows itself (1)", "School device ipad-7", `id="print"`)
	v.Says("/registers/access/csv", "Parents’ evening booking", "School device ipad-7")
	v.SignIn("office")
	v.Says("/registers/access", "-School device ipad-7", "-PTA", "Your own entries (0)")
	for _, path := range []string{"/registers/nothing", "/registers/nothing/new", "/registers/debriefs"} {
		if status, _, _ := v.Get(path); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
	v.SignIn("governor")
	for _, path := range []string{"/registers", "/registers/access", "/registers/access/csv"} {
		if status, _, _ := v.Get(path); status != http.StatusForbidden {
			t.Errorf("%s: a governor gets %d", path, status)
		}
	}
}

// The start page names titles and counts, and no person.
func TestTasks(t *testing.T) {
	o := open(t)
	tasks := (Config{Book: o.Book}).Tasks()
	if len(tasks) != 1 || !regexp.MustCompile(`^Registers that need something: (.+, ){2}.+ and \d more\.$`).MatchString(tasks[0].What) {
		t.Errorf("%+v", tasks)
	}
}
