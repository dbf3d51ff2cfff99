package exceptions

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

// medical is a form as an office fills it in.
func medical() url.Values {
	return url.Values{"kind": {"medical"}, "why": {"glucose monitor"}, "evidence": {"care plan on file"}, "scope": {"all-day"},
		"from": {"2026-11-23"}, "until": {"2027-08-31"}, "review": {"2027-03-01"}}
}

func lesson() url.Values {
	return url.Values{"form": {"7A"}, "lesson": {"2026-11-24T09:00:00Z"}, "why": {"field survey"}, "departure": {"too few cameras"}, "allow": {"camera"}, "group": {"trolley-1"}}
}

// asked is the page of a request that an account made.
func asked(v *kittest.Visitor, account, path string, form url.Values) string {
	v.SignIn(account)
	return v.Sent(path, form)
}

// The office asks, the head approves with one tap, everybody sees what they may.
func TestMedical(t *testing.T) {
	a := newAcademy(t)
	v := kittest.Visit(t, a.handler(t), "office")
	v.Says("/exceptions/new?q=sana", "Sana Iqbal (7A)", `href="/person/p-1/exception"`)
	v.Says("/person/p-1/exception", "An exception for Sana Iqbal (7A)", "Step 1 of 5", "Young carer", "Contact with a parent", "-Class use", "-Staff:")
	page := asked(v, "office", "/person/p-1/exception", medical())
	v.Says(page, "Sana Iqbal", "Waits for a decision", "Mon 23 Nov 2026 to Tue 31 Aug 2027", "Mon 1 Mar 2027", "-monitor", "-Medical", "-care plan", "-Approve", "Take the request back")
	v.SignIn("head")
	v.Says("/exceptions", "For you to decide (1)", "Medical. Keeps the phone all day", "glucose monitor", `action="`+page+`/approve"`)
	if next := v.Sent(page+"/approve", url.Values{"once": {"k"}}); next != page {
		t.Errorf("approving leads to %s", next)
	}
	v.Says(page, "In force", "care plan on file", "Approved", "Known at Bank A since 08:00:02", "Not yet at Bank B", "(offline)", "End it now")
	if !a.book.Exempt("p-1") {
		t.Error("approved, and not exempt")
	}
	v.SignIn("office")
	v.Says("/exceptions", "Sana Iqbal", "In force", "-Medical", "-monitor")
	v.Says(page+"/card", "Sana Iqbal (7A)", "may have their phone", "-Medical", "-monitor")
	v.SignIn("teacher") // neither asked nor may see everybody's
	v.Says("/exceptions", "-Sana", "None that you asked for")
	for _, path := range []string{page, page + "/extend", "/exception/x-none"} {
		if status, text, _ := v.Get(path); status != http.StatusNotFound || strings.Contains(text, "Sana") {
			t.Errorf("%s as a teacher: %d", path, status)
		}
	}
	v.SignIn("dsl")
	v.Says(page, "Medical", "glucose monitor", "-End it now")
}

func TestRefusals(t *testing.T) {
	a := newAcademy(t)
	v := kittest.Visit(t, a.handler(t), "office")
	with := func(f url.Values, name, value string) url.Values {
		out := url.Values{}
		for k, v := range f {
			out[k] = v
		}
		out.Set(name, value)
		return out
	}
	daily := with(medical(), "scope", "daily")
	for name, c := range map[string]struct {
		path string
		form url.Values
		want []string
	}{
		"empty":             {"/person/p-1/exception", url.Values{}, []string{`href="#kind"`, "Choose the kind"}},
		"another's kind":    {"/person/p-1/exception", with(medical(), "kind", "staff"), []string{`href="#kind"`, "not for this person", "What kind"}},
		"in the past":       {"/person/p-1/exception", with(with(with(with(medical(), "scope", "once"), "from", "2026-11-20"), "start", "12:00"), "end", "13:00"), []string{`href="#from"`, "over already", "-review"}},
		"no reason":         {"/person/p-1/exception", with(medical(), "why", " "), []string{`href="#why"`, "Enter the reason", "care plan on file"}},
		"no end, no review": {"/person/p-1/exception", with(with(medical(), "until", ""), "review", ""), []string{`href="#until"`, `href="#review"`}},
		"a date of words":   {"/person/p-1/exception", with(medical(), "until", "next week"), []string{`href="#until"`, "as a date like", `value="next week"`}},
		"longer":            {"/person/p-1/exception", with(medical(), "until", "2028-01-01"), []string{`href="#until"`, "within a year"}},
		"no times":          {"/person/p-1/exception", daily, []string{`href="#start"`, `href="#end"`, "On which days?"}},
		"backwards":         {"/person/p-1/exception", with(with(with(medical(), "scope", "once"), "start", "15:00"), "end", "14:00"), []string{`href="#end"`, "must be after"}},
		"script":            {"/person/p-1/exception", with(medical(), "why", `"></textarea><script>alert(1)</script>`+strings.Repeat("x", 500)), []string{"&lt;script&gt;", "-<script>alert"}},
		"long":              {"/person/p-1/exception", with(medical(), "why", strings.Repeat("x", 501)), []string{`href="#why"`, "500 characters"}},
		"lesson, empty":     {"/exceptions/lesson", url.Values{}, []string{`href="#form"`, `href="#lesson"`, `href="#why"`, `href="#departure"`}},
		"lesson, no reason": {"/exceptions/lesson", with(lesson(), "departure", ""), []string{`href="#departure"`, "departs from national guidance", "field survey", `value="2026-11-24T09:00:00Z" selected`}},
		"lesson, not one":   {"/exceptions/lesson", with(lesson(), "lesson", "2026-11-24T08:00:00Z"), []string{`href="#lesson"`}},
		"lesson, no class":  {"/exceptions/lesson", with(lesson(), "form", "12Z"), []string{`href="#form"`, "no such class"}},
	} {
		status, text, _ := v.Post(c.path, c.form)
		if status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, status)
		}
		kittest.Has(t, name, text, append(c.want, "There is a problem")...)
	}
	if n := len(a.book.All()); n != 0 {
		t.Errorf("%d requests came through", n)
	}
	if status, _, _ := v.Get("/person/p-9/exception"); status != http.StatusNotFound {
		t.Errorf("for nobody: %d", status)
	}
}

// Nobody approves what they asked for or what is for them, by pages either.
func TestSecondPerson(t *testing.T) {
	a := newAcademy(t)
	a.gate.Set("head-two", func(w *kit.Who) { w.Person = "s-head" }) // one person, two accounts
	v := kittest.Visit(t, a.handler(t), "head")
	page := asked(v, "head", "/person/p-1/exception", medical())
	for account, why := range map[string]string{"head": "This account asked for it", "head-two": "you have a part in it"} {
		v.SignIn(account)
		v.Says(page, "somebody else must approve it", `-id="approve"`)
		status, text, _ := v.Post(page+"/approve", nil)
		if status != http.StatusForbidden {
			t.Errorf("%s approves: %d", account, status)
		}
		kittest.Has(t, account, text, why)
	}
	v.SignIn("leadership")
	if status, _, _ := v.Post(page+"/countersign", nil); status != http.StatusForbidden {
		t.Errorf("a pupil's exception is countersigned: %d", status)
	}
	page = asked(v, "head", "/person/s-head/exception", own())
	v.SignIn("leadership")
	v.Says("/exceptions", "For you to decide (1)", "urgent call expected", page+"/countersign")
	v.Sent(page+"/countersign", nil)
	a.gate.Set("head-two", func(w *kit.Who) { w.Person, w.Changed = "s-head-two", monday.Add(-time.Hour) })
	page = asked(v, "office", "/person/p-1/exception", medical())
	v.SignIn("head-two")
	if status, text, _ := v.Post(page+"/approve", nil); status != http.StatusForbidden || !strings.Contains(text, "last 24 hours") {
		t.Errorf("an account changed an hour ago approves: %d", status)
	}
	v.SignIn("office")
	for _, path := range []string{"/approve", "/countersign", "/refuse", "/end"} {
		if status, _, _ := v.Post(page+path, url.Values{"why": {"x"}}); status != http.StatusForbidden {
			t.Errorf("the office: %s: %d", path, status)
		}
	}
}

// own is a form of a member of staff, for themselves.
func own() url.Values {
	return url.Values{"kind": {"staff"}, "why": {"urgent call expected"}, "scope": {"all-day"}, "from": {"2026-11-23"}, "until": {"2026-11-24"}, "review": {"2026-11-24"}}
}

// What a member of staff may is there in writing, with its text and both times, for
// them and for those who see reasons.
func TestPermissionInWriting(t *testing.T) {
	a := newAcademy(t)
	v := kittest.Visit(t, a.handler(t), "teacher")
	page := asked(v, "teacher", "/person/s-teacher/exception", own())
	if status, _, _ := v.Get(page + "/permission"); status != http.StatusNotFound {
		t.Errorf("before it is given: %d", status)
	}
	v.SignIn("head")
	a.now = monday.Add(20 * time.Minute)
	v.Sent(page+"/approve", nil)
	for _, account := range []string{"teacher", "head", "dsl"} {
		v.SignIn(account)
		v.Says(page+"/permission", "Written permission", "The teacher", "urgent call expected", "Mon 23 Nov, 08:00, by The teacher", "Given", "Mon 23 Nov, 08:20, by The head")
	}
	v.SignIn("teacher")
	v.Says(page, "In writing")
	a.rules.StaffLessonUse = policy.ByHead
	v.Says(page+"/permission", "-Written permission")
	v.SignIn("office")
	if status, text, _ := v.Get(page + "/permission"); status != http.StatusNotFound || strings.Contains(text, "urgent") {
		t.Errorf("the office reads it: %d", status)
	}
	page = asked(v, "head", "/person/s-head/exception", own())
	v.SignIn("leadership")
	v.Sent(page+"/countersign", nil)
	v.SignIn("head")
	v.Says(page+"/permission", "Countersigned", "by The leadership")
}

func TestLesson(t *testing.T) {
	a := newAcademy(t)
	v := kittest.Visit(t, a.handler(t), "teacher")
	v.Says("/exceptions/new", `id="lesson"`, `id="myself"`)
	v.Says("/exceptions/lesson?form=7A", "Tue 24 Nov, Lesson 1, 09:00 to 10:00", "-Sat 28", `value="7A" selected`, "trolley-1")
	page := asked(v, "teacher", "/exceptions/lesson", lesson())
	v.Says(page, "Class 7A", "Class use in one lesson", "Tue 24 Nov 2026, 09:00 to 10:00", "Allowed: camera, also on the group trolley-1", "too few cameras")
	v.SignIn("head")
	v.Sent(page+"/approve", nil)
	v.Says(page, "Approved, not begun", "Pad 1: as it must be now", "Pad 2: offline", "-Ask to extend")
	a.rules.Curriculum = policy.NoCurriculum
	v.Says(page, "Not allowed by the school’s rules", "-End it now")
	v.Says("/exceptions/new", `-id="lesson"`)
	for _, send := range []func() (int, string, string){
		func() (int, string, string) { return v.Get("/exceptions/lesson") },
		func() (int, string, string) { return v.Post("/exceptions/lesson", lesson()) },
	} {
		if status, _, _ := send(); status != http.StatusForbidden {
			t.Errorf("a lesson where the rules know none: %d", status)
		}
	}
}

func TestExtendAndEnd(t *testing.T) {
	a := newAcademy(t)
	v := kittest.Visit(t, a.handler(t), "office")
	page := asked(v, "office", "/person/p-1/exception", medical())
	v.SignIn("head")
	v.Sent(page+"/approve", nil)
	a.now = monday.AddDate(0, 4, 0)
	v.Says("/exceptions", "Review due (1)", "Review by Mon 1 Mar 2027", "Review overdue, still in force")
	v.SignIn("office")
	status, text, _ := v.Post(page+"/extend", url.Values{"until": {"2029-01-01"}, "review": {"2027-09-01"}})
	if status != http.StatusUnprocessableEntity {
		t.Errorf("for two years: %d", status)
	}
	kittest.Has(t, "extending", text, `href="#until"`, `href="#why"`, `value="2029-01-01"`)
	v.Sent(page+"/extend", url.Values{"until": {"2027-12-31"}, "review": {"2027-09-01"}, "why": {"new plan"}})
	v.SignIn("head")
	v.Says("/exceptions", "For you to decide (1)", "To be extended until Fri 31 Dec 2027", "new plan")
	v.Sent(page+"/approve", nil)
	v.Says(page, "In force", "Wed 1 Sep 2027")
	status, text, _ = v.Post(page+"/end", url.Values{"end-why": {""}})
	if status != http.StatusUnprocessableEntity {
		t.Errorf("ending without a word: %d", status)
	}
	kittest.Has(t, "ending", text, `href="#end-why"`)
	form := url.Values{"end-why": {"monitor not needed"}, "once": {"same"}}
	v.Sent(page+"/end", form)
	v.Sent(page+"/end", form) // a double click
	v.Says(page, "Ended", "monitor not needed", "Ended at Bank A since")
	if a.book.Exempt("p-1") {
		t.Error("ended, and still exempt")
	}
	again := asked(v, "office", "/person/p-1/exception", medical2027())
	v.SignIn("head")
	if status, text, _ := v.Post(again+"/refuse", url.Values{"why": {" "}}); status != http.StatusUnprocessableEntity || !strings.Contains(text, `href="#why"`) {
		t.Errorf("refusing without reason: %d", status)
	}
	v.Sent(again+"/refuse", url.Values{"why": {"no plan on file"}})
	v.Says(again, "Refused", "no plan on file")
	e, _ := a.book.Exception(strings.TrimPrefix(again, "/exception/"))
	if a.book.State(e) != exception.Refused {
		t.Errorf("it is %s", a.book.State(e))
	}
}

// The start page says what waits, and names nobody.
func TestTasks(t *testing.T) {
	a := newAcademy(t)
	v := kittest.Visit(t, a.handler(t), "office")
	one := v.Sent("/person/p-1/exception", medical())
	v.Sent("/person/p-2/exception", medical())
	v.SignIn("head")
	v.Sent(one+"/approve", nil)
	for _, c := range []struct {
		after int // days
		keys  string
	}{{0, "waiting"}, {80, "due waiting"}, {100, "passed waiting"}} {
		a.now = monday.AddDate(0, 0, c.after)
		var keys []string
		for _, task := range (Config{Book: a.book}).Tasks() {
			keys = append(keys, strings.TrimPrefix(task.Key, "exceptions-"))
			if strings.Contains(task.What, "Sana") || strings.Contains(task.What, "edical") || !strings.Contains(task.What, ": 1.") || task.Next == "" {
				t.Errorf("after %d days: %+v", c.after, task)
			}
		}
		if got := strings.Join(keys, " "); got != c.keys {
			t.Errorf("after %d days: %s, want %s", c.after, got, c.keys)
		}
	}
}

func medical2027() url.Values {
	f := medical()
	f.Set("from", "2027-03-23")
	f.Set("review", "2027-06-01")
	return f
}
