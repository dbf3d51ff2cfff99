package accounts

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
)

// The limits of passkeys.
const (
	MaxPasskeys = 10
	MaxLabel    = 40      // characters
	maxKey      = 8 << 10 // bytes of a credential
)

// Credential is a passkey as whoever speaks WebAuthn made it. The book keeps it
// as it is, and the count of signatures beside it.
type Credential struct {
	ID   string
	Data json.RawMessage
	Used uint32 // signatures, as the passkey last counted them
}

// Credentials are an account's passkeys.
func (b *Book) Credentials(id string) []Credential {
	b.mu.RLock()
	defer b.mu.RUnlock()
	a := b.accounts[id]
	if a == nil {
		return nil
	}
	var list []Credential
	for _, key := range slices.Sorted(maps.Keys(a.passkeys)) {
		list = append(list, Credential{key, a.passkeys[key].credential, a.passkeys[key].count})
	}
	return list
}

// Keys are the public halves of an account's passkeys, as whoever knows its person
// may check what they sign. One that cannot be read is no key.
func (b *Book) Keys(id string) []passkey.Key {
	a, known := b.Get(id)
	if !known {
		return nil
	}
	var list []passkey.Key
	for _, c := range b.Credentials(id) {
		var public struct {
			ID  []byte `json:"id"`
			Key []byte `json:"publicKey"`
		}
		if json.Unmarshal(c.Data, &public) == nil {
			list = append(list, passkey.Key{ID: public.ID, Public: public.Key, Person: a.Person})
		}
	}
	return list
}

// AddPasskey adds one, under a label its holder will know it by. Errors: invalid,
// not_found, conflict, those of the ledger and the vault.
func (b *Book) AddPasskey(ctx context.Context, id, label string, data json.RawMessage) error {
	b.command.Lock()
	defer b.command.Unlock()
	a, known := b.Get(id)
	switch n := utf8.RuneCountInString(label); {
	case !known || a.Pass || !a.Seal.Sealed.IsZero():
		return unknown(id)
	case n < 1 || n > MaxLabel:
		return errs.At("label", fmt.Sprintf("Give the passkey a name of up to %d characters", MaxLabel), "For example: my phone")
	case len(a.Passkeys) >= MaxPasskeys || len(data) > maxKey:
		return errs.New(errs.Conflict, fmt.Sprintf("An account has up to %d passkeys.", MaxPasskeys), "Remove one you no longer use.")
	}
	content, err := json.Marshal(keptPasskey{label, data})
	if err != nil {
		return err
	}
	return b.record(ctx, id, event{kind: KindPasskeyAdded, body: body{Account: id, ID: random()[:12]}, content: content})
}

// keptPasskey is what the vault holds of one.
type keptPasskey struct {
	Label      string          `json:"label"`
	Credential json.RawMessage `json:"credential"`
}

// RemovePasskey takes one away: its holder's own, or one that was lost. Errors:
// not_found, invalid, those of the ledger and the vault.
func (b *Book) RemovePasskey(ctx context.Context, by, id, key string) error {
	b.command.Lock()
	defer b.command.Unlock()
	b.mu.RLock()
	at := ""
	if a := b.accounts[id]; a != nil && a.passkeys[key] != nil {
		at = a.passkeys[key].at
	}
	b.mu.RUnlock()
	if at == "" {
		return errs.New(errs.NotFound, "There is no such passkey.", "It may have been removed already: look again.")
	}
	if err := b.record(ctx, by, event{kind: KindPasskeyRemoved, body: body{Account: id, ID: key}}); err != nil {
		return err
	}
	return b.forget(ctx, at)
}
