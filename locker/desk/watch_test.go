package desk

import (
	"fmt"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
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
		return fmt.Sprint(consented.Check(r, Case{}, "s-1", now), authorised.Check(r, Case{}, "s-1", now))
	}
	policytest.Watch(t, policy.Default(), see, "search.consent", "search.statutory")
}
