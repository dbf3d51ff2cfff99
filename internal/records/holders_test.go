package records

import (
	"testing"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/accounts/accountstest"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// What an account vouches for goes with its roles, with its end and with its
// holder.
func TestHoldersStandAsTheirAccounts(t *testing.T) {
	s := accountstest.Open(t, "")
	s.Hire(t, "owner", "s-4", roles.Owner)
	for i, id := range []string{"role", "end", "leaver", "outsider"} {
		s.Hire(t, id, []string{"s-1", "s-2", "s-3", ""}[i], roles.IT)
	}
	may := func(id string) bool {
		h := holders{s.Book}.Holder(id)
		if h.Name == "" {
			t.Errorf("%s has no name", id)
		}
		return roles.May(h.Roles, roles.UseAPI, roles.Target{}, s.Now())
	}
	if !may("role") || !may("end") || !may("leaver") || may("outsider") || may("stranger") {
		t.Error("not as hired")
	}
	a, _ := s.Get("role")
	for _, err := range []error{s.EndRole(t.Context(), accounts.Console, "role", a.Grants[0].ID), s.End(t.Context(), accounts.Console, "end")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	s.Leave("s-3")
	if may("role") || may("end") || may("leaver") {
		t.Error("it outlives the account")
	}
}
