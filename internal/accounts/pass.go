package accounts

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// Visitors are people outside the register who signed the school's agreement.
type Visitors interface {
	MayEnter(visit string) error // why they may have no day pass; nil if they may
	Called(visit string) string  // their name; "" once it is not kept any more
}

// DayPass is what a supply teacher gets for a day.
type DayPass struct {
	Account string
	Name    string
	Forms   []string
	Until   time.Time // school time
	Code    Code
}

// passPrefix begins the names of accounts for a day.
const passPrefix = "pass-"

// GivePass makes an account for one day: a supply teacher of some forms until, at
// the latest, the end of that day. visit is theirs: nobody has a pass who has not
// signed the visitors' agreement. Its code lets its holder choose a password for the
// day. Errors: invalid, denied, those of the ledger and the vault.
func (b *Book) GivePass(ctx context.Context, by, visit string, forms []string, until time.Time) (DayPass, error) {
	b.command.Lock()
	defer b.command.Unlock()
	now := b.Stamp().Wall
	today := school.DateOf(now.In(b.Zone))
	switch {
	case visit == "":
		return DayPass{}, errs.At("visit", "Choose who it is for", "They sign the visitors’ agreement first.")
	case b.Visitors == nil:
		return DayPass{}, errs.New(errs.Unavailable, "Nobody can say whether they have signed the visitors’ agreement.", "")
	case len(forms) == 0:
		return DayPass{}, errs.At("forms", "Choose at least one form", "")
	case !until.After(now) || until.After(today.Next().At(school.Clock{}, b.Zone)):
		return DayPass{}, errs.At("until", "A pass ends later today", "Give another tomorrow.")
	}
	if err := b.Visitors.MayEnter(visit); err != nil {
		return DayPass{}, err
	}
	p := DayPass{Account: passPrefix + random()[:6], Name: b.Visitors.Called(visit), Forms: forms, Until: until}
	made, err := b.making(NewAccount{ID: p.Account})
	if err != nil {
		return DayPass{}, err
	}
	given, err := giving(Account{ID: p.Account}, roles.Assignment{Role: roles.Supply, Forms: forms, From: now, Until: until}, now)
	if err != nil {
		return DayPass{}, err
	}
	pass := event{kind: KindPassGiven, body: body{Account: p.Account, Visit: visit}}
	p.Code, err = b.makeLink(ctx, by, link{account: p.Account, purpose: DayPassLink, until: b.Now().Add(until.Sub(now))}, made, pass, given)
	return p, err
}
