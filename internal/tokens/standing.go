package tokens

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// Holder is how an account stands now.
type Holder struct {
	Name  string
	Roles []roles.Assignment // none when it no longer counts
}

// Holders finds the accounts that vouch for tokens.
type Holders interface {
	Holder(account string) Holder
}

func (h Holder) may(p roles.Permission, now time.Time) bool {
	return roles.May(h.Roles, p, roles.Target{}, now)
}

// weigh notes on a copy of a token which of its permissions rest now, and because
// of whom.
func (b *Book) weigh(t Token, now time.Time) Token {
	maker := b.holders.Holder(t.By.By)
	t.Rests, t.RestsFor = nil, ""
	if !maker.may(roles.UseAPI, now) {
		t.Rests, t.RestsFor = slices.Clone(t.Scopes), maker.Name
		return t
	}
	var second Holder
	if t.Agreed != nil {
		second = b.holders.Holder(t.Agreed.By)
	}
	for _, p := range t.Scopes {
		if maker.may(p, now) || t.Agreed != nil && second.may(roles.GiveRoles, now) {
			continue
		}
		t.Rests, t.RestsFor = append(t.Rests, p), maker.Name
		if t.Agreed != nil {
			t.RestsFor = second.Name
		}
	}
	return t
}
