package desk

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
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

// fills reports whether somebody with these roles is what the rules mean by a.
func fills(r policy.Rules, a policy.Approver, held []roles.Role) bool {
	mean := posts[a]
	if a == policy.ApproverDSL && r.Roles.DSL == policy.IsHead {
		mean = append(slices.Clone(mean), roles.Head)
	}
	return slices.ContainsFunc(mean, func(role roles.Role) bool { return slices.Contains(held, role) })
}

// wanted are the approvers of whom one has the next word on ending a hold: either
// of the two at first; after somebody with the roles asked, whom they leave; none
// when their asking counts for nothing by the rules.
func wanted(r policy.Rules, asked []roles.Role) []policy.Approver {
	first, second := r.HoldEnd.First, r.HoldEnd.Second
	if asked == nil {
		return []policy.Approver{first, second}
	}
	var list []policy.Approver
	if fills(r, second, asked) {
		list = append(list, first)
	}
	if fills(r, first, asked) {
		list = append(list, second)
	}
	return list
}

// Fills reports whether somebody is one of the approvers wanted.
func (b *Book) Fills(who By, wanted []policy.Approver) bool {
	return b.fills(who, wanted, b.stamp().Wall)
}

func (b *Book) fills(who By, wanted []policy.Approver, now time.Time) bool {
	held, rules := who.posts(now), b.rules()
	return slices.ContainsFunc(wanted, func(a policy.Approver) bool { return fills(rules, a, held) })
}

// posts are those of somebody's roles in force at now that the rules could name
// as an approver.
func (b By) posts(now time.Time) []roles.Role {
	var list []roles.Role
	for _, a := range b.Roles {
		if a.Holds(now) && slices.Contains(approvers, a.Role) {
			list = append(list, a.Role)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

var approvers = []roles.Role{roles.Head, roles.DSL, roles.DeputyDSL, roles.Chair}

// unwanted refuses whoever is not an approver that the rules want now.
func (b *Book) unwanted(who By, now time.Time, wanted []policy.Approver, asked bool) error {
	if b.fills(who, wanted, now) {
		return nil
	}
	if asked {
		return errs.New(errs.Denied, "By the school's rules you are not the second person who ends this hold.",
			fmt.Sprintf("Now it is for %s: ask them to sign in and end it.", Words(wanted, "or")))
	}
	return errs.New(errs.Denied, "By the school's rules you are not one of the two who end a hold.",
		fmt.Sprintf("It is for %s: ask one of them to sign in and ask for its end.", Words(wanted, "and")))
}

// Words names approvers inside a sentence, joined by "and" or "or".
func Words(list []policy.Approver, join string) string {
	var words []string
	for _, a := range list {
		words = append(words, a.Words())
	}
	return strings.Join(words, " "+join+" ")
}
