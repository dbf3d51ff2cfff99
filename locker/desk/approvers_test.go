package desk

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school/approvers"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/policy/policytest"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
)

// everybody who could be named as an approver, and one who could not.
var candidates = []roles.Role{roles.Head, roles.DSL, roles.DeputyDSL, roles.Chair, roles.Leadership}

// pairs are which two people end a hold by some rules, each pair in both orders.
func pairs(t *testing.T, r policy.Rules) string {
	t.Helper()
	var list []string
	for _, first := range candidates {
		for _, second := range candidates {
			b, _ := open(t)
			b.rules = func() policy.Rules { return r }
			bar, err := b.Place(t.Context(), "office", Hold, locker.Subject{Person: "p-1"})
			if err != nil {
				t.Fatal(err)
			}
			one, two := of(string(first), "s-1"), of(string(second), "s-2")
			_, _ = b.End(t.Context(), one, bar.ID) // whether it counted shows next
			if ended, _ := b.End(t.Context(), two, bar.ID); ended {
				list = append(list, fmt.Sprint(first, "+", second))
			}
		}
	}
	return strings.Join(list, " ")
}

// Who ends a hold goes by the rules.
func TestEndOfAHoldFollowsTheRules(t *testing.T) {
	see := func(r policy.Rules) string { return pairs(t, r) }
	base := policy.Default()
	base.HoldEnd = policy.HoldEnd{First: policy.ApproverHead, Second: policy.ApproverChair}
	policytest.Watch(t, base, see, "hold_end_approvers.first", "hold_end_approvers.second")
}

// One of the two named has the first word, the other the second, in any order.
func TestHoldIsEndedByThoseNamed(t *testing.T) {
	base := policy.Default()
	headIsDSL := policy.Default()
	headIsDSL.Roles.DSL = policy.IsHead
	for _, c := range []struct {
		name          string
		rules         policy.Rules
		first, second policy.Approver
		want          string
	}{
		{"head and lead", base, policy.ApproverHead, policy.ApproverDSL, "head+dsl dsl+head"},
		{"head and deputy or chair", base, policy.ApproverHead, policy.ApproverDeputyOrChair, "head+deputy-dsl head+chair deputy-dsl+head chair+head"},
		{"lead and chair", base, policy.ApproverDSL, policy.ApproverChair, "dsl+chair chair+dsl"},
		{"the head, who is the lead, and chair", headIsDSL, policy.ApproverDSL, policy.ApproverChair, "head+chair dsl+chair chair+head chair+dsl"},
	} {
		c.rules.HoldEnd = policy.HoldEnd{First: c.first, Second: c.second}
		if got := pairs(t, c.rules); got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

// Somebody who holds both posts is one person, and leaves either to the other.
func TestOneWithBothPosts(t *testing.T) {
	b, log := open(t)
	bar, err := b.Place(t.Context(), "office", Hold, locker.Subject{Person: "p-1"})
	if err != nil {
		t.Fatal(err)
	}
	both := of("head", "s-1")
	both.Roles = append(both.Roles, roles.Assignment{Role: roles.DSL})
	end := func(who By, ended bool, code errs.Code) {
		t.Helper()
		if got, err := b.End(t.Context(), who, bar.ID); got != ended || errs.CodeOf(err) != code {
			t.Errorf("%s: %t, %v", who.Account, got, err)
		}
	}
	end(both, false, "")
	end(both, false, errs.Denied)
	if again := New(log, b.stamp, policy.Default); log.Read(t.Context(), 0, again.Fold) != nil || approvers.Words(again.Standing()[0].Wanted, "or") != "the headteacher or the safeguarding lead" {
		t.Errorf("after a restart wanted: %s", approvers.Words(again.Standing()[0].Wanted, "or"))
	}
	end(of("head", "s-2"), true, "")
}

// What the first approver asked by counts only while the rules name them, and a
// role that has ended is none.
func TestApprovalByOtherRules(t *testing.T) {
	b, _ := open(t)
	bar, err := b.Place(t.Context(), "office", Hold, locker.Subject{Person: "p-1"})
	if err != nil {
		t.Fatal(err)
	}
	acting := of("head", "s-1")
	acting.Roles[0].Until = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	if _, err := b.End(t.Context(), acting, bar.ID); errs.CodeOf(err) != errs.Denied {
		t.Errorf("whoever was head until this morning: %v", err)
	}
	if _, err := b.End(t.Context(), somebody(roles.DSL), bar.ID); err != nil {
		t.Fatal(err)
	}
	if s := b.Standing()[0]; s.EndBy != "dsl" || approvers.Words(s.Wanted, "or") != "the headteacher" {
		t.Errorf("after the lead asked: %s, wanted %s", s.EndBy, approvers.Words(s.Wanted, "or"))
	}
	rules := policy.Default()
	rules.HoldEnd.Second = policy.ApproverDeputy
	b.rules = func() policy.Rules { return rules }
	if s := b.Standing()[0]; s.EndBy != "" || approvers.Words(s.Wanted, "and") != "the headteacher and the deputy safeguarding lead" {
		t.Errorf("by other rules: %s, wanted %s", s.EndBy, approvers.Words(s.Wanted, "and"))
	}
	if ended, err := b.End(t.Context(), somebody(roles.Head), bar.ID); ended || err != nil {
		t.Errorf("the head, who is now the first to ask: %t, %v", ended, err)
	}
}

// The approval of somebody whose roles are not on record, as in records of before
// the rules bound this, waits for nobody.
func TestApprovalWithoutRoles(t *testing.T) {
	b, log := open(t)
	bar, err := b.Place(t.Context(), "office", Hold, locker.Subject{Person: "p-1"})
	if err != nil {
		t.Fatal(err)
	}
	body := fmt.Sprintf(`{"id":%q,"by":"head","person":"s-head"}`, bar.ID)
	if _, err := log.Append(t.Context(), ledger.Entry{Kind: KindEndAsked, Stamp: b.stamp(), Body: []byte(body)}); err != nil {
		t.Fatal(err)
	}
	again := New(log, b.stamp, policy.Default)
	if err := log.Read(t.Context(), 0, again.Fold); err != nil {
		t.Fatal(err)
	}
	if ended, err := again.End(t.Context(), somebody(roles.DSL), bar.ID); ended || err != nil {
		t.Errorf("a hold ended by one whose post is known: %t, %v", ended, err)
	}
}
