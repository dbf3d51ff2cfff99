package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// Purpose is what a one-time link is for.
type Purpose string

// The purposes.
const (
	FirstOwner  Purpose = "first-owner" // makes the school's first account
	Reset       Purpose = "reset"       // its holder chooses a password, or links a login
	DayPassLink Purpose = "day-pass"    // the same, until the pass ends
)

// How long links live, in machine time.
const (
	ownerLasts = 24 * time.Hour
	resetLasts = time.Hour
)

// link is one that was made.
type link struct {
	account string
	purpose Purpose
	until   time.Time // machine time
}

// Code is what a link carries: a secret that works once. The book keeps only its
// hash.
type Code struct {
	Text  string
	Until time.Time // machine time
}

// codeLength is 100 bits in the letters of base 32: enough to be unguessable,
// little enough to be typed from a slip.
const codeLength = 20

func newCode() string { return rand.Text()[:codeLength] }

// Shown is the code in groups of four, for paper.
func (c Code) Shown() string {
	var groups []string
	for i := 0; i < len(c.Text); i += 4 {
		groups = append(groups, c.Text[i:min(i+4, len(c.Text))])
	}
	return strings.Join(groups, "-")
}

// hashOf is what is kept of a code, however it was typed.
func hashOf(code string) string {
	plain := strings.NewReplacer("-", "", " ", "", "0", "O", "1", "I").Replace(strings.ToUpper(code))
	h := sha256.Sum256([]byte(plain))
	return hex.EncodeToString(h[:])
}

// FirstOwner makes the link that makes a school's first account. The links
// before it no longer work. Errors: conflict (there are accounts), those of the
// ledger.
func (b *Book) FirstOwner(ctx context.Context) (Code, error) {
	b.command.Lock()
	defer b.command.Unlock()
	if !b.Empty() {
		return Code{}, errs.New(errs.Conflict, "The school has an owner already.", "Ask for a reset: bellkeep user reset NAME")
	}
	return b.makeLink(ctx, Console, link{purpose: FirstOwner, until: b.Now().Add(ownerLasts)})
}

// Reset makes the link by which the holder of an account chooses a new password.
// Whoever asks never learns it. Nobody resets their own account, which would
// only be a way round the old password. Errors: not_found, conflict, denied,
// those of the ledger.
func (b *Book) Reset(ctx context.Context, by, id string) (Code, error) {
	b.command.Lock()
	defer b.command.Unlock()
	if err := b.mayReset(by, id); err != nil {
		return Code{}, err
	}
	return b.makeLink(ctx, by, link{account: id, purpose: Reset, until: b.Now().Add(resetLasts)})
}

// mayReset refuses whoever must not touch what another signs in with: they could
// become them.
func (b *Book) mayReset(by, id string) error {
	a, known := b.Get(id)
	switch {
	case !known:
		return unknown(id)
	case !a.Ended.IsZero() || a.Left || a.Pass || !a.Seal.Sealed.IsZero():
		return errs.New(errs.Conflict, "That account cannot be reset.", "Make a new account, pass or seal.")
	case b.samePerson(by, a.Person):
		return errs.New(errs.Denied, "Change what you sign in with on your own account's page.", "Or ask another person for a reset.")
	case by != Console && a.weighty(b.Stamp().Wall) && !b.holds(by, roles.Owner, roles.Head):
		return errs.New(errs.Denied, "Only an owner or the headteacher resets that account: whoever does could become its holder.", "Ask one of them.")
	}
	return nil
}

// Lost takes away everything an account signs in with beside its password, logins
// elsewhere too: its holder has lost their phone or keys. Errors: those of Reset, and of the vault.
func (b *Book) Lost(ctx context.Context, by, id string) error {
	b.command.Lock()
	defer b.command.Unlock()
	if err := b.mayReset(by, id); err != nil {
		return err
	}
	a, _ := b.Get(id)
	old := b.secretsOf(id, func(a *account) []string {
		list := []string{a.totp.at, a.recovery.at}
		for _, k := range a.passkeys {
			list = append(list, k.at)
		}
		return list
	})
	events := []event{{kind: KindTOTPRemoved, body: body{Account: id}}, {kind: KindSessionsEnded, body: body{Account: id}}}
	for _, k := range a.Passkeys {
		events = append(events, event{kind: KindPasskeyRemoved, body: body{Account: id, ID: k.ID}})
	}
	events = append(events, cutLogins(a)...)
	if err := b.record(ctx, by, events...); err != nil {
		return err
	}
	return b.forget(ctx, old...)
}

func (b *Book) holds(id string, any ...roles.Role) bool {
	a, known := b.Get(id)
	return known && a.Holds(b.Stamp().Wall, any...)
}

func (b *Book) makeLink(ctx context.Context, by string, l link, before ...event) (Code, error) {
	code := Code{newCode(), l.until}
	made := event{kind: KindLinkMade, body: body{Account: l.account, Purpose: l.purpose, Link: hashOf(code.Text), Until: l.until}}
	return code, b.record(ctx, by, append(before, made)...)
}

// foldLink keeps the links that may still work: one for each account.
func (b *Book) foldLink(kind string, e body) {
	if kind != KindLinkMade && e.Link == "" && kind != KindPasswordSet && kind != KindEnded && kind != KindMade {
		return
	}
	for hash, l := range b.links {
		if l.account == e.Account || l.purpose == FirstOwner {
			delete(b.links, hash)
		}
	}
	if kind == KindLinkMade {
		b.links[e.Link] = link{account: e.Account, purpose: e.Purpose, until: e.Until}
	}
}

// Linked tells what a code is good for. Errors: denied, the same for a wrong
// code, a used one and one that is too old.
func (b *Book) Linked(code string) (account string, p Purpose, err error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	l, ok := b.links[hashOf(code)]
	if !ok || !b.Now().Before(l.until) {
		return "", "", errs.New(errs.Denied, "This link has been used, or it is too old.", "Ask whoever gave it to you for a new one.")
	}
	return l.account, l.purpose, nil
}

// UseLink lets the holder of a code choose a password; logins elsewhere are cut. For the first owner it
// makes the account that is named. Errors: denied, invalid, those of the ledger
// and the vault.
func (b *Book) UseLink(ctx context.Context, code string, first NewAccount, password string) (account string, err error) {
	b.command.Lock()
	defer b.command.Unlock()
	id, purpose, err := b.Linked(code)
	if err != nil {
		return "", err
	}
	var events []event
	if purpose == FirstOwner {
		id = first.ID
		made, err := b.making(first)
		if err == nil {
			err = b.mayBegin(first)
		}
		if err == nil && b.needsPerson(first.Person, roles.Owner) {
			err = errs.At("person", "Choose who you are in the register", "The owner is a member of staff.")
		}
		if err != nil {
			return "", err
		}
		given, err := giving(Account{ID: id}, roles.Assignment{Role: roles.Owner}, b.Stamp().Wall)
		if err != nil {
			return "", err
		}
		events = append(events, made, given)
	} else {
		a, _ := b.Get(id)
		if !a.Ended.IsZero() || a.Left {
			return "", errs.New(errs.Denied, fmt.Sprintf("The account %s has ended.", id), "Ask whoever looks after accounts.")
		}
		events = cutLogins(a)
	}
	return id, b.setPassword(ctx, id, id, password, hashOf(code), events...)
}
