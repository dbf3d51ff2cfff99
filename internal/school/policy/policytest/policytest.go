// Package policytest makes sure that no rule is there for nothing. Whatever goes
// by a rule has a test beside it that watches it: what it decides or says must
// be another for every other value of the rule.
package policytest

import (
	"testing"

	"github.com/bellkeep/bellkeep/internal/school/policy"
)

// Watch flips each of the keys to every other value it could have, and fails
// where see gives the same as before.
func Watch(t *testing.T, base policy.Rules, see func(policy.Rules) string, keys ...string) {
	t.Helper()
	before := see(base.Copy())
	for _, name := range keys {
		k, ok := policy.Find(name)
		if !ok {
			t.Errorf("there is no rule %s", name)
			continue
		}
		for _, value := range k.Others(base) {
			r := base.Copy()
			if err := k.Set(&r, value); err != nil {
				t.Errorf("%s = %q: %v", name, value, err)
				continue
			}
			if see(r) == before {
				t.Errorf("%s = %q changes nothing", name, value)
			}
		}
	}
}
