package bellkeep_test

import (
	"go/ast"
	"slices"
	"strconv"
	"testing"

	"github.com/bellkeep/bellkeep/internal/school/policy"
)

// onlyShown are rules that nothing goes by yet but the page of the rules, and
// the work that will.
var onlyShown = map[string]string{
	"pupil_own_password_from": "another system", "leavers_disable_clause": "nothing: it is always done",
	"progress_apps_school_device_only": "managed apps",
}

// Flipping a rule changes something: beside what goes by it, a test watches it
// with policytest.Watch. TestEveryRuleIsShown watches them all on one page.
func TestEveryRuleIsWatched(t *testing.T) {
	watched := map[string]string{}
	for _, s := range sources(t) {
		if s.test {
			calls(s, "Watch", func(c *ast.CallExpr) {
				for _, arg := range c.Args {
					if lit, ok := arg.(*ast.BasicLit); ok {
						name, _ := strconv.Unquote(lit.Value)
						watched[name] = s.at(c)
					}
				}
			})
		}
	}
	for _, k := range policy.Keys {
		at, is := watched[k.Name], onlyShown[k.Name] != ""
		switch {
		case at == "" && !is:
			t.Errorf("nothing that goes by %s is tested to follow it", k.Name)
		case at != "" && is:
			t.Errorf("%s is watched at %s: take it off the list of what is only shown", k.Name, at)
		}
	}
	for name := range onlyShown {
		if !slices.ContainsFunc(policy.Keys, func(k policy.Key) bool { return k.Name == name }) {
			t.Errorf("there is no rule %s", name)
		}
	}
}
