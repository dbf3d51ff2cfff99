package badges

import (
	"context"

	"github.com/bellkeep/bellkeep/internal/badges/typed"
	"github.com/bellkeep/bellkeep/internal/errs"
)

const keyID = "badges.code-key" // in the vault

// CodeKey is the school's key for typed codes, which banks need to check one.
// It is drawn when it is first asked for. Errors: unavailable, invalid (badges
// were printed, but the vault has lost their key).
func (b *Book) CodeKey(ctx context.Context) (typed.Key, error) {
	b.command.Lock()
	defer b.command.Unlock()
	return b.codeKey(ctx)
}

func (b *Book) codeKey(ctx context.Context) (key typed.Key, err error) {
	kept, err := b.vault.Get(ctx, keyID)
	switch {
	case errs.CodeOf(err) == errs.NotFound && len(b.badges) == 0:
		if key, err = typed.NewKey(b.random); err != nil {
			return key, err
		}
		_, err = b.vault.Put(ctx, keyID, key[:])
		return key, err
	case errs.CodeOf(err) == errs.NotFound || err == nil && len(kept) != len(key):
		return key, errs.New(errs.Invalid, "The vault has lost the key of the typed codes, though badges were printed with it.",
			"Restore the vault that belongs to this ledger.")
	case err != nil:
		return key, err
	}
	copy(key[:], kept)
	return key, nil
}
