package vaulttest

import (
	"context"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// Vault is what books ask of one.
type Vault interface {
	Put(ctx context.Context, id string, content []byte) (vault.Commitment, error)
	Get(ctx context.Context, id string) ([]byte, error)
	Erase(ctx context.Context, ids ...string) error
}

// Test holds an empty vault to what books rely on.
func Test(t *testing.T, v Vault) {
	t.Helper()
	ctx, content := t.Context(), []byte("insulin pump")
	one, err := v.Put(ctx, "note-1", content)
	if err != nil {
		t.Fatal(err)
	}
	content[0] = 'X' // it is the vault's own by now
	got, err := v.Get(ctx, "note-1")
	if err != nil || string(got) != "insulin pump" {
		t.Errorf("it gave %q, %v", got, err)
	}
	if _, err := v.Put(ctx, "note-1", []byte("asthma")); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("an id was used twice: %v", err)
	}
	if other, err := v.Put(ctx, "note-2", []byte("asthma")); err != nil || other == one {
		t.Errorf("two contents have the commitments %s and %s, %v", one, other, err)
	}
	if err := v.Erase(ctx, "note-1", "never"); err != nil {
		t.Error(err)
	}
	for id, code := range map[string]errs.Code{"note-1": errs.NotFound, "never": errs.NotFound, "note-2": ""} {
		if _, err := v.Get(ctx, id); errs.CodeOf(err) != code {
			t.Errorf("%s: %v", id, err)
		}
	}
}
