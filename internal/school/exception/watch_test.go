package exception

import (
	"fmt"
	"testing"

	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
)

// Which kinds of exception there may be at all goes by these rules.
func TestKindsFollowTheRules(t *testing.T) {
	call := medical()
	call.Kind = ParentContact
	see := func(r policy.Rules) string {
		return fmt.Sprint(lesson().Check(r, calendar(), now), call.Check(r, calendar(), now))
	}
	policytest.Watch(t, policy.Default(), see, "curriculum_activity", "parent_contact_exceptions")
}
