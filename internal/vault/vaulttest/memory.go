// Package vaulttest is a vault for tests, and the suite that it and the one on disk pass.
package vaulttest

import (
	"bytes"
	"context"
	"crypto/sha256"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// Memory is a vault in memory, by id, for one goroutine. A test may look into it.
type Memory map[string][]byte

// Put keeps content under a fresh id. Errors: conflict.
func (m Memory) Put(_ context.Context, id string, content []byte) (vault.Commitment, error) {
	if _, taken := m[id]; taken {
		return vault.Commitment{}, errs.New(errs.Conflict, "The vault already holds something under that id.", "Use a new id.")
	}
	m[id] = bytes.Clone(content)
	return sha256.Sum256(append([]byte(id+"\n"), content...)), nil
}

// Get gives content back. Errors: not_found.
func (m Memory) Get(_ context.Context, id string) ([]byte, error) {
	content, ok := m[id]
	if !ok {
		return nil, errs.New(errs.NotFound, "The vault holds nothing under that id.", "")
	}
	return bytes.Clone(content), nil
}

// Erase forgets content.
func (m Memory) Erase(_ context.Context, ids ...string) error {
	for _, id := range ids {
		delete(m, id)
	}
	return nil
}
