package registers

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

func check(on string) Said { return said(on, "result", "Does not work", "evidence", "x") }

// So many a year: each is due by the end of its share of the school year, and one of
// the year before counts for nothing.
func TestSoManyAYear(t *testing.T) {
	c := newCabinet(t)
	c.add("filter-checks", check("2026-08-31"))
	want := func(done int, next string, overdue bool) {
		t.Helper()
		s := c.standing("filter-checks")
		if s.Done != done || s.Of != 3 || s.Next != date(next) || s.Overdue != overdue {
			t.Errorf("%d of %d, next %s, overdue %v; want %d, %s, %v", s.Done, s.Of, s.Next, s.Overdue, done, next, overdue)
		}
	}
	want(0, "2026-12-31", false)
	c.now = time.Date(2027, 1, 1, 9, 0, 0, 0, time.UTC)
	want(0, "2026-12-31", true)
	c.add("filter-checks", check("2027-01-01"))
	want(1, "2027-04-30", false)
	c.add("filter-checks", check("2027-01-01"))
	c.add("filter-checks", check("2027-01-01"))
	if s := c.standing("filter-checks"); s.Next != (school.Date{}) || s.Needs() {
		t.Errorf("after the last of the year %+v", s)
	}
	c.now = time.Date(2027, 9, 1, 9, 0, 0, 0, time.UTC)
	want(0, "2027-12-31", false)
}

// How often the safeguarding lead meets the governor is the school's own rule, and the
// product asks for a number where there is none. So are the policies to be reviewed.
func TestRegistersFollowTheRules(t *testing.T) {
	c := newCabinet(t)
	policytest.Watch(t, c.rules, func(r policy.Rules) string {
		c.rules = r
		meetings, reviews := c.standing("dsl-governor-meetings"), c.standing("policy-reviews")
		return fmt.Sprint(meetings.Of, meetings.Unset, reviews.Lacking, reviews.Warnings)
	}, "dsl_governor_meetings_per_year_min", "linked_policies", "review.contradictory")
	c.rules = policy.Default()
	c.rules.GovernorMeetings = 0
	if s := c.standing("dsl-governor-meetings"); !s.Unset || !s.Needs() {
		t.Errorf("without a number %+v", s)
	}
	c.rules.GovernorMeetings = 2
	if s := c.standing("dsl-governor-meetings"); s.Unset || s.Next != date("2027-02-28") {
		t.Errorf("twice a year %+v", s)
	}
}

// Everybody of the staff has been trained within a year; every class is taught each
// year; every policy has a day to come by which it is looked at again.
func TestEach(t *testing.T) {
	c := newCabinet(t)
	lacks := func(id string, want ...string) {
		t.Helper()
		if s := c.standing(id); !slices.Equal(s.Lacking, want) {
			t.Errorf("%s lacks %v, want %v", id, s.Lacking, want)
		}
	}
	train := func(who string) Said { return said("2026-11-20", "staff", who, "topic", "Online safety") }
	lacks("training", "s-head", "s-dsl", "s-teacher")
	if _, err := c.Add(t.Context(), as("head", roles.Head), "training", train("s-head"), train("s-teacher")); err != nil {
		t.Fatal(err)
	}
	lacks("training", "s-dsl")
	c.add("induction", said("2016-09-01", "staff", "s-dsl", "with", "the head"))
	lacks("induction", "s-head", "s-teacher")
	c.add("taught-first", said("2026-11-20", "form", "9B", "what", "E-mail"))
	lacks("taught-first", "7A")
	c.add("policy-reviews", said("2026-11-20", "policy", "behaviour", "why", "Its date").due("2027-11-19"))
	lacks("policy-reviews", "Child protection")
	c.now = time.Date(2027, 11, 20, 9, 0, 0, 0, time.UTC)
	lacks("training", "s-dsl")
	lacks("policy-reviews", "Behaviour", "Child protection")
	c.now = c.now.AddDate(0, 0, 1)
	lacks("training", "s-head", "s-dsl", "s-teacher")
}

// What is open is late once its own day has passed, or so many days after it was
// written where it has none.
func TestLate(t *testing.T) {
	c := newCabinet(t)
	plan := c.add("action-plan", said("2026-11-20", "what", "x", "from", "y", "staff", "s-head").due("2026-11-24"))
	c.add("over-blocking", said("2026-11-20", "site", "x", "why", "y"))
	c.add("work-contacts", said("2000-01-01", "staff", "s-head"))
	for _, at := range []struct {
		day             string
		plan, blocking_ int
	}{{"2026-11-24", 0, 0}, {"2026-11-25", 1, 0}, {"2026-11-27", 1, 0}, {"2026-11-28", 1, 1}} {
		c.now = date(at.day).At(school.Clock{Hour: 9}, time.UTC)
		if p, b, w := c.standing("action-plan").Late, c.standing("over-blocking").Late, c.standing("work-contacts").Late; p != at.plan || b != at.blocking_ || w != 0 {
			t.Errorf("%s: %d, %d and %d are late", at.day, p, b, w)
		}
	}
	if err := c.End(t.Context(), as("head", roles.Head), plan, "Done.", nil); err != nil || c.standing("action-plan").Needs() {
		t.Errorf("what is done is late: %v", err)
	}
}

func TestMonths(t *testing.T) {
	for _, m := range []struct {
		from string
		n    int
		want string
	}{{"2026-01-31", 1, "2026-02-28"}, {"2026-11-30", 3, "2027-02-28"}, {"2024-02-29", 12, "2025-02-28"}, {"2026-12-15", 12, "2027-12-15"}} {
		if got := addMonths(date(m.from), m.n); got != date(m.want) {
			t.Errorf("%s and %d months: %s, want %s", m.from, m.n, got, m.want)
		}
	}
	if y := yearOf(date("2027-08-31")); y != date("2026-09-01") {
		t.Errorf("the school year of August began on %s", y)
	}
}

// What is wrong is said in words that name nobody.
func TestWords(t *testing.T) {
	c := newCabinet(t)
	c.rules.GovernorMeetings = 0
	c.add("action-plan", said("2026-11-01", "what", "x", "from", "y", "staff", "s-head").due("2026-11-02"))
	if _, err := c.Add(t.Context(), as("teacher", roles.Teacher), "loans", said("2026-11-23", "what", "Camera", "staff", "s-teacher", "why", "The trip").due("2026-11-27")); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{
		"training":              "[No entry that counts for 3 of 3 members of staff.]",
		"taught-first":          "[No entry that counts for 2 of 2 classes.]",
		"dsl-governor-meetings": "[The rules set no number a year. Agree on one, and enter it in the rules.]",
		"policy-reviews":        "[No entry that counts for: Behaviour, Child protection.]",
		"action-plan":           "[Past their day, without an outcome: 1.]",
		"loans":                 "[Not yet agreed: 1.]",
		"filter-checks":         "[]",
	} {
		if got := fmt.Sprint(c.standing(id).Words()); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
	c.now = time.Date(2027, 1, 5, 9, 0, 0, 0, time.UTC)
	if got := fmt.Sprint(c.standing("filter-checks").Words()); got != "[The next entry was due by 31 December 2026.]" {
		t.Error(got)
	}
}
