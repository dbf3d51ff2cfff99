package accounts

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// How is what somebody proved who they are with.
type How string

// The proofs.
const (
	ByPassword How = "password"
	ByCode     How = "code"     // of an app, after the password
	ByRecovery How = "recovery" // one of the codes on paper, after the password
	ByPasskey  How = "passkey"
	ByLogin    How = "login" // at another service
	ByLink     How = "link"  // printed or handed over, used once
)

// Proof is one proof. It counts once it is on record: see SignIn.
type Proof struct {
	How      How
	Step     int64  // of a code of an app
	Recovery int    // which code on paper, from 1
	Passkey  string // its id
	Count    uint32 // of its signatures, by its own word

	of string // id in the vault of the secret a code was held against
}

// Password reports whether a password is right for an account that may sign in
// now. A name nobody has takes as long as a wrong password. When too many sign
// in at once, some are refused rather than kept waiting.
func (b *Book) Password(id, password string) bool {
	b.mu.RLock()
	a, verifier, live := b.accounts[id], nobodys, false
	if a != nil && a.password.value != "" {
		verifier, live = a.password.value, b.shown(a).Live(b.Stamp().Wall)
	}
	b.mu.RUnlock()
	return b.verify(verifier, password) && live
}

// nobodys is what a name that nobody has is checked against, to take as long: the
// verifier of a random text that was thrown away.
const nobodys = "$argon2id$v=19$m=19456,t=2,p=1$NQXa8WxkTWDKjizC0h6/Gw$btYb9+ydZXFHHiFDwTNzoeoGR1LCZTvxMq8SMOpGOLs"

// verify takes its turn to check a password.
func (b *Book) verify(verifier, password string) bool {
	select {
	case b.room <- struct{}{}:
	case <-time.After(patience):
		return false
	}
	defer func() { <-b.room }()
	return utf8.RuneCountInString(password) <= MaxPassword && b.check(verifier, password)
}

// Second reports whether a password alone does not sign an account in.
func (b *Book) Second(id string) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	a := b.accounts[id]
	return a != nil && a.totp.value != ""
}

// SignIn records that somebody signs in with p, and only then do they. A step
// or code that was taken meanwhile is refused. The first use of a sealed account
// gives it its roles. Errors: denied, those of the ledger.
func (b *Book) SignIn(ctx context.Context, id string, p Proof) error {
	return b.take(ctx, KindSignedIn, id, p)
}

// Prove is SignIn for somebody who is signed in and says once more who they are.
func (b *Book) Prove(ctx context.Context, id string, p Proof) error {
	return b.take(ctx, KindProved, id, p)
}

func (b *Book) take(ctx context.Context, kind, id string, p Proof) error {
	b.command.Lock()
	defer b.command.Unlock()
	now := b.Stamp().Wall
	b.mu.RLock()
	a := b.accounts[id]
	ok := a != nil && b.shown(a).Live(now) && a.fresh(p)
	sealed := ok && !a.Seal.Sealed.IsZero() && a.Seal.Broken.IsZero()
	b.mu.RUnlock()
	if !ok {
		return errs.New(errs.Denied, "That does not sign anybody in any more.", "Try again with a new code.")
	}
	events := []event{{kind: kind, body: body{Account: id, How: p.How, Step: p.Step, Code: p.Recovery, ID: p.Passkey, Count: p.Count}}}
	if sealed {
		events = append(events, breakSeal(id, now)...)
	}
	return b.record(ctx, id, events...)
}

// fresh reports whether what p shows has not been shown before, and is of the
// secret that counts now: it may have been changed since it was checked.
func (a *account) fresh(p Proof) bool {
	switch p.How {
	case ByCode:
		return a.totp.value != "" && p.of == a.totp.at && p.Step > a.step
	case ByRecovery:
		return p.Recovery > 0 && p.of == a.recovery.at && !a.spent[p.Recovery]
	case ByPasskey:
		return a.passkeys[p.Passkey] != nil
	}
	return true
}

// foldProof remembers what must not be shown twice.
func foldProof(a *account, e body, _ []byte, r ledger.Record) {
	switch e.How {
	case ByCode:
		a.step = max(a.step, e.Step)
	case ByRecovery:
		if a.spent != nil { // a code of no list spends nothing
			a.spent[e.Code] = true
		}
	case ByPasskey:
		if k := a.passkeys[e.ID]; k != nil {
			used := *k
			used.Used, used.count = r.Stamp.Wall, e.Count
			a.passkeys[e.ID] = &used
		}
	}
}

// SignOut records that somebody left. Errors: those of the ledger.
func (b *Book) SignOut(ctx context.Context, id string) error {
	b.command.Lock()
	defer b.command.Unlock()
	return b.record(ctx, id, event{kind: KindSignedOut, body: body{Account: id}})
}

// EndSessions ends everything an account is signed in with. Errors: not_found,
// invalid, those of the ledger.
func (b *Book) EndSessions(ctx context.Context, by, id string) error {
	b.command.Lock()
	defer b.command.Unlock()
	if _, known := b.Get(id); !known {
		return unknown(id)
	}
	return b.record(ctx, by, event{kind: KindSessionsEnded, body: body{Account: id}})
}

func foldTOTP(a *account, e body, key []byte, r ledger.Record) {
	a.totp, a.TOTP, a.step = secret{e.Content, string(key)}, r.Stamp.Wall, e.Step
}

func foldTOTPRemoved(a *account, _ body, _ []byte, _ ledger.Record) {
	a.totp, a.TOTP, a.recovery = secret{}, time.Time{}, secret{}
}

func foldRecovery(a *account, e body, hashes []byte, _ ledger.Record) {
	a.recovery, a.spent = secret{e.Content, string(hashes)}, map[int]bool{}
}

// passkey is a passkey with what it is checked against.
type ownPasskey struct {
	Passkey
	at         string
	credential json.RawMessage
	count      uint32
}

func foldPasskey(a *account, e body, content []byte, r ledger.Record) {
	var kept keptPasskey
	if json.Unmarshal(content, &kept) == nil { // erased content is a passkey nobody has
		own := Passkey{ID: e.ID, Label: kept.Label, Since: r.Stamp.Wall}
		a.passkeys[e.ID] = &ownPasskey{Passkey: own, at: e.Content, credential: kept.Credential}
	}
}

// breakSeal is what the first use of a sealed account does.
func breakSeal(id string, now time.Time) []event {
	events := []event{{kind: KindSealBroken, body: body{Account: id}}}
	for _, role := range []roles.Role{roles.Head, roles.Owner} {
		events = append(events, event{kind: KindRoleGiven, body: body{Account: id, ID: random()[:12], Role: role, From: now, Until: now.Add(SealLasts)}})
	}
	return events
}

// Broken are the sealed accounts that are open now: everybody should know.
func (b *Book) Broken() []Account {
	now := b.Stamp().Wall
	return slices.DeleteFunc(b.List(), func(a Account) bool {
		return a.Seal.Broken.IsZero() || !now.Before(a.Seal.Broken.Add(SealLasts))
	})
}

// split takes a list in the vault apart.
func split(text string) []string { return strings.Fields(text) }

// numbered names the sealed accounts.
func numbered(n int) string { return sealedPrefix + strconv.Itoa(n) }
