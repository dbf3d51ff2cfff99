package reviews

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// Vault keeps the texts.
type Vault interface {
	Get(ctx context.Context, id string) ([]byte, error)
	Put(ctx context.Context, id string, content []byte) (vault.Commitment, error)
}

// Book is all prompts, safe for concurrent use.
type Book struct {
	log   ledger.Appender
	vault Vault
	stamp func() ledger.Stamp

	command sync.Mutex // held by one command from its checks to its fold

	mu       sync.RWMutex
	began    time.Time // of the ledger
	open     []Prompt  // oldest first
	answers  []Answer  // oldest first
	software map[string]string
}

// New makes an empty book. Hand it every record of the school's ledger with Fold
// before anything else.
func New(log ledger.Appender, v Vault, stamp func() ledger.Stamp) *Book {
	return &Book{log: log, vault: v, stamp: stamp, software: map[string]string{}}
}

// Settle waits for a command that is running. What was on the ledger when it was
// called has then been folded in.
func (b *Book) Settle() {
	b.command.Lock()
	defer b.command.Unlock()
}

// Open are the prompts that wait, oldest first.
func (b *Book) Open() []Prompt {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.Clone(b.open)
}

// Answers are the newest ones, the last first.
func (b *Book) Answers() []Answer {
	b.mu.RLock()
	defer b.mu.RUnlock()
	list := slices.Clone(b.answers)
	slices.Reverse(list)
	return list
}
