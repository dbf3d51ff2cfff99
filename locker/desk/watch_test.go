package desk

import (
	"fmt"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// To whom a device is released goes by the rules.
func TestReleaseFollowsTheRules(t *testing.T) {
	see := func(r policy.Rules) string { return fmt.Sprint(ToWhom(r, ToOwner)) }
	policytest.Watch(t, policy.Default(), see, "confiscated_release_to")
}

// What a search needs goes by the rules.
func TestSearchFollowsTheRules(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	see := func(r policy.Rules) string {
		consented, authorised := fullSearch(now), fullSearch(now)
		consented.Consent, authorised.Consent = PupilsConsent, Statutory
		deputy := By{Roles: []roles.Assignment{{Role: roles.Leadership}}}
		return fmt.Sprint(consented.Check(r, Case{}, "s-1", now), authorised.Check(r, Case{}, "s-1", now), deputy.maySearch(r, now))
	}
	policytest.Watch(t, policy.Default(), see, "search.consent", "search.statutory", "search.by")
	acting := By{Roles: []roles.Assignment{{Role: roles.Leadership}, {Role: roles.Head, From: now, Until: now.Add(time.Hour)}}}
	rules := policy.Default()
	rules.Search.By = policy.ByHeadOnly
	if err := acting.maySearch(rules, now); err != nil {
		t.Errorf("whoever acts as head: %v", err)
	}
}
