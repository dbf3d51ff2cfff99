package change

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/mdm"
)

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// as is somebody with an account for each of roles; person names whose it is.
func as(account, person string, held ...roles.Role) By {
	by := By{Actor: school.Actor{Account: account, Person: person}}
	for _, r := range held {
		by.Roles = append(by.Roles, roles.Assignment{Role: r})
	}
	return by
}

var (
	it      = as("it", "s-it", roles.IT)
	itTwo   = as("it-two", "s-it", roles.IT) // another account of the same person
	teacher = as("teacher", "s-teacher", roles.Teacher)
	dsl     = as("dsl", "s-dsl", roles.DSL)
	head    = as("head", "s-head", roles.Head)
	deputy  = as("deputy", "s-deputy", roles.Leadership)
	both    = as("both", "s-both", roles.IT, roles.Teacher)
	bothTwo = as("both-two", "s-both", roles.Teacher)
	office  = as("office", "s-office", roles.Office)
	fresh   = By{school.Actor{Account: "fresh", Person: "s-fresh", Changed: monday}, []roles.Assignment{{Role: roles.IT}}}
)

// desk is a book on its ledger and vault, at a time of its own.
type desk struct {
	*Book
	log     *memlog.Log
	vault   *vault.Vault // nil in memory
	papers  Vault
	now     time.Time
	doubt   bool // the clock is not trusted
	consent bool
	devices []mdm.Device
}

type fataler interface {
	Helper()
	Fatal(...any)
}

func must(t fataler, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (d *desk) config() Config {
	return Config{Log: d.log, Vault: d.papers, Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: d.now, Trusted: !d.doubt} },
		Devices: func() []mdm.Device { return d.devices }, Kinds: func() []mdm.Mode { return []mdm.Mode{"lunch"} }, Consent: func() bool { return d.consent }}
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	must(t, err)
	t.Cleanup(func() { must(t, v.Close()) })
	d := deskOn(t, v)
	d.vault = v
	return d
}

func deskOn(t fataler, papers Vault) *desk {
	t.Helper()
	d := &desk{now: monday, papers: papers}
	var err error
	d.log, err = memlog.New("school", func() time.Time { return d.now })
	must(t, err)
	d.Book = New(d.config())
	must(t, d.Begin(context.Background(), "first-start", start()))
	return d
}

// again is a book made of what the ledger says.
func (d *desk) again(t fataler) *Book {
	t.Helper()
	b := New(d.config())
	must(t, d.log.Read(context.Background(), 0, b.Fold))
	return b
}

// start is a school with a camera, sharing and a list to change.
func start() mdm.Rules {
	return mdm.Rules{
		Groups: []mdm.Group{{ID: "year-7", Name: "Year 7 iPads", Rank: 1}, {ID: "staff", Name: "Staff iPads", Rank: 2}},
		Lists:  []mdm.List{{ID: "social", Name: "Social media", Items: []string{"x.com", "tiktok.com"}}},
		Profiles: []mdm.Profile{
			{ID: "base", Set: mdm.Set{mdm.Web: mdm.Lists{Block: []string{"social"}}.Value()}},
			{ID: "quiet", Name: "Quiet", Set: mdm.Set{mdm.Camera: mdm.Block, mdm.Share: mdm.Block}},
		},
		Assignments: []mdm.Assignment{{Profile: "base"}, {Profile: "quiet", Group: "year-7", Periods: []mdm.Mode{mdm.Lesson}}},
		Quarantine:  mdm.Set{mdm.Share: mdm.Block},
	}
}

// with is the rules of the last version, changed.
func (d *desk) with(change func(*mdm.Rules)) Ask {
	last, _ := d.Last()
	data, _ := json.Marshal(last.Rules)
	var r mdm.Rules
	_ = json.Unmarshal(data, &r)
	change(&r)
	return Ask{Base: last.N, Rules: r, Why: "As we said.", Risk: "Pupils may see more; the teacher looks on."}
}

func camera(v mdm.Value) func(*mdm.Rules) {
	return func(r *mdm.Rules) { r.Profiles[1].Set[mdm.Camera] = v }
}

func share(v mdm.Value) func(*mdm.Rules) {
	return func(r *mdm.Rules) { r.Profiles[1].Set[mdm.Share] = v }
}

func items(list ...string) func(*mdm.Rules) {
	return func(r *mdm.Rules) { r.Lists[0].Items = list }
}

func code(t *testing.T, what string, err error, want errs.Code) {
	t.Helper()
	if got := errs.CodeOf(err); got != want {
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}

// What filters nothing IT changes alone, at once, and on record.
func TestUnfilteredIsITsAlone(t *testing.T) {
	d := newDesk(t)
	ask := d.with(camera(mdm.User))
	ask.Risk = ""
	r, err := d.Ask(t.Context(), it, ask)
	must(t, err)
	if r.State != Published || r.Filters || r.Version != 2 {
		t.Fatalf("%+v", r)
	}
	for _, b := range []*Book{d.Book, d.again(t)} {
		if rules, n := b.At(monday); n != 2 || rules.Profiles[1].Set[mdm.Camera] != mdm.User {
			t.Errorf("version %d is in force: %v", n, rules.Profiles)
		}
	}
	r, err = d.Ask(t.Context(), teacher, d.with(camera(mdm.Block)))
	must(t, err)
	if !slices.Equal(r.Missing(), []Side{Technical}) {
		t.Errorf("a teacher’s change misses %v", r.Missing())
	}
}

// What filters takes two people, one of each side, whoever asked.
func TestFilteringTakesTwoPeople(t *testing.T) {
	for _, c := range []struct {
		name  string
		asks  By
		steps []struct {
			by   By
			as   Side
			want errs.Code
		}
	}{
		{"IT asks, a teacher agrees", it, []struct {
			by   By
			as   Side
			want errs.Code
		}{{it, Educational, errs.Denied}, {office, Educational, errs.Denied}, {itTwo, Technical, errs.Conflict}, {teacher, Technical, errs.Denied}, {teacher, Educational, ""}}},
		{"a teacher asks, IT agrees", teacher, []struct {
			by   By
			as   Side
			want errs.Code
		}{{dsl, Educational, errs.Conflict}, {fresh, Technical, errs.Denied}, {it, Technical, ""}}},
		{"one who is both is one", both, []struct {
			by   By
			as   Side
			want errs.Code
		}{{both, Educational, errs.Denied}, {bothTwo, Educational, errs.Denied}, {dsl, Educational, ""}}},
		{"whose account is new has not agreed by asking", fresh, []struct {
			by   By
			as   Side
			want errs.Code
		}{{fresh, Technical, errs.Denied}, {dsl, Educational, ""}, {it, Technical, ""}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			r, err := d.Ask(t.Context(), c.asks, d.with(share(mdm.User)))
			must(t, err)
			for i, s := range c.steps {
				if got, _ := d.Request(r.ID); got.State != Waiting || !got.Filters {
					t.Fatalf("before step %d: %+v", i, got)
				}
				_, err := d.Review(t.Context(), s.by, r.ID, s.as, true, "")
				code(t, fmt.Sprint("step ", i), err, s.want)
			}
			got, _ := d.again(t).Request(r.ID)
			if rules, _ := d.At(monday); got.State != Published || rules.Profiles[1].Set[mdm.Share] != mdm.User {
				t.Errorf("%+v", got)
			}
		})
	}
}

// Whatever way a change takes, it filters if any device’s filtering would change.
func TestWhatFilters(t *testing.T) {
	d := newDesk(t)
	d.devices = []mdm.Device{{ID: "a", Groups: []string{"staff", "year-7"}}}
	for name, c := range map[string]struct {
		change func(*mdm.Rules)
		want   bool
	}{
		"a camera":           {camera(mdm.User), false},
		"sharing":            {share(mdm.User), true},
		"a list in use":      {items("x.com"), true},
		"a list nobody uses": {func(r *mdm.Rules) { r.Lists = append(r.Lists, mdm.List{ID: "new", Items: []string{"a.com"}}) }, false},
		"a profile nobody has": {func(r *mdm.Rules) {
			r.Profiles = append(r.Profiles, mdm.Profile{ID: "new", Set: mdm.Set{mdm.Share: mdm.Allow}})
		}, false},
		"an assignment":               {func(r *mdm.Rules) { r.Assignments[1].Periods = append(r.Assignments[1].Periods, "lunch") }, true},
		"to a group without devices":  {func(r *mdm.Rules) { r.Assignments[1].Group = "staff" }, true},
		"an assignment taken back":    {func(r *mdm.Rules) { r.Assignments = r.Assignments[1:] }, true},
		"quarantine":                  {func(r *mdm.Rules) { r.Quarantine = mdm.Set{} }, true},
		"quarantine’s camera":         {func(r *mdm.Rules) { r.Quarantine[mdm.Camera] = mdm.Block }, false},
		"a name":                      {func(r *mdm.Rules) { r.Groups[0].Name = "Year 7" }, false},
		"a rank":                      {func(r *mdm.Rules) { r.Groups[0].Rank = 9 }, false},
		"a kind of period of its own": {func(r *mdm.Rules) { r.Assignments[1].Periods = []mdm.Mode{mdm.Lesson, "trip"} }, true},
		"at all times in lessons only": {func(r *mdm.Rules) {
			r.Assignments[0].Periods = []mdm.Mode{mdm.Lesson, mdm.Break, mdm.Home, "lunch"}
		}, true}, // not in a period nobody has named yet
	} {
		a := d.with(c.change)
		last, _ := d.Last()
		if got := d.Filters(last.Rules, a.Rules); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	// Where a device is in two groups that disagree, their rank decides what it filters.
	two := func(staff, seven int) mdm.Rules {
		r := start()
		r.Groups[0].Rank, r.Groups[1].Rank = seven, staff
		r.Profiles = append(r.Profiles, mdm.Profile{ID: "open", Set: mdm.Set{mdm.Share: mdm.User}})
		r.Assignments = append(r.Assignments, mdm.Assignment{Profile: "open", Group: "staff", Periods: []mdm.Mode{mdm.Lesson}})
		return r
	}
	if !d.Filters(two(2, 1), two(1, 2)) {
		t.Error("ranks that decide between groups of one device do not filter")
	}
}

func TestRefusals(t *testing.T) {
	d := newDesk(t)
	for name, c := range map[string]struct {
		by     By
		change func(*Ask)
		fields []string
		code   errs.Code
	}{
		"no risk":        {it, func(a *Ask) { a.Risk = " short " }, []string{"risk"}, errs.Invalid},
		"no reason":      {it, func(a *Ask) { a.Why = " " }, []string{"why"}, errs.Invalid},
		"long":           {it, func(a *Ask) { a.Why = strings.Repeat("x", mostWords+1) }, []string{"why"}, errs.Invalid},
		"the past":       {it, func(a *Ask) { a.From = monday.Add(-time.Second) }, []string{"from"}, errs.Invalid},
		"far away":       {it, func(a *Ask) { a.From = monday.Add(ahead + time.Hour) }, []string{"from"}, errs.Invalid},
		"nothing":        {it, func(a *Ask) { a.Rules = start() }, []string{"rules"}, errs.Invalid},
		"a wrong value":  {it, func(a *Ask) { a.Rules.Profiles[1].Set[mdm.Share] = `"maybe"` }, []string{"rules"}, errs.Invalid},
		"all at once":    {it, func(a *Ask) { a.Why, a.Risk, a.From = "", "", monday.Add(-1) }, []string{"why", "risk", "from"}, errs.Invalid},
		"another's work": {office, func(*Ask) {}, []string{""}, errs.Denied},
		"nobody":         {as("it", "", roles.IT), func(*Ask) {}, []string{""}, errs.Denied},
		"an old version": {it, func(a *Ask) { a.Base = 0 }, []string{""}, errs.Conflict},
	} {
		a := d.with(share(mdm.User))
		c.change(&a)
		_, err := d.Ask(t.Context(), c.by, a)
		var fields []string
		for _, e := range errs.All(err) {
			fields = append(fields, e.Field)
		}
		if !slices.Equal(fields, c.fields) || errs.CodeOf(err) != c.code {
			t.Errorf("%s: %v at %q", name, err, fields)
		}
	}
	if n := len(d.Requests()); n > 0 {
		t.Errorf("%d requests are on record", n)
	}
	for range mostWaiting {
		_, err := d.Ask(t.Context(), teacher, d.with(camera(mdm.User)))
		must(t, err)
	}
	_, err := d.Ask(t.Context(), teacher, d.with(camera(mdm.User)))
	code(t, "one too many", err, errs.Conflict)
}

// One no ends a request, with words.
func TestRefused(t *testing.T) {
	d := newDesk(t)
	r, err := d.Ask(t.Context(), it, d.with(share(mdm.User)))
	must(t, err)
	_, err = d.Review(t.Context(), dsl, r.ID, Educational, false, "")
	code(t, "no without words", err, errs.Invalid)
	_, err = d.Review(t.Context(), dsl, r.ID, Educational, false, "Not while the trial runs.")
	must(t, err)
	_, err = d.Review(t.Context(), teacher, r.ID, Educational, true, "")
	code(t, "yes after no", err, errs.NotFound)
	got, _ := d.again(t).Request(r.ID)
	if got.State != Refused || got.Said[1].Words != "Not while the trial runs." || got.Said[1].By != "dsl" {
		t.Errorf("%+v", got)
	}
}

// Where the school’s policy asks for it a leader consents, who did not ask.
func TestConsent(t *testing.T) {
	d := newDesk(t)
	d.consent = true
	r, err := d.Ask(t.Context(), head, d.with(share(mdm.User)))
	must(t, err)
	_, err = d.Review(t.Context(), it, r.ID, Technical, true, "")
	must(t, err)
	_, err = d.Review(t.Context(), teacher, r.ID, Leadership, true, "")
	code(t, "a teacher", err, errs.Denied)
	_, err = d.Review(t.Context(), head, r.ID, Leadership, true, "")
	code(t, "who asked", err, errs.Denied)
	if rules, _ := d.At(monday); rules.Profiles[1].Set[mdm.Share] != mdm.Block {
		t.Error("in force without consent")
	}
	got, err := d.Review(t.Context(), deputy, r.ID, Leadership, true, "Agreed.")
	must(t, err)
	if got.State != Published {
		t.Errorf("%+v", got)
	}
	kinds := 0
	must(t, d.log.Read(t.Context(), 0, func(r ledger.Record) error {
		if r.Kind == KindConsented {
			kinds++
		}
		return nil
	}))
	if kinds != 1 {
		t.Errorf("%d records of consent", kinds)
	}
	calm, err := d.Ask(t.Context(), it, d.with(camera(mdm.User)))
	must(t, err)
	if calm.Consent || calm.State != Published {
		t.Errorf("what filters nothing needs consent: %+v", calm)
	}
}

// A change is in force from its time on, is cancelled before it and not after.
func TestSchedule(t *testing.T) {
	d := newDesk(t)
	noon := monday.Add(3 * time.Hour)
	ask := d.with(camera(mdm.User))
	ask.From = noon
	r, err := d.Ask(t.Context(), it, ask)
	must(t, err)
	for at, want := range map[time.Time]uint64{monday: 1, noon.Add(-time.Millisecond): 1, noon: 2} {
		if _, n := d.At(at); n != want {
			t.Errorf("at %s version %d", at, n)
		}
	}
	sooner := d.with(share(mdm.User))
	_, err = d.Ask(t.Context(), it, sooner)
	code(t, "sooner than what is published", err, errs.Invalid)
	code(t, "a rollback before it", func() error { _, err := d.RollBack(t.Context(), it, "Wrong."); return err }(), errs.Conflict)
	d.doubt = true
	code(t, "cancelled by a doubtful clock", d.Cancel(t.Context(), it, r.ID, "Too early."), errs.Unavailable)
	d.doubt = false
	must(t, d.Cancel(t.Context(), teacher, r.ID, "Too early."))
	for _, b := range []*Book{d.Book, d.again(t)} {
		if _, n := b.At(noon); n != 1 {
			t.Errorf("cancelled, and version %d is in force", n)
		}
	}
	ask = d.with(camera(mdm.User))
	ask.From = noon
	r, err = d.Ask(t.Context(), it, ask)
	must(t, err)
	d.now = noon
	code(t, "cancelled in force", d.Cancel(t.Context(), it, r.ID, "Too late."), errs.Conflict)
	if _, n := d.At(noon); n != 3 {
		t.Errorf("version %d", n)
	}
	if v, _ := d.Before(3); v.N != 1 {
		t.Errorf("before it was version %d", v.N)
	}
}

// Nothing is put in force by a clock that may be wrong.
func TestDoubtfulClock(t *testing.T) {
	d := newDesk(t)
	d.doubt = true
	_, err := d.Ask(t.Context(), it, d.with(camera(mdm.User)))
	code(t, "published", err, errs.Unavailable)
	r, err := d.Ask(t.Context(), it, d.with(share(mdm.User)))
	must(t, err)
	_, err = d.Review(t.Context(), dsl, r.ID, Educational, true, "")
	code(t, "agreed", err, errs.Unavailable)
	d.doubt = false
	_, err = d.Review(t.Context(), dsl, r.ID, Educational, true, "")
	must(t, err)
}

// A request overtaken by another is made anew on it, and everybody is asked again.
func TestOvertaken(t *testing.T) {
	d := newDesk(t)
	old, err := d.Ask(t.Context(), it, d.with(share(mdm.User)))
	must(t, err)
	clash, err := d.Ask(t.Context(), dsl, d.with(share(mdm.Allow)))
	must(t, err)
	_, err = d.Ask(t.Context(), it, d.with(func(r *mdm.Rules) { r.Groups[0].Name = "Seven" }))
	must(t, err)
	_, err = d.Review(t.Context(), dsl, old.ID, Educational, true, "")
	code(t, "agreed to what was overtaken", err, errs.Conflict)
	made, err := d.Rebase(t.Context(), it, old.ID)
	must(t, err)
	if made.Base != 2 || made.Rules.Groups[0].Name != "Seven" || !slices.Equal(made.Missing(), []Side{Educational}) || made.Why != old.Why {
		t.Fatalf("%+v", made)
	}
	if got, _ := d.Request(old.ID); got.State != Cancelled {
		t.Errorf("the old one is %s", got.State)
	}
	_, err = d.Review(t.Context(), dsl, made.ID, Educational, true, "")
	must(t, err)
	_, err = d.Rebase(t.Context(), dsl, clash.ID)
	code(t, "both changed the same profile", err, errs.Conflict)
	if !strings.Contains(err.Error(), "profile quiet") {
		t.Errorf("it does not say what: %v", err)
	}
}

// One person undoes the last change: within a day whatever it did, later only what
// does not loosen; and only the one before comes back.
func TestRollBack(t *testing.T) {
	publish := func(t *testing.T, d *desk, change func(*mdm.Rules)) {
		t.Helper()
		r, err := d.Ask(t.Context(), it, d.with(change))
		must(t, err)
		if r.Filters {
			_, err = d.Review(t.Context(), dsl, r.ID, Educational, true, "")
			must(t, err)
		}
	}
	for _, c := range []struct {
		name   string
		change func(*mdm.Rules)
		after  time.Duration
		by     By
		want   errs.Code
	}{
		{"at once", items("x.com", "tiktok.com", "more.com"), time.Minute, it, ""},
		{"at once, by a new account", items("x.com", "tiktok.com", "more.com"), time.Minute, fresh, errs.Denied},
		{"what loosened, by a new account", items("x.com"), time.Minute, fresh, ""},
		{"within a day", share(mdm.User), RollBackWithin, it, ""},
		{"what tightened, later", items("x.com", "tiktok.com", "more.com"), RollBackWithin + time.Second, it, errs.Conflict},
		{"what loosened, later", items("x.com"), RollBackWithin + time.Second, it, ""},
		{"what filters nothing, later", camera(mdm.User), 90 * 24 * time.Hour, it, ""},
		{"by a teacher", camera(mdm.User), time.Minute, teacher, errs.Denied},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			publish(t, d, c.change)
			d.now = d.now.Add(c.after)
			if c.by.Account == fresh.Account {
				c.by.Changed = d.now
			}
			v, err := d.RollBack(t.Context(), c.by, "It broke the printers.")
			code(t, "rolling back", err, c.want)
			if err != nil {
				return
			}
			for _, b := range []*Book{d.Book, d.again(t)} {
				rules, n := b.At(d.now)
				if got, _ := b.Version(3); n != 3 || !rules.Equal(tidy(start())) || got.Undoes != 2 || got.Why != "It broke the printers." || v.N != 3 {
					t.Errorf("version %d: %+v", n, got)
				}
			}
			_, err = d.RollBack(t.Context(), it, "And again.")
			code(t, "a second time", err, errs.Conflict)
		})
	}
	d := newDesk(t)
	_, err := d.RollBack(t.Context(), it, "To nothing.")
	code(t, "the first version", err, errs.Conflict)
}

// An edited file changes nothing.
func TestBeginOnce(t *testing.T) {
	d := newDesk(t)
	edited := start()
	camera(mdm.User)(&edited)
	must(t, d.Begin(t.Context(), "first-start", edited))
	if rules, n := d.again(t).At(monday); n != 1 || rules.Profiles[1].Set[mdm.Camera] != mdm.Block {
		t.Errorf("version %d: %v", n, rules)
	}
	if d.Knows(edited) || !d.Knows(start()) {
		t.Error("the book does not tell an edited file from the one it began with")
	}
}

// Rules may be longer than a record; texts are free and stay in the vault; rules
// that come back are not written again.
func TestOnRecord(t *testing.T) {
	d := newDesk(t)
	var many []string
	for n := range mdm.MaxItems {
		many = append(many, fmt.Sprintf("%s-%d.example", strings.Repeat("l", 80), n))
	}
	ask := d.with(items(many...))
	ask.Why, ask.Risk = "Tom Baker asked for it.", "Tom Baker sees to it that nothing happens."
	r, err := d.Ask(t.Context(), it, ask)
	must(t, err)
	_, err = d.Review(t.Context(), dsl, r.ID, Educational, true, "Tom Baker is right.")
	must(t, err)
	texts := 0
	look := func(r ledger.Record) error {
		if r.Kind == KindText {
			texts++
		}
		if strings.Contains(string(r.Leaf), "Baker") {
			t.Errorf("the ledger tells: %s", r.Leaf)
		}
		return nil
	}
	must(t, d.log.Read(t.Context(), 0, look))
	if rules, n := d.again(t).At(monday); n != 2 || len(rules.Lists[0].Items) != mdm.MaxItems {
		t.Errorf("version %d", n)
	}
	before := texts
	_, err = d.RollBack(t.Context(), it, "Too long.")
	must(t, err)
	texts = 0
	must(t, d.log.Read(t.Context(), 0, look))
	if texts != before {
		t.Errorf("%d texts, then %d", before, texts)
	}
	must(t, d.vault.Erase(t.Context(), r.content))
	if got, _ := d.again(t).Request(r.ID); got.Risk != "" || got.State != Published {
		t.Errorf("without its words: %+v", got)
	}
}

func TestDamagedRecords(t *testing.T) {
	d := newDesk(t)
	r, err := d.Ask(t.Context(), it, d.with(share(mdm.User)))
	must(t, err)
	for kind, bodies := range map[string][]string{
		KindText:       {`{"sum":"x","part":2,"of":2,"text":"{}"}`, `{"sum":"x","part":1,"of":1,"text":"{}"}`, `{"part":1,"of":900}`},
		KindBegun:      {`{`, `{"by":"it","rules":"x"}`},
		KindAsked:      {`{"change":"c-1","base":7}`, `{"change":"` + r.ID + `","base":1}`, `{"change":"c-1","base":1,"rules":"x"}`},
		KindReviewed:   {`{"change":"c-9","as":"technical"}`, `{"change":"` + r.ID + `","as":"educational","agreed":true,"person":"s-it"}`, `{"change":"` + r.ID + `","as":"leadership","agreed":true,"person":"s-1"}`},
		KindPublished:  {`{"change":"` + r.ID + `","version":2,"from":"2026-11-23T09:00:00Z"}`, `{"change":"c-9"}`},
		KindCancelled:  {`{"change":"c-9"}`},
		KindRolledBack: {`{"version":2,"undoes":1}`},
	} {
		for _, b := range bodies {
			book := d.again(t)
			err := book.Fold(ledger.Record{Seq: 7, Entry: ledger.Entry{Kind: kind, Stamp: ledger.Stamp{Wall: monday}, Body: []byte(b)}})
			if errs.CodeOf(err) != errs.Invalid || errs.HintOf(err) == "" {
				t.Errorf("%s %s: %v", kind, b, err)
			}
		}
	}
	must(t, d.Fold(ledger.Record{Entry: ledger.Entry{Kind: "bank-listed"}}))
	c := d.config()
	c.Log = brokenLog{}
	broken := New(c)
	must(t, d.log.Read(t.Context(), 0, broken.Fold))
	if _, err := broken.Ask(t.Context(), it, d.with(camera(mdm.User))); err == nil || len(broken.Requests()) != 1 {
		t.Errorf("what is not on record counts: %v", err)
	}
}

type brokenLog struct{}

func (brokenLog) Append(context.Context, ...ledger.Entry) ([]ledger.Receipt, error) {
	return nil, errors.New("the disk is full")
}
