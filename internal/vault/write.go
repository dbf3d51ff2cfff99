package vault

import (
	"context"
	"encoding/json"
)

// Putter keeps content; see Vault.Put.
type Putter interface {
	Put(ctx context.Context, id string, content []byte) (Commitment, error)
}

// Kept is the part of a record's body that speaks of content: where the vault has it,
// and what holds it to that. The zero Kept speaks of none.
type Kept struct {
	Content    string      `json:"content,omitempty"` // id in the vault
	Commitment *Commitment `json:"commitment,omitempty"`
}

// Keep puts content under a fresh id. A crash before the record that speaks of it leaves
// content nobody refers to, never a record of nothing. Errors: those of Put.
func Keep(ctx context.Context, into Putter, id string, content []byte) (Kept, error) {
	made, err := into.Put(ctx, id, content)
	if err != nil {
		return Kept{}, err
	}
	return Kept{Content: id, Commitment: &made}, nil
}

// Write keeps value as JSON for Read; of nil it keeps nothing. Errors: as Keep.
func Write(ctx context.Context, into Putter, id string, value any) (Kept, error) {
	if value == nil {
		return Kept{}, nil
	}
	content, err := json.Marshal(value)
	if err != nil {
		return Kept{}, err
	}
	return Keep(ctx, into, id, content)
}
