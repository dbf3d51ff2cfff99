package declarations

import (
	"slices"

	"github.com/bellkeep/bellkeep/internal/school/approvers"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// Pair are the two of whom one, or both, have to know of a tie that somebody with the
// roles declarer has.
func Pair(r policy.Rules, declarer []roles.Role) [2]policy.Approver {
	pair := [2]policy.Approver{policy.ApproverHead, policy.ApproverDSL}
	if r.Roles.DSL == policy.IsHead { // one person: the rules name the second
		pair = [2]policy.Approver{r.HoldEnd.First, r.HoldEnd.Second}
	}
	for i, a := range pair {
		if approvers.Fills(r, a, declarer) { // nobody acknowledges their own
			pair[i] = policy.ApproverDeputyOrChair
		}
	}
	return pair
}

// Needed are how many people have to know by these rules.
func Needed(r policy.Rules) int {
	if r.Relationship == policy.DSLAndHead {
		return 2
	}
	return 1
}

// Wanted are those of whom one has yet to acknowledge a relationship; none when all
// that the rules want have.
func (b *Book) Wanted(d Declaration) []policy.Approver {
	r, now := b.Rules(), b.Stamp().Wall
	pair := Pair(r, approvers.Posts(b.Held(d.Person), now))
	switch {
	case len(d.Acknowledged) >= Needed(r):
		return nil
	case len(d.Acknowledged) == 0:
		return slices.Compact(pair[:])
	}
	var list []policy.Approver
	first := d.Acknowledged[0].Roles
	for i, a := range pair {
		if approvers.Fills(r, a, first) && !slices.Contains(list, pair[1-i]) {
			list = append(list, pair[1-i])
		}
	}
	if len(list) == 0 { // by the rules of today the first one counts for nothing
		return pair[:]
	}
	return list
}

// decider is who decides about contact that somebody with these roles asks for.
func decider(r policy.Rules, asker []roles.Role) policy.Approver {
	if approvers.Fills(r, policy.ApproverHead, asker) {
		return policy.ApproverChair
	}
	return policy.ApproverHead
}

// Decider is who decides about contact.
func (b *Book) Decider(d Declaration) policy.Approver {
	return decider(b.Rules(), approvers.Posts(b.Held(d.Person), b.Stamp().Wall))
}
