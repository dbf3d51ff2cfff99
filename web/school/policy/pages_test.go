package policy

import (
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/clauses"
	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/internal/rules"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// nobody is everybody's name.
type nobody struct{}

func (nobody) Name(string) (string, string, bool) { return "", "", false }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// northbourne is the book of a real school, and the pages over it.
func northbourne(t testing.TB) (*rules.Book, http.Handler) {
	t.Helper()
	log, err := memlog.New("school", func() time.Time { return monday })
	must(t, err)
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	must(t, err)
	t.Cleanup(func() { must(t, v.Close()) })
	book := rules.New(log, v, func() ledger.Stamp { return ledger.Stamp{Wall: monday} })
	const dir = "../../../testdata/schools/northbourne"
	var faults config.Faults
	f := rules.ReadFile(dir+"/"+rules.FileName, &faults)
	list := clauses.Load(dir, &faults)
	must(t, faults.Err())
	must(t, book.Begin(t.Context(), f, time.UTC))
	return book, handler(t, Config{Versions: book, Proposals: book, Decisions: book, Policy: f.Policy, Clauses: list, Follows: f.Clauses})
}

func handler(t testing.TB, cfg Config) http.Handler {
	t.Helper()
	k := kittest.Kit(kittest.People(), nobody{}, func() time.Time { return monday }, nil)
	f, err := Pages(k, cfg)
	must(t, err)
	return kittest.Serve(t, k, f)
}

// fixed are rules that are in force at any time.
type fixed struct{ policy.Rules }

func (f fixed) VersionAt(time.Time) (rules.Version, bool) {
	return rules.Version{ID: "r-1", By: "head", Person: "s-head", Rules: f.Rules}, true
}
func (f fixed) Versions() []rules.Version { v, _ := f.VersionAt(monday); return []rules.Version{v} }
func (f fixed) Waiting() []rules.Version  { return nil }

// pageOf is a page as the head sees it.
func pageOf(t *testing.T, path string) func(policy.Rules) string {
	var current fixed
	h := handler(t, Config{Versions: &current})
	v := kittest.Visit(t, h, "head")
	return func(r policy.Rules) string {
		current = fixed{r}
		return v.Page(http.StatusOK, path)
	}
}

// Whatever a rule says can be read on the page of the rules.
func TestEveryRuleIsShown(t *testing.T) {
	var all []string
	for _, k := range policy.Keys {
		all = append(all, k.Name)
	}
	policytest.Watch(t, policy.Default(), pageOf(t, "/policy"), all...)
}

// What is put up and what staff say goes by these rules.
func TestSignsFollowTheRules(t *testing.T) {
	policytest.Watch(t, policy.Default(), pageOf(t, "/policy/signs"), "deposit_point", "off_rule", "collect_rule", "pupil_call_home",
		"parent_contact_exceptions", "confiscated_release_to", "seizure_advice", "staff_lesson_use_permission", "visitor_signage",
		"social_media_school_devices", "filter_breach_action", "ceop_button")
}

func TestRulesInWords(t *testing.T) {
	_, h := northbourne(t)
	v := kittest.Visit(t, h, "office")
	text := v.Page(http.StatusOK, "/policy")
	for _, want := range []string{"Online safety policy, September 2018", "To the class teacher, in a tray for each class", "B-9.3-04, B-9.3-05",
		"The policy names the EU’s GDPR", "due for review in September 2022", "more than one interval", "deputy safeguarding lead or the chair of governors"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	if strings.Contains(text, "/policy/change/") {
		t.Error("the office is offered to change the rules")
	}
	if text := v.Page(http.StatusOK, "/policy/clauses?how=enforced"); !strings.Contains(text, "device-settings, tested by mdm.TestJudge") || strings.Contains(text, "B-1-01") {
		t.Error("not the clauses that are enforced")
	}
	for _, path := range []string{"/policy/change/off_rule", "/policy/version/r-1"} {
		want := map[bool]int{true: http.StatusForbidden, false: http.StatusNotFound}[strings.Contains(path, "change")]
		v.Page(want, path)
	}
}

var hidden = regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)">`)

// filled is what a page's form holds in its hidden fields, and more.
func filled(page string, more url.Values) url.Values {
	form := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(page, -1) {
		form.Add(m[1], m[2])
	}
	for name, v := range more {
		form[name] = v
	}
	return form
}

func TestChangeARule(t *testing.T) {
	book, h := northbourne(t)
	v := kittest.Visit(t, h, "head")
	const path = "/policy/change/collect_after_minutes"
	page := v.Page(http.StatusOK, path)
	page = v.Answer(http.StatusOK, path, filled(page, url.Values{"value": {"5"}, "from": {"2026-12-01"}, "why": {"The buses are late."}}))
	if !strings.Contains(page, "Check the change") || !strings.Contains(page, "5 minutes") || !strings.Contains(page, "1 December 2026") || len(book.Versions()) != 1 {
		t.Fatalf("not asked whether it is meant:\n%s", page)
	}
	form := filled(page, nil)
	for range 2 { // a double click
		page = v.Answer(http.StatusOK, path, form)
	}
	if !strings.Contains(page, "Coming into force") || !strings.Contains(page, "The buses are late.") || len(book.Versions()) != 2 {
		t.Errorf("%d versions:\n%s", len(book.Versions()), page)
	}
	if book.Now().CollectAfter != 0 || book.At(monday.AddDate(0, 0, 8)).CollectAfter != 5 {
		t.Error("not in force from the day given")
	}
}

var spaces = regexp.MustCompile(`\s+`)

func TestLooseningWaits(t *testing.T) {
	book, h := northbourne(t)
	v := kittest.Visit(t, h, "head")
	const path = "/policy/change/confiscated_release_to"
	page := v.Answer(http.StatusOK, path, filled(v.Page(http.StatusOK, path), url.Values{"value": {"pupil"}, "why": {"As parents asked."}}))
	if !strings.Contains(page, "waits until a second person") {
		t.Error("the head is not told of the second person")
	}
	v.Answer(http.StatusOK, path, filled(page, nil))
	waiting := book.Waiting()
	if len(waiting) != 1 || book.Now().ReleaseTo != policy.ToParent {
		t.Fatalf("%d wait, in force is %s", len(waiting), book.Now().ReleaseTo)
	}
	at := "/policy/version/" + waiting[0].ID
	key := "Waits for approval: " + policy.Diff(book.Now(), waiting[0].Rules)[0].Key.Title + ": " + policy.Diff(book.Now(), waiting[0].Rules)[0].After
	if list := v.Page(http.StatusOK, "/policy"); !strings.Contains(spaces.ReplaceAllString(list, " "), key) || !strings.Contains(list, "It would be in force from") {
		t.Errorf("the list does not say %q", key)
	}
	if text := v.Page(http.StatusOK, at); !strings.Contains(text, "Would be in force from") || !strings.Contains(text, "It is not in force.") || !strings.Contains(text, "other than head") {
		t.Error("the page does not say that it waits")
	}
	if strings.Contains(v.Page(http.StatusOK, at), "/approve") {
		t.Error("the head is offered to approve")
	}
	if text := v.Answer(http.StatusForbidden, at+"/approve", nil); !strings.Contains(text, "you have a part in it") {
		t.Error(text)
	}
	v.SignIn("office")
	v.Answer(http.StatusForbidden, at+"/approve", nil)
	v.SignIn("dsl")
	v.Answer(http.StatusOK, at+"/approve", filled(v.Page(http.StatusOK, at), nil))
	if book.Now().ReleaseTo != policy.ToPupil || book.Versions()[0].Approval.By != "dsl" {
		t.Errorf("in force is %s", book.Now().ReleaseTo)
	}
	v.Answer(http.StatusNotFound, at+"/drop-it", nil)
}

func TestSuggestionIsAdopted(t *testing.T) {
	book, h := northbourne(t)
	r := book.Now()
	r.OffRule = policy.OffNotStated
	one, err := book.Suggest(t.Context(), "it", r, time.Time{}, "From a file.")
	must(t, err)
	r.CollectAfter = 5
	two, err := book.Suggest(t.Context(), "it", r, time.Time{}, "From another file.")
	must(t, err)
	v := kittest.Visit(t, h, "head")
	for id, act := range map[string]string{one.ID: "/adopt", two.ID: "/drop"} {
		at := "/policy/version/" + id
		v.Answer(http.StatusOK, at+act, filled(v.Page(http.StatusOK, at), nil))
	}
	if got := book.Now(); got.OffRule != policy.OffNotStated || got.CollectAfter != 0 || len(book.Waiting()) != 0 {
		t.Errorf("in force: %s, %d", got.OffRule, got.CollectAfter)
	}
}

// What is wrong is said beside the field, and what was typed is kept and shown
// as text.
func TestRefusedChanges(t *testing.T) {
	book, h := northbourne(t)
	v := kittest.Visit(t, h, "head")
	const evil = `"><script>alert(1)</script>`
	for name, c := range map[string]struct {
		key  string
		form url.Values
		want string
	}{
		"no reason":      {"collect_after_minutes", url.Values{"value": {"5"}}, `href="#why"`},
		"no number":      {"collect_after_minutes", url.Values{"value": {evil}, "why": {"So"}}, `href="#value"`},
		"nothing new":    {"collect_after_minutes", url.Values{"value": {"0"}, "why": {"So it is"}}, `href="#value"`},
		"no such option": {"deposit_point", url.Values{"value": {evil}, "why": {"So it is"}}, `href="#value"`},
		"no day":         {"off_rule", url.Values{"value": {"not_stated"}, "from": {evil}, "why": {"So it is"}}, `href="#from"`},
		"the past":       {"off_rule", url.Values{"value": {"not_stated"}, "from": {"2026-11-01"}, "why": {"So it is"}}, `href="#from"`},
		"nobody is told": {"notify.safeguarding", url.Values{"why": {"So it is"}}, `href="#value"`},
		"a long quote":   {"filter_breach_action", url.Values{"value": {strings.Repeat("x", 130) + evil}, "why": {evil}}, `href="#value"`},
		"one person":     {"hold_end_approvers.second", url.Values{"value": {"dsl"}, "why": {"So it is"}, "checked": {"yes"}}, `href="#value"`},
	} {
		text := v.Answer(http.StatusUnprocessableEntity, "/policy/change/"+c.key, c.form)
		if !strings.Contains(text, c.want) || strings.Contains(text, evil) {
			t.Errorf("%s: %s", name, text)
		}
		if why := c.form.Get("why"); why != "" && why != evil && !strings.Contains(text, `value="`+why+`"`) {
			t.Errorf("%s: the reason is gone", name)
		}
	}
	v.Page(http.StatusNotFound, "/policy/change/colour")
	v.Answer(http.StatusNotFound, "/policy/change/colour", nil)
	if len(book.Versions()) != 1 || len(book.Waiting()) != 0 {
		t.Error("something was changed")
	}
}

// Who reaches what, by the table.
func TestWhoMay(t *testing.T) {
	_, h := northbourne(t)
	v := kittest.Visit(t, h, "head")
	for _, r := range roles.All {
		v.SignIn(string(r))
		for path, p := range map[string]roles.Permission{"/policy": roles.SeePolicy, "/policy/clauses": roles.SeePolicy, "/policy/signs": roles.SeePolicy, "/policy/change/off_rule": roles.ChangePolicy} {
			want := http.StatusForbidden
			if roles.May([]roles.Assignment{{Role: r}}, p, roles.Target{}, monday) {
				want = http.StatusOK
			}
			v.Page(want, path)
		}
	}
}
