package signin

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
)

// A school whose policy wants passwords changed is led to do so at the next
// sign-in, once one is old; nobody else is, and nobody is locked out.
func TestOldPasswords(t *testing.T) {
	s := open(t, true)
	rules := policy.Default()
	s.sessions.Rotation = func() policy.Rotation { return rules.PasswordRotation }
	leadsTo := func(r policy.Rules) string {
		rules = r
		v := visit(t, s)
		return v.post("/sign-in", signInForm("office")).Header.Get("Location")
	}
	regular := policy.Default()
	regular.PasswordRotation = policy.RegularRotation
	if to := leadsTo(regular); to != "/" {
		t.Errorf("a new password leads to %q", to)
	}
	s.Wait(accounts.RotateAfter + time.Hour)
	if to := leadsTo(regular); to != passwordPath {
		t.Errorf("an old password leads to %q", to)
	}
	policytest.Watch(t, policy.Default(), leadsTo, "password_rotation")
}
