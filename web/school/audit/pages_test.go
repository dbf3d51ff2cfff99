package audit

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/corrections"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"pgregory.net/rapid"
)

var monday = time.Date(2026, 11, 23, 16, 0, 0, 0, time.UTC)

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

// pupils are known by name. One has a name that is no good as HTML.
type pupils struct{}

func (pupils) Name(id string) (string, string, bool) {
	name := map[string]string{"p-1": "Ada Byron", "p-2": `"><script>alert(1)</script>`}[id]
	return name, "7A", name != ""
}

func (pupils) Find(query string) []string {
	if strings.Contains("ada byron", strings.ToLower(query)) {
		return []string{"p-1"}
	}
	if query == "Sally" {
		return []string{"smith"}
	}
	return nil
}

func (pupils) Called(account string) string {
	return map[string]string{"smith": "Sally Smith"}[account]
}

// academy is a school with two ledgers: its own, and the copy of a bank's.
type academy struct {
	list []Ledger
	logs map[string]*memlog.Log
	*corrections.Book
}

func (a *academy) Ledgers() []Ledger { return a.list }

func (a *academy) Reason(_ string, r ledger.Record) string {
	if r.Kind == "policy-set" {
		return "As the governors agreed."
	}
	return ""
}

func (a *academy) Whose(id string) string {
	return map[string]string{"x-1": "p-1", "c-1": "p-1", "i-1": "p-1", "b-1": "p-1"}[id]
}

func newAcademy(t testing.TB) *academy {
	t.Helper()
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	must(t, err)
	t.Cleanup(func() { must(t, v.Close()) })
	a := ledgers(t)
	a.Book = corrections.New(a.logs["school"], v, func() ledger.Stamp { return ledger.Stamp{Wall: monday, Trusted: true} })
	return a
}

func ledgers(t fataler) *academy {
	t.Helper()
	a := &academy{logs: map[string]*memlog.Log{}}
	for _, name := range []string{"school", "a"} {
		log, err := memlog.New(name, func() time.Time { return monday.AddDate(0, -1, 0) })
		must(t, err)
		a.logs[name] = log
		a.list = append(a.list, Ledger{ID: name + ".1", Title: map[string]string{"school": "The school", "a": "Bank A, main entrance"}[name], Reader: log,
			Check: Check{Signed: 1, Verified: monday, Upto: 1, Elsewhere: "Banks keep its newest signatures."}})
	}
	return a
}

func (a *academy) add(t fataler, to, kind string, at time.Time, door int, body any) {
	t.Helper()
	data, err := json.Marshal(body)
	must(t, err)
	_, err = a.logs[to].Append(context.Background(), ledger.Entry{Kind: kind, Stamp: ledger.Stamp{Wall: at, Trusted: true}, Door: door, Body: data})
	must(t, err)
}

type object map[string]any

// day is a few things that happen on a Monday.
func (a *academy) day(t fataler) {
	t.Helper()
	at := func(clock string) time.Time {
		c, err := time.Parse("15:04", clock)
		must(t, err)
		return time.Date(2026, 11, 23, c.Hour(), c.Minute(), 0, 0, time.UTC)
	}
	a.add(t, "a", "deposited", at("08:30"), 7, object{"person": "p-1", "of": 3, "item": "none"})
	a.add(t, "a", "turned", at("12:40"), 0, object{"person": "p-2", "answer": "barred"})
	a.add(t, "school", "signed-in", at("13:05").AddDate(0, 0, -3), 0, object{"by": "smith", "account": "smith"})
	a.add(t, "school", "policy-set", at("09:00"), 0, object{"by": "head", "person": "s-head", "version": "r-1"})
	a.add(t, "school", "case-opened", at("11:24"), 0, object{"by": "office", "person": "s-office", "case": "c-1", "whose": "p-1"})
	a.add(t, "school", "role-given", at("13:00"), 0, object{"by": "head", "account": "smith", "role": "teacher"})
}

func handler(t testing.TB, a *academy) http.Handler {
	t.Helper()
	k := kittest.Kit(kittest.People(), pupils{}, func() time.Time { return monday }, nil)
	f, err := Pages(k, Config{Ledgers: a, People: pupils{}, Things: a, Reasons: a, Corrections: a.Book})
	must(t, err)
	return kittest.Serve(t, k, f)
}

var (
	tags   = regexp.MustCompile(`<[^>]*>|\s+`)
	entry  = regexp.MustCompile(`(?s)<dt class="govuk-summary-list__key">\d.*?</dd>`)
	detail = regexp.MustCompile(`/audit/(school|a)\.1/\d+`)
)

// entries are the records on a page, in words.
func entries(page string) []string {
	var list []string
	for _, e := range entry.FindAllString(page, -1) {
		list = append(list, strings.TrimSpace(regexp.MustCompile(` +`).ReplaceAllString(tags.ReplaceAllString(e, " "), " ")))
	}
	return list
}

func TestRecordInWords(t *testing.T) {
	a := newAcademy(t)
	a.day(t)
	v := kittest.Visit(t, handler(t, a), "dsl")
	page := v.Page(http.StatusOK, "/audit")
	got := entries(page)
	want := []string{
		"23 Nov 2026, 13:00:00 Gave a role: teacher account Sally Smith (smith) By head The school",
		"23 Nov 2026, 12:40:00 A scan opened nothing: barred &#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt; (7A) Bank A, main entrance",
		"23 Nov 2026, 11:24:00 Confiscated a device Ada Byron (7A) The case By office The school",
		"23 Nov 2026, 09:00:00 Set the rules By head The school “As the governors agreed.”",
		"23 Nov 2026, 08:30:00 Handed in Ada Byron (7A) Bank A, main entrance, door 7",
		"20 Nov 2026, 13:05:00 Signed in account Sally Smith (smith) By Sally Smith (smith) The school",
	}
	if len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
		t.Errorf("the page says\n%s", strings.Join(got, "\n"))
	}
	if !strings.Contains(page, "6 records") && !strings.Contains(page, "5 records") || !strings.Contains(page, "nothing was changed or lost") {
		t.Error("the page does not say how sure the record is")
	}
	for _, c := range []struct {
		query string
		want  []int // of the list above
	}{
		{"who=ada", []int{2, 4}}, {"who=smith", []int{0, 5}}, {"who=Sally", []int{0, 5}}, {"who=p-1", []int{2, 4}}, {"who=nobody", nil}, {"kind=accounts", []int{0, 5}},
		{"kind=lockers&day=2026-11-23", []int{1, 4}}, {"day=2026-11-20", []int{5}}, {"day=2026-11-21", nil}, {"kind=accounts&day=2026-11-20&who=smith", []int{5}},
	} {
		var only []string
		for _, i := range c.want {
			only = append(only, want[i])
		}
		if got := entries(v.Page(http.StatusOK, "/audit?"+c.query)); !slices.Equal(got, only) {
			t.Errorf("%s: %q", c.query, got)
		}
	}
	v.Page(http.StatusBadRequest, "/audit?at=nonsense")
}

// What was done about a pupil is found by the pupil, also where the record names
// only the thing; and whoever did it is not taken for whom it is about.
func TestFindsWhatIsAboutAPupil(t *testing.T) {
	a := newAcademy(t)
	of := map[string]object{
		"exception-approved": {"by": "head", "person": "s-head", "exception": "x-1"},
		"case-released":      {"by": "office", "person": "s-office", "case": "c-1"},
		"item-moved":         {"by": "office", "person": "s-office", "item": "i-1"},
		"bar-placed":         {"by": "office", "id": "b-2", "on": object{"person": "p-1"}},
		"bar-ended":          {"by": "head", "person": "s-head", "id": "b-1"},
		"notice-prepared":    {"by": "office", "person": "s-office", "notice": "n-1", "pupil": "p-1"},
		"early-leave":        {"by": "office", "person": "p-1"},
	}
	for kind, body := range of {
		a.add(t, "school", kind, monday.Add(-time.Hour), 0, body)
		a.add(t, "school", kind, monday.Add(-time.Hour), 0, object{"by": "office", "exception": "x-2", "case": "c-2", "id": "b-3"})
	}
	page := kittest.Visit(t, handler(t, a), "head").Page(http.StatusOK, "/audit?who=ada")
	for kind := range of {
		if n := strings.Count(page, ">"+wordsOf(kind).text); n != 1 {
			t.Errorf("%s is shown %d times", kind, n)
		}
	}
	if strings.Count(page, "Ada Byron (7A)") != len(of) || strings.Contains(page, "/person/s-") {
		t.Errorf("the lines are not about the pupil:\n%s", page)
	}
}

func TestCorrectARecord(t *testing.T) {
	a := newAcademy(t)
	a.day(t)
	v := kittest.Visit(t, handler(t, a), "dsl")
	path := detail.FindString(strings.Split(v.Page(http.StatusOK, "/audit?who=ada"), "Confiscated")[1])
	page := v.Page(http.StatusOK, path)
	if !strings.Contains(page, "&#34;case&#34;:&#34;c-1&#34;") {
		t.Errorf("the record is not shown as it is stored:\n%s", page)
	}
	if page := v.Answer(http.StatusUnprocessableEntity, path, url.Values{"text": {"-"}}); !strings.Contains(page, `href="#text"`) {
		t.Error("nothing is said beside the field")
	}
	v.Answer(http.StatusOK, path, url.Values{"text": {"It was <b>her</b> brother's."}, "once": {"K"}})
	v.Answer(http.StatusOK, path, url.Values{"text": {"It was <b>her</b> brother's."}, "once": {"K"}}) // a double click
	page = v.Page(http.StatusOK, "/audit?who=ada")
	if strings.Count(page, "Corrected</strong> by dsl, 23 Nov 2026, 16:00: It was &lt;b&gt;her&lt;/b&gt; brother&#39;s.") != 1 {
		t.Errorf("the correction is not beside the record:\n%s", page)
	}
	for _, path := range []string{"/audit/school.1/99", "/audit/b.1/0", "/audit/school.1/x", "/audit/school.1/-1"} {
		v.Page(http.StatusNotFound, path)
		v.Answer(http.StatusNotFound, path, url.Values{"text": {"Nowhere."}})
	}
}

func TestAsAFile(t *testing.T) {
	a := newAcademy(t)
	a.day(t)
	a.add(t, "school", "account-made", monday, 0, object{"by": "=1+1", "account": "-2"})
	v := kittest.Visit(t, handler(t, a), "head")
	rows, err := csv.NewReader(strings.NewReader(v.Page(http.StatusOK, "/audit.csv?kind=accounts"))).ReadAll()
	must(t, err)
	if len(rows) != 4 || rows[1][4] != "account-made" || rows[1][7] != "'=1+1" || rows[2][5] != "Gave a role" || rows[3][2] != "2026-11-20T13:05:00Z" {
		t.Errorf("%q", rows)
	}
}

func TestWhoMay(t *testing.T) {
	a := newAcademy(t)
	a.day(t)
	v := kittest.Visit(t, handler(t, a), "head")
	for _, r := range roles.All {
		v.SignIn(string(r))
		want := http.StatusForbidden
		if roles.May([]roles.Assignment{{Role: r}}, roles.SeeAudit, roles.Target{}, monday) {
			want = http.StatusOK
		}
		for _, path := range []string{"/audit", "/audit.csv", "/audit/school.1/0"} {
			v.Page(want, path)
		}
		if want == http.StatusForbidden {
			v.Answer(want, "/audit/school.1/0", url.Values{"text": {"Not mine to correct."}})
		}
	}
	if got := a.Of(corrections.Ref{Ledger: "school.1", Seq: 0}); len(got) > 0 {
		t.Errorf("corrected by those who may not: %+v", got)
	}
}

// However the records of two ledgers lie, page after page shows each once,
// newest first, as far as the clocks of each ledger went forward.
func TestPagesShowEverythingOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a := ledgers(rt)
		k := kittest.Kit(kittest.People(), pupils{}, func() time.Time { return monday }, nil)
		o := &pages{Config{Ledgers: a, People: pupils{}, Things: a, Reasons: a}, k}
		total := 2 // the openings
		for _, name := range []string{"school", "a"} {
			at := monday.AddDate(0, 0, -3)
			for range rapid.IntRange(0, 300).Draw(rt, name) {
				at = at.Add(time.Duration(rapid.IntRange(0, 900).Draw(rt, "seconds")) * time.Second)
				a.add(rt, name, "deposited", at, 1, object{"person": "p-1"})
				total++
			}
		}
		budget := rapid.IntRange(1, 400).Draw(rt, "budget")
		most := rapid.IntRange(1, 500).Draw(rt, "most")
		var q query
		seen := map[string]bool{}
		var last time.Time
		for range 1000 {
			list, next, err := o.find(context.Background(), q, most, budget)
			must(rt, err)
			for _, f := range list {
				id := fmt.Sprintf("%s:%d", f.ID, f.Seq)
				if seen[id] || !last.IsZero() && f.Stamp.Wall.After(last) {
					rt.Fatalf("%s comes twice or too late", id)
				}
				seen[id], last = true, f.Stamp.Wall
			}
			if q.At = next; next == "" {
				break
			}
		}
		if len(seen) != total {
			rt.Fatalf("%d of %d were shown", len(seen), total)
		}
	})
}

// Refused sign-ins say how often and when, by the school's clock, and under which
// account if there is one.
func TestRefusedSignIns(t *testing.T) {
	a := newAcademy(t)
	for account, times := range map[string]int{"head": 200, "": 14} {
		a.add(t, "school", "sign-in-refused", monday, 0, object{"by": "nobody", "account": account, "times": times, "from": "2026-11-23T02:00:00Z", "until": "2026-11-23T03:00:00Z"})
	}
	v := kittest.Visit(t, handler(t, a), "head")
	for path, want := range map[string]string{
		"/audit?who=head":               "23 Nov 2026, 16:00:00 Signing in was refused: 200 times between 02:00 and 03:00 account head By nobody The school",
		"/audit?kind=accounts&who=head": "23 Nov 2026, 16:00:00 Signing in was refused: 200 times between 02:00 and 03:00 account head By nobody The school",
		"/audit?who=nobody":             "23 Nov 2026, 16:00:00 Signing in was refused: 14 times between 02:00 and 03:00, under names that no account has By nobody The school",
	} {
		if got := entries(v.Page(http.StatusOK, path)); !slices.Contains(got, want) {
			t.Errorf("%s says\n%s", path, strings.Join(got, "\n"))
		}
	}
}
