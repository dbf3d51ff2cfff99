package accounts

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// maxLogins is how many other services an account may be signed in by.
const maxLogins = 4

// LinkLogin lets an account be signed in to by an account elsewhere, known by
// issuer and subject and never by an address. Its holder asks for it, signed in.
// Errors: not_found, conflict (somebody's already), those of the ledger and the
// vault.
func (b *Book) LinkLogin(ctx context.Context, id string, l Login) error {
	b.command.Lock()
	defer b.command.Unlock()
	a, known := b.Get(id)
	taken, used := b.ByLogin(l.Issuer, l.Subject)
	switch {
	case !known || a.Pass || !a.Seal.Sealed.IsZero():
		return unknown(id)
	case l.Issuer == "" || l.Subject == "":
		return errs.New(errs.Invalid, "The other service did not say who you are.", "Ask whoever looks after it.")
	case used && taken == id:
		return nil
	case used:
		return errs.New(errs.Conflict, "That login belongs to another account here.", "Sign in to that one, or ask IT to remove it there.")
	case len(a.Logins) >= maxLogins:
		return errs.New(errs.Conflict, "There are enough logins.", "Remove one you no longer use.")
	}
	content, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return b.record(ctx, id, event{kind: KindOIDCLinked, body: body{Account: id, ID: random()[:12]}, content: content})
}

// UnlinkLogin takes a login away. Errors: not_found, invalid, those of the
// ledger.
func (b *Book) UnlinkLogin(ctx context.Context, by, id, login string) error {
	b.command.Lock()
	defer b.command.Unlock()
	a, _ := b.Get(id)
	if !slices.ContainsFunc(a.Logins, func(l Login) bool { return l.ID == login }) {
		return errs.New(errs.NotFound, "There is no such login.", "It may have been removed already: look again.")
	}
	return b.record(ctx, by, event{kind: KindOIDCUnlinked, body: body{Account: id, ID: login}})
}

// cutLogins takes every login of an account away.
func cutLogins(a Account) []event {
	var events []event
	for _, l := range a.Logins {
		events = append(events, event{kind: KindOIDCUnlinked, body: body{Account: a.ID, ID: l.ID}})
	}
	return events
}

// ByLogin finds the account that an account elsewhere signs in to, ended ones
// too: nobody else gets its login.
func (b *Book) ByLogin(issuer, subject string) (id string, ok bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, a := range b.accounts {
		for _, l := range a.Logins {
			if l.Issuer == issuer && l.Subject == subject {
				return a.ID, true
			}
		}
	}
	return "", false
}
