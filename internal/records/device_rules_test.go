package records

import (
	"fmt"
	"testing"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/rules"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
)

// Who must agree to a change of filtering follows the school's policy, and what
// filters in any period of its calendar counts.
func TestFilteringFollowsTheRules(t *testing.T) {
	s := elmfield(t)
	v := vaultOf(t)
	needs := func(r policy.Rules) string {
		books := New(partsOf(t, s, v))
		f := rules.File{From: school.Date{Year: 2026, Month: 9, Day: 1}, Rules: r, Policy: "Any"}
		if err := books.Policy.Begin(t.Context(), f, s.Calendar.Zone); err != nil {
			t.Fatal(err)
		}
		if err := books.DeviceRules.Begin(t.Context(), "first-start", *s.Devices); err != nil {
			t.Fatal(err)
		}
		last, _ := books.DeviceRules.Last()
		wanted := last.Rules
		wanted.Assignments = append(wanted.Assignments[:2:2], wanted.Assignments[3:]...)
		it := change.By{Actor: school.Actor{Account: "it", Person: "s-it"}, Roles: []roles.Assignment{{Role: roles.IT}}}
		asked, err := books.DeviceRules.Ask(t.Context(), it, change.Ask{Base: last.N, Rules: wanted, Why: "A trial.", Risk: "A teacher looks on; it ends on Friday."})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(asked.Needs())
	}
	base := s.Policy.Rules
	if got := needs(base); got != "[technical educational]" {
		t.Errorf("Elmfield’s changes need %s", got)
	}
	policytest.Watch(t, base, needs, "filter_change_consent")
	books := New(Parts{School: s, Stamp: func() ledger.Stamp { return ledger.Stamp{Wall: monday} }})
	if got := fmt.Sprint(books.Periods()); got != fmt.Sprint([]mdm.Mode{"assembly", "break", "lesson", "lunch", "registration"}) {
		t.Errorf("the calendar’s kinds of period are %s", got)
	}
}
