package accounts

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

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
// the latest, the end of that day. Its code lets its holder choose a password
// for the day. Errors: invalid, those of the ledger and the vault.
func (b *Book) GivePass(ctx context.Context, by, name string, forms []string, until time.Time) (DayPass, error) {
	b.command.Lock()
	defer b.command.Unlock()
	now := b.Stamp().Wall
	today := school.DateOf(now.In(b.Zone))
	switch {
	case name == "":
		return DayPass{}, errs.At("name", "Enter the name of who it is for", "")
	case len(forms) == 0:
		return DayPass{}, errs.At("forms", "Choose at least one form", "")
	case !until.After(now) || until.After(today.Next().At(school.Clock{}, b.Zone)):
		return DayPass{}, errs.At("until", "A pass ends later today", "Give another tomorrow.")
	}
	p := DayPass{Account: passPrefix + random()[:6], Name: name, Forms: forms, Until: until}
	made, err := b.making(NewAccount{ID: p.Account, Name: name})
	if err != nil {
		return DayPass{}, err
	}
	given, err := giving(Account{ID: p.Account}, roles.Assignment{Role: roles.Supply, Forms: forms, From: now, Until: until}, now)
	if err != nil {
		return DayPass{}, err
	}
	pass := event{kind: KindPassGiven, body: body{Account: p.Account}}
	p.Code, err = b.makeLink(ctx, by, link{account: p.Account, purpose: DayPassLink, until: b.Now().Add(until.Sub(now))}, made, pass, given)
	return p, err
}
