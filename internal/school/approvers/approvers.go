// Package approvers says who ends a hold or a quarantine together: the two whom a
// school's rules name, in any order. That they are two people is for whoever asks.
// It is pure.
package approvers

import (
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// posts are the roles that whoever the rules name as an approver may hold.
var posts = map[policy.Approver][]roles.Role{
	policy.ApproverHead:          {roles.Head},
	policy.ApproverDSL:           {roles.DSL},
	policy.ApproverDeputy:        {roles.DeputyDSL},
	policy.ApproverChair:         {roles.Chair},
	policy.ApproverDeputyOrChair: {roles.DeputyDSL, roles.Chair},
}

// Fills reports whether somebody with these roles is what the rules mean by a.
func Fills(r policy.Rules, a policy.Approver, held []roles.Role) bool {
	mean := posts[a]
	if a == policy.ApproverDSL && r.Roles.DSL == policy.IsHead {
		mean = append(slices.Clone(mean), roles.Head)
	}
	return slices.ContainsFunc(mean, func(role roles.Role) bool { return slices.Contains(held, role) })
}

// Any reports whether somebody with these roles is one of the approvers wanted.
func Any(r policy.Rules, wanted []policy.Approver, held []roles.Role) bool {
	return slices.ContainsFunc(wanted, func(a policy.Approver) bool { return Fills(r, a, held) })
}

// Wanted are the approvers of whom one has the next word: either of the two at
// first; after somebody with the roles asked, whom they leave; none when their
// asking counts for nothing by the rules.
func Wanted(r policy.Rules, asked []roles.Role) []policy.Approver {
	first, second := r.HoldEnd.First, r.HoldEnd.Second
	if asked == nil {
		return []policy.Approver{first, second}
	}
	var list []policy.Approver
	if Fills(r, second, asked) {
		list = append(list, first)
	}
	if Fills(r, first, asked) {
		list = append(list, second)
	}
	return list
}

// Posts are those of somebody's roles in force at now that the rules could name as
// an approver.
func Posts(held []roles.Assignment, now time.Time) []roles.Role {
	var list []roles.Role
	for _, a := range held {
		if a.Holds(now) && slices.Contains(all, a.Role) {
			list = append(list, a.Role)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

var all = []roles.Role{roles.Head, roles.DSL, roles.DeputyDSL, roles.Chair}

// Words names approvers inside a sentence, joined by "and" or "or".
func Words(list []policy.Approver, join string) string {
	var words []string
	for _, a := range list {
		words = append(words, a.Words())
	}
	return strings.Join(words, " "+join+" ")
}
