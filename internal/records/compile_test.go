package records

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/roster"
	"github.com/bellkeep/bellkeep/internal/rules"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk/closure"
)

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// The plan that banks are given goes by the rules in force on each day.
func TestPlanFollowsTheRules(t *testing.T) {
	s := elmfield(t)
	v := vaultOf(t)
	plan := func(r policy.Rules) string {
		books := New(partsOf(t, s, v))
		f := rules.File{From: school.Date{Year: 2026, Month: 11, Day: 24}, Rules: r, Policy: "Any"}
		if err := books.Policy.Begin(context.Background(), f, s.Calendar.Zone); err != nil {
			t.Fatal(err)
		}
		_, plan := books.Compile(school.Instant{Wall: monday, Trusted: true}, locker.Rules{})
		if !plan.In(school.Collection, "year-11", monday.Add(6*time.Hour+5*time.Minute)) {
			t.Error("the day before the rules come into force is not as it was")
		}
		return fmt.Sprint(plan.Windows)
	}
	policytest.Watch(t, policy.Default(), plan, "collect_after_minutes")
}

// How many may leave with one import goes by the rules.
func TestImportFollowsTheRules(t *testing.T) {
	v := vaultOf(t)
	see := func(r policy.Rules) string {
		books := New(partsOf(t, roster.School{Calendar: school.Calendar{Zone: time.UTC}}, v))
		f := rules.File{From: school.Date{Year: 2026, Month: 11, Day: 2}, Rules: r, Policy: "Any"}
		if err := books.Policy.Begin(context.Background(), f, time.UTC); err != nil {
			t.Fatal(err)
		}
		var answers []string
		for leave := range 100 {
			gone := make([]register.Person, leave)
			for i := range gone {
				gone[i].Kind = register.Pupil
			}
			answers = append(answers, fmt.Sprint(books.People.Check(register.Changes{Left: gone, Pupils: 100}, register.Stated{}) == nil))
		}
		return strings.Join(answers, " ")
	}
	policytest.Watch(t, policy.Default(), see, "leavers_percent")
}

// The plan says that the building is being left, whether or not the clock is trusted;
// and the directory which doors are to be looked at.
func TestPlanSaysWhatTheBookOfClosuresDoes(t *testing.T) {
	v := vaultOf(t)
	books := New(partsOf(t, roster.School{Calendar: school.Calendar{Zone: time.UTC}}, v))
	head := school.Actor{Account: "head", Person: "s-head"}
	given := locker.Rules{Directory: &locker.Directory{Version: 3}, Plan: school.Plan{Version: 4}}
	says := func(want school.Mode) {
		t.Helper()
		for _, trusted := range []bool{true, false} {
			if _, plan := books.Compile(school.Instant{Wall: monday, Trusted: trusted}, given); plan.Mode != want {
				t.Errorf("trusted %t: the plan says %q, want %q", trusted, plan.Mode, want)
			}
		}
	}
	says(school.Normal)
	if _, err := books.Closure.Evacuate(t.Context(), head, true); err != nil {
		t.Fatal(err)
	}
	says(school.Evacuation)
	given.Plan.Mode = school.Evacuation
	if _, err := books.Closure.AllClear(t.Context(), head); err != nil {
		t.Fatal(err)
	}
	says(school.Normal)
	if _, err := books.Closure.KeyOut(t.Context(), head, closure.Key{Bank: "a", Why: closure.NoPower, Taker: "s-office"}); err != nil {
		t.Fatal(err)
	}
	if d, _ := books.Compile(school.Instant{Wall: monday, Trusted: true}, given); len(d.Asked) != 1 || d.Asked[0].Bank != "a" {
		t.Errorf("asked: %+v", d.Asked)
	}
}
