package accounts

import (
	"context"
	"crypto/rand"

	"github.com/bellkeep/bellkeep/internal/phc"
	"github.com/bellkeep/bellkeep/internal/school"
)

// sealed is how many accounts lie in envelopes: for the day on which nobody else
// can sign in.
const sealed = 2

// sealedPrefix begins their names.
const sealedPrefix = "sealed-"

// Sealed is what is printed for one envelope.
type Sealed struct {
	ID         string
	Passphrase string // 130 random bits in groups; a secret that is nowhere else
}

// Seal makes the sealed accounts, or seals them anew: passphrases of before no
// longer work. Each becomes head and owner for SealLasts with its first use, and
// is spent then. Errors: invalid, those of the ledger and the vault.
func (b *Book) Seal(ctx context.Context, by string) ([]Sealed, error) {
	b.command.Lock()
	defer b.command.Unlock()
	var list []Sealed
	var events []event
	var old []string
	for n := 1; n <= sealed; n++ {
		s := Sealed{ID: numbered(n), Passphrase: Code{Text: rand.Text()}.Shown()}
		verifier, err := phc.Hash(s.Passphrase, rand.Reader)
		if err != nil {
			return nil, err
		}
		if a, known := b.Get(s.ID); !known {
			events = append(events, event{kind: KindMade, body: body{Account: s.ID, Person: school.Unlisted + s.ID}})
		} else {
			old = append(old, b.secretsOf(s.ID, func(a *account) []string { return []string{a.password.at} })...)
			events = append(events, endGrants(a)...)
		}
		events = append(events, event{kind: KindSealed, body: body{Account: s.ID}, content: []byte(verifier)},
			event{kind: KindSessionsEnded, body: body{Account: s.ID}})
		list = append(list, s)
	}
	if err := b.record(ctx, by, events...); err != nil {
		return nil, err
	}
	return list, b.forget(ctx, old...)
}

// endGrants ends what a seal's last use gave.
func endGrants(a Account) []event {
	var events []event
	for _, g := range a.Grants {
		if g.Ended.IsZero() {
			events = append(events, event{kind: KindRoleEnded, body: body{Account: a.ID, ID: g.ID}})
		}
	}
	return events
}
