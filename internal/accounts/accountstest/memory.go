package accountstest

import (
	"context"
	"sync"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// memory is a vault that lasts as long as its test, for histories too many to be
// written to a disk.
type memory struct {
	mu   sync.Mutex
	kept map[string][]byte
}

func (m *memory) Get(_ context.Context, id string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if content, ok := m.kept[id]; ok {
		return content, nil
	}
	return nil, errs.New(errs.NotFound, "Nothing is kept under that id.", "")
}

func (m *memory) Put(_ context.Context, id string, content []byte) (vault.Commitment, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept[id] = content
	return vault.Commitment{}, nil
}

func (m *memory) Erase(_ context.Context, ids ...string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		delete(m.kept, id)
	}
	return nil
}
