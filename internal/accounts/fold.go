package accounts

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// The kinds of the book's records.
const (
	KindMade           = "account-made"
	KindEnded          = "account-ended"
	KindLinked         = "account-linked"
	KindPasswordSet    = "password-set"
	KindTOTPSet        = "totp-set"
	KindTOTPRemoved    = "totp-removed"
	KindRecoveryMade   = "recovery-made"
	KindPasskeyAdded   = "passkey-added"
	KindPasskeyRemoved = "passkey-removed"
	KindOIDCLinked     = "oidc-linked"
	KindOIDCUnlinked   = "oidc-unlinked"
	KindRoleGiven      = "role-given"
	KindRoleEnded      = "role-ended"
	KindPassGiven      = "pass-given"
	KindLinkMade       = "link-made"
	KindSealed         = "account-sealed"
	KindSealBroken     = "seal-broken"
	KindSignedIn       = "signed-in"
	KindProved         = "proved"
	KindSignedOut      = "signed-out"
	KindSessionsEnded  = "sessions-ended"
	KindRefused        = "sign-in-refused" // as often as it says, within the hours it says
)

// body is the body of all kinds.
type body struct {
	By      string `json:"by"`
	Account string `json:"account,omitempty"`
	Person  string `json:"person,omitempty"`
	Visit   string `json:"visit,omitempty"` // of whoever has a day pass

	ID    string     `json:"id,omitempty"` // of a role given, a passkey, a login
	Role  roles.Role `json:"role,omitempty"`
	Forms []string   `json:"forms,omitempty"`
	From  time.Time  `json:"from,omitzero"`
	Until time.Time  `json:"until,omitzero"` // school time; of a link machine time

	Link    string  `json:"link,omitempty"` // SHA-256 of its code
	Purpose Purpose `json:"purpose,omitempty"`

	How   How    `json:"how,omitempty"`
	Step  int64  `json:"step,omitempty"`  // of a code of an app
	Code  int    `json:"code,omitempty"`  // which recovery code, from 1
	Count uint32 `json:"count,omitempty"` // of signatures, by a passkey's own word
	Times int    `json:"times,omitempty"` // it was refused

	Content    string            `json:"content,omitempty"` // id in the vault
	Commitment *vault.Commitment `json:"commitment,omitempty"`
}

// folds says for each kind what it does to its account.
var folds = map[string]func(a *account, e body, content []byte, r ledger.Record){
	KindMade:           func(a *account, e body, name []byte, r ledger.Record) {}, // see Fold
	KindEnded:          func(a *account, e body, _ []byte, r ledger.Record) { a.Ended = r.Stamp.Wall },
	KindLinked:         func(a *account, e body, _ []byte, _ ledger.Record) { a.Person = e.Person },
	KindPasswordSet:    foldPassword,
	KindTOTPSet:        foldTOTP,
	KindTOTPRemoved:    foldTOTPRemoved,
	KindRecoveryMade:   foldRecovery,
	KindPasskeyAdded:   foldPasskey,
	KindPasskeyRemoved: func(a *account, e body, _ []byte, _ ledger.Record) { delete(a.passkeys, e.ID) },
	KindOIDCLinked:     foldLogin,
	KindOIDCUnlinked: func(a *account, e body, _ []byte, _ ledger.Record) {
		a.Logins = slices.DeleteFunc(a.Logins, func(l Login) bool { return l.ID == e.ID })
	},
	KindRoleGiven:     foldGrant,
	KindRoleEnded:     foldGrantEnded,
	KindPassGiven:     func(a *account, e body, _ []byte, _ ledger.Record) { a.Pass, a.Visit = true, e.Visit },
	KindLinkMade:      func(*account, body, []byte, ledger.Record) {},
	KindSealed:        foldSealed,
	KindSealBroken:    func(a *account, _ body, _ []byte, r ledger.Record) { a.Seal.Broken = r.Stamp.Wall },
	KindSignedIn:      foldProof,
	KindProved:        foldProof,
	KindSignedOut:     func(*account, body, []byte, ledger.Record) {},
	KindSessionsEnded: func(a *account, _ body, _ []byte, _ ledger.Record) { a.endedSess++ },
}

// quiet are the kinds that change nothing about an account itself.
var quiet = []string{KindLinkMade, KindSignedIn, KindProved, KindSignedOut, KindSessionsEnded}

// Fold takes in a record of the school's ledger; kinds of others are ignored.
// Errors: invalid, unavailable.
func (b *Book) Fold(r ledger.Record) error {
	if r.Kind == KindRefused {
		return b.foldRefused(r)
	}
	apply, ours := folds[r.Kind]
	if !ours {
		return nil
	}
	var e body
	if err := json.Unmarshal(r.Body, &e); err != nil || e.Account == "" && e.Purpose != FirstOwner {
		return unreadable(r, err)
	}
	var content []byte
	if e.Content != "" {
		kept, err := b.Vault.Get(context.Background(), e.Content) // one local file: there is nothing to wait for
		if err != nil && errs.CodeOf(err) != errs.NotFound {
			return err
		}
		content = kept
	}
	r.Stamp.Wall = r.Stamp.Wall.UTC().Truncate(time.Millisecond)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.foldLink(r.Kind, e)
	if e.Account == "" {
		return nil
	}
	a := b.accounts[e.Account]
	if a == nil {
		a = &account{Account: Account{ID: e.Account, Person: e.Person, Name: e.Account, Made: r.Stamp.Wall, By: e.By}, passkeys: map[string]*ownPasskey{}}
		if len(content) > 0 && r.Kind == KindMade {
			a.Name, a.nameAt = string(content), e.Content
		}
		b.accounts[e.Account] = a
	}
	apply(a, e, content, r)
	if !slices.Contains(quiet, r.Kind) {
		a.Changed = r.Stamp.Wall
	}
	return nil
}

func unreadable(r ledger.Record, err error) error {
	return errs.Wrap(err, errs.Invalid, fmt.Sprintf("Record %d of the school's ledger, %s, cannot be read.", r.Seq, r.Kind), "Verify the ledger: bellkeep ledger verify")
}

func foldPassword(a *account, e body, verifier []byte, r ledger.Record) {
	a.password = secret{e.Content, string(verifier)}
	a.Password = r.Stamp.Wall
}

func foldGrant(a *account, e body, _ []byte, r ledger.Record) {
	a.Grants = append(a.Grants, Grant{ID: e.ID, Given: r.Stamp.Wall, By: e.By,
		Assignment: roles.Assignment{Role: e.Role, Forms: e.Forms, From: e.From, Until: e.Until}})
}

func foldGrantEnded(a *account, e body, _ []byte, r ledger.Record) {
	a.Grants = slices.Clone(a.Grants) // lists given out keep what they showed
	for i, g := range a.Grants {
		if g.ID == e.ID {
			a.Grants[i].Ended, a.Grants[i].EndedBy = r.Stamp.Wall, e.By
		}
	}
}

func foldLogin(a *account, e body, content []byte, r ledger.Record) {
	login := Login{ID: e.ID, Since: r.Stamp.Wall}
	if json.Unmarshal(content, &login) == nil { // erased content is a login nobody has
		login.ID, login.Since = e.ID, r.Stamp.Wall
		a.Logins = append(slices.Clone(a.Logins), login)
	}
}

func foldSealed(a *account, e body, verifier []byte, r ledger.Record) {
	foldPassword(a, e, verifier, r)
	a.Seal = Seal{Sealed: r.Stamp.Wall}
}
