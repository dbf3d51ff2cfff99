package records

import (
	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/tokens"
)

// holders are the accounts that vouch for tokens.
type holders struct{ accounts *accounts.Book }

// Holder is how an account stands now.
func (h holders) Holder(account string) tokens.Holder {
	s, live := h.accounts.Standing(account)
	if s.Name == "" {
		s.Name = account
	}
	if !live {
		return tokens.Holder{Name: s.Name}
	}
	return tokens.Holder{Name: s.Name, Roles: s.Roles}
}

// rolesOf are the roles that a person has now, by all accounts of theirs.
func (r *Records) rolesOf(person string) (list []roles.Assignment) {
	for _, a := range r.Users.List() {
		if a.Person == person && a.Live(r.stamp().Wall) {
			list = append(list, a.Assignments()...)
		}
	}
	return list
}
