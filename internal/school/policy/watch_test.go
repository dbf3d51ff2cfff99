package policy_test

import (
	"fmt"
	"testing"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
)

// The warnings go by these rules.
func TestWarningsFollowTheRules(t *testing.T) {
	base := policy.Default()
	base.Curriculum, base.Review.Contradictory = policy.StaffAndHead, true
	warnings := func(r policy.Rules) string {
		return fmt.Sprint(policy.Warnings(r, school.Date{Year: 2030, Month: 11, Day: 23}), policy.Contradictions(r))
	}
	policytest.Watch(t, base, warnings, "jurisdiction", "curriculum_activity", "confiscated_release_to", "review.months", "review.contradictory",
		"review.next", "dsl_governor_meetings_per_year_min", "dp_law_text", "kcsie_year", "roles.dsl")
	base.Jurisdiction = policy.Wales
	policytest.Watch(t, base, warnings, "search.statutory")
	base.Roles.DSL, base.HoldEnd.Second = policy.IsHead, policy.ApproverDeputyOrChair
	policytest.Watch(t, base, warnings, "hold_end_approvers.second")
}
