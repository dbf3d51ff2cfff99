package registers

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// Vault keeps values under ids that are used once.
type Vault interface {
	Put(ctx context.Context, id string, content []byte) (vault.Commitment, error)
	Get(ctx context.Context, id string) ([]byte, error)
}

// People are those of the school's register of people.
type People interface {
	Person(id string) (register.Person, bool)
	People() []register.Person
}

// Config is what a book works with.
type Config struct {
	Log    ledger.Appender
	Vault  Vault
	People People
	Rules  func() policy.Rules // in force now
	Stamp  func() ledger.Stamp // school time
	Zone   *time.Location      // whose days are counted
	Kinds  []Kind              // the school's registers, in their order
}

// Book is all registers in memory, safe for concurrent use.
type Book struct {
	Config

	command sync.Mutex // held by one command from its checks to its fold

	mu    sync.RWMutex
	byID  map[string]*Entry
	order map[string][]string // ids of entries by register, as they were written
}

// New makes a book without entries. Hand it every record of the school's ledger with
// Fold before anything else.
func New(c Config) *Book {
	return &Book{Config: c, byID: map[string]*Entry{}, order: map[string][]string{}}
}

// Settle waits for a command that is running. What was on the ledger when it was
// called has then been folded in.
func (b *Book) Settle() {
	b.command.Lock()
	defer b.command.Unlock()
}

// Registers are all of them in the school's order.
func (b *Book) Registers() []Kind { return b.Kinds }

// Register finds one by its id.
func (b *Book) Register(id string) (Kind, bool) {
	i := slices.IndexFunc(b.Kinds, func(k Kind) bool { return k.ID == id })
	if i < 0 {
		return Kind{}, false
	}
	return b.Kinds[i], true
}

// Entries are those of a register that a person may know of, as they were written.
// viewer is a person of the register of people; "" is whoever passes a screen, who
// may be anybody of the staff.
func (b *Book) Entries(k Kind, viewer string) []Entry {
	b.mu.RLock()
	defer b.mu.RUnlock()
	list := make([]Entry, 0, len(b.order[k.ID]))
	for _, id := range b.order[k.ID] {
		if e := b.byID[id]; !b.hidden(k, e, viewer) {
			list = append(list, e.copied())
		}
	}
	return list
}

// Entry finds one by its id, and its register; not one that the viewer must not know
// of.
func (b *Book) Entry(id, viewer string) (Entry, Kind, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	e := b.byID[id]
	if e == nil {
		return Entry{}, Kind{}, false
	}
	k, ok := b.Register(e.Register)
	if !ok || b.hidden(k, e, viewer) {
		return Entry{}, Kind{}, false
	}
	return e.copied(), k, true
}

// hidden reports whether an entry is about its reader, in a register that hides such.
// What it said of people before a correction counts too.
func (b *Book) hidden(k Kind, e *Entry, viewer string) bool {
	if !k.Hide {
		return false
	}
	about := slices.Clone(e.About)
	for _, s := range e.Before {
		about = append(about, s.About...)
	}
	if viewer != "" {
		return slices.Contains(about, viewer)
	}
	return slices.ContainsFunc(about, func(id string) bool {
		p, known := b.People.Person(id)
		return !known || p.Kind == register.Staff
	})
}

// today is the date at the school.
func (b *Book) today() school.Date {
	zone := b.Zone
	if zone == nil {
		zone = time.UTC
	}
	return school.DateOf(b.Stamp().Wall.In(zone))
}
