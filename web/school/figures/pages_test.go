package figures

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/bellkeep/bellkeep/internal/clauses"
	"github.com/bellkeep/bellkeep/internal/figures"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/registers"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
	"github.com/bellkeep/bellkeep/web/ui/axetest"
)

var monday = time.Date(2027, 2, 8, 10, 0, 0, 0, time.UTC)

type nobody struct{}

func (nobody) Name(string) (name, form string, ok bool) { return "", "", false }

// house is a school with two terms behind it.
type house struct {
	rules     policy.Rules
	cases     []desk.Case
	incidents map[string]int // by who must not know of them
}

func (h *house) Registers() []registers.Kind { return registers.Builtin()[:8] }

func (h *house) Standing(k registers.Kind, viewer string) registers.Standing {
	s := registers.Standing{Kind: k}
	switch k.ID {
	case "filter-checks":
		s.Done, s.Of, s.Next = 1, 3, school.Date{Year: 2027, Month: time.April, Day: 30}
	case "filter-breaches":
		s.Unseen, s.Open = 2, 3
	}
	return s
}

func (h *house) handler(t testing.TB) http.Handler {
	t.Helper()
	h.rules = policy.Default()
	span := func(from, until string) school.Term {
		a, _ := school.ParseDate(from)
		b, _ := school.ParseDate(until)
		return school.Term{Span: school.Span{From: a, Until: b}}
	}
	autumn, spring := span("2026-09-02", "2026-12-19"), span("2027-01-04", "2027-03-26")
	var days []figures.Day
	for i := range 30 {
		tally := map[string]figures.Tally{"7": {Expected: 180, In: 178, Late: 2}, "8": {Expected: 170, In: 165}, "11": {Expected: 6, In: 6}}
		days = append(days, figures.Day{Date: autumn.From.Add(i), Years: tally}, figures.Day{Date: spring.From.Add(i), Years: tally})
	}
	for i := range 40 {
		at := spring.From.Add(i%30).At(school.Clock{Hour: 10}, time.UTC)
		h.cases = append(h.cases, desk.Case{Whose: "p-1", Opened: at, Facts: desk.Facts{Reason: desk.Reasons[i%6]}, Outcome: desk.ReleasedToAdult, Closed: at.Add(5 * time.Hour)})
	}
	h.cases = append(h.cases, desk.Case{Whose: "p-1", Opened: monday.Add(-time.Hour), Facts: desk.Facts{Reason: desk.Breach}})
	h.incidents = map[string]int{"s-head": 7}
	cfg := Config{Registers: h, Rules: func() policy.Rules { return h.rules }, Policy: "Online safety, 2026", Clauses: []clauses.Clause{{ID: "X-1", How: clauses.Recorded}},
		Sources: figures.Sources{Calendar: school.Calendar{Zone: time.UTC, Terms: []school.Term{autumn, spring}}, Days: func() []figures.Day { return days },
			Cases: func() []desk.Case { return h.cases }, Exceptions: func() []exception.Exception { return nil },
			Person: func(id string) (register.Person, bool) {
				p := register.Person{ID: id}
				p.Year, p.Given, p.Family = "8", "Sana", "Iqbal"
				return p, true
			},
			Incidents: func(viewer string, _, _ time.Time) figures.Incidents {
				return figures.Incidents{Categories: []figures.Part{{Name: "Bullying", N: 30 - h.incidents[viewer]}}, Areas: []figures.Part{{Name: "Conduct", N: 30 - h.incidents[viewer]}}, Outcomes: []figures.Part{{Name: "Ended", N: 30 - h.incidents[viewer]}}}
			}}}
	k := kittest.Kit(kittest.People(), nobody{}, func() time.Time { return monday }, nil)
	f, err := Pages(k, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return kittest.Serve(t, k, f)
}

// A governor reads a term in figures, that end with the last whole week; the
// leadership sees today as well.
func TestTerm(t *testing.T) {
	h := &house{}
	v := kittest.Visit(t, h.handler(t), "governor")
	v.Says("/figures", "Figures: Spring term 2027", "Counted up to 7 February 2027, the end of the last whole week", "over 30 school days", "40 devices taken this term",
		"Year 7", "98%", "not shown", "Autumn term 2026", "30 opened this term", "-Sana", "-p-1")
	v.Says("/figures?term=2026-09-02", "Figures: Autumn term 2026", "0 devices taken this term", "-Term by term")
	v.Says("/figures/csv", `"Confiscations, by reason",all,40`, "Filter checks,In order. 1 of 3", "-Sana", "-p-1")
	v.SignIn("leadership")
	v.Says("/figures", "Counted up to 8 February 2027,", "41 devices taken this term", "-last whole week")
	v.SignIn("head")
	v.Says("/figures", "23 opened this term")
	for _, r := range roles.All {
		v.SignIn(string(r))
		want := map[bool]int{true: http.StatusOK, false: http.StatusForbidden}[roles.May([]roles.Assignment{{Role: r}}, roles.SeeFigures, roles.Target{}, monday)]
		for _, path := range []string{"/figures", "/figures/csv", "/figures/pack"} {
			if status, _, _ := v.Get(path); status != want {
				t.Errorf("%s as%s:%d", path, r, status)
			}
		}
	}
}

// How many entries of a register wait is a small number, and is not told.
func TestRegistersAreToldWithoutNumbers(t *testing.T) {
	v := kittest.Visit(t, (&house{}).handler(t), "governor")
	v.Says("/figures", "Something waits.", "In order. 1 of 3 this school year.", "-Not yet seen")
	for n, want := range map[int]string{1: "Lacking for fewer than 5 of the staff.", 12: "Lacking for 12 of the staff."} {
		s := registers.Standing{Kind: registers.Kind{Each: registers.EachStaff}, Lacking: make([]string, n)}
		if got := stateWords(s); got != want {
			t.Errorf("%d:%s", n, got)
		}
	}
}

// The evidence for an inspection says the policy in force in words, whose ids apart,
// and where it departs from national guidance.
func TestPack(t *testing.T) {
	h := &house{}
	v := kittest.Visit(t, h.handler(t), "head")
	h.rules.Search.Statutory = []string{"s-secret"}
	v.Says("/figures/pack", "Online safety, 2026", "Who gets a confiscated device", "A listed parent or carer", "Alike in every year group?", "Recorded", "-s-secret", "-Departures")
	policytest.Watch(t, h.rules, func(r policy.Rules) string {
		h.rules = r
		_, page, _ := v.Get("/figures/pack")
		_, after, _ := strings.Cut(page, "Handing in</h2>")
		return after
	}, "curriculum_activity")
	h.rules.Curriculum = policy.StaffAndHead
	v.Says("/figures/pack", "Departures from national guidance")
	if h.rules.Jurisdiction = policy.Wales; true {
		v.Says("/figures/pack", "-Departures from national guidance")
	}
}

func TestInBrowser(t *testing.T) {
	t.Parallel()
	browser := axetest.Open(t)
	h := &house{}
	base, _ := axetest.Serve(t, "127.0.0.1:0", h.handler(t))
	h.rules.Curriculum = policy.StaffAndHead
	for _, width := range []int64{1280, 320} {
		tab := browser.Tab(t, width, 900)
		tab.SignIn(base, "governor", kittest.Password, "/figures")
		for name, path := range map[string]string{"term": "/figures", "pack": "/figures/pack"} {
			tab.Go(base + path)
			tab.Wait(`document.querySelector("h1")`)
			tab.Looks(fmt.Sprintf("figures-%s-%d", name, width))
		}
		tab.Go(base + "/figures")
		tab.Do(chromedp.Focus(`a[href="/figures?term=2026-09-02"]`), chromedp.KeyEvent("\r"))
		tab.Wait(`document.querySelector("h1").innerText === "Figures: Autumn term 2026"`)
	}
}
