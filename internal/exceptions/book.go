package exceptions

import (
	"context"
	"slices"
	"sync"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// Vault keeps what was written under ids that are used once.
type Vault interface {
	Put(ctx context.Context, id string, content []byte) (vault.Commitment, error)
	Get(ctx context.Context, id string) ([]byte, error)
	Erase(ctx context.Context, ids ...string) error
}

// People are those of the register.
type People interface {
	Person(id string) (register.Person, bool)
	People() []register.Person
}

// Config is what a book works with.
type Config struct {
	Log      ledger.Appender
	Vault    Vault
	People   People
	Rules    func() policy.Rules // in force now
	Calendar school.Calendar
	Stamp    func() ledger.Stamp // school time

	Held func(person string) bool // whether a hold stands: nothing of theirs is erased; nil: none does
}

// Book is all exceptions in memory, safe for concurrent use.
type Book struct {
	Config

	command sync.Mutex // held by one command from its checks to its fold

	mu      sync.RWMutex
	byID    map[string]*exception.Exception
	order   []string            // ids, as they were asked for
	papers  map[string][]string // ids in the vault, by exception
	version uint64
	freed   memo
}

// New makes an empty book. Hand it every record of the school's ledger with Fold
// before anything else.
func New(c Config) *Book {
	return &Book{Config: c, byID: map[string]*exception.Exception{}, papers: map[string][]string{}}
}

// Settle waits for a command that is running. What was on the ledger when it was
// called has then been folded in.
func (b *Book) Settle() {
	b.command.Lock()
	defer b.command.Unlock()
}

// Version grows with every change.
func (b *Book) Version() uint64 {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.version
}

// All are the exceptions ever asked for, oldest first.
func (b *Book) All() []exception.Exception {
	b.mu.RLock()
	defer b.mu.RUnlock()
	list := make([]exception.Exception, len(b.order))
	for i, id := range b.order {
		list[i] = copied(b.byID[id])
	}
	return list
}

// Exception finds one by its id.
func (b *Book) Exception(id string) (exception.Exception, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	e := b.byID[id]
	if e == nil {
		return exception.Exception{}, false
	}
	return copied(e), true
}

// State is how an exception stands now.
func (b *Book) State(e exception.Exception) exception.State {
	return e.State(b.Stamp().Wall, b.Rules())
}

// Due says how urgent an exception's review is now.
func (b *Book) Due(e exception.Exception) exception.Due {
	return e.Due(b.Stamp().Wall, b.Rules())
}

// open are those that are approved and have not ended by now, begun or not.
func (b *Book) open() []exception.Exception {
	now, rules := b.Stamp().Wall, b.Rules()
	b.mu.RLock()
	defer b.mu.RUnlock()
	var list []exception.Exception
	for _, id := range b.order {
		if e := b.byID[id]; e.State(now, rules).Open() {
			list = append(list, copied(e))
		}
	}
	return list
}

// copied is e with nothing shared that the book may change.
func copied(e *exception.Exception) exception.Exception {
	out := *e
	out.Allow = slices.Clone(e.Allow)
	return out
}
