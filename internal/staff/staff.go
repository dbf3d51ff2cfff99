// Package staff knows which members of staff may act at a bank's kiosk: those
// with a PIN, which counts beside their badge. The ledger says who has one since
// when; its verifier (package pins) lies in the vault, and goes to the banks in
// their directory so that they can check a PIN on their own.
package staff

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
)

// The kinds of the book's records.
const (
	KindSet     = "staff-pin-set"
	KindRemoved = "staff-pin-removed"
)

// Log is where commands write.
type Log interface{ ledger.Appender }

// Vault keeps the verifiers.
type Vault interface {
	Get(ctx context.Context, id string) ([]byte, error)
	Put(ctx context.Context, id string, content []byte) (vault.Commitment, error)
	Erase(ctx context.Context, ids ...string) error
}

// People tells who is staff.
type People interface {
	Person(id string) (register.Person, bool)
}

// Book is who has a PIN, safe for concurrent use.
type Book struct {
	log    Log
	vault  Vault
	people People
	stamp  func() ledger.Stamp

	command sync.Mutex // held by one command from its checks to its fold

	mu   sync.RWMutex
	pins map[string]pin // by person
}

// Settle waits for a command that is running. What was on the ledger when it was
// called has then been folded in.
func (b *Book) Settle() {
	b.command.Lock()
	defer b.command.Unlock()
}

// pin is what is known of one PIN.
type pin struct {
	content, verifier string
	since             time.Time
	technician        bool
}

// New makes an empty book. Hand it every record of the school's ledger with
// Fold before anything else.
func New(log Log, v Vault, people People, stamp func() ledger.Stamp) *Book {
	return &Book{log: log, vault: v, people: people, stamp: stamp, pins: map[string]pin{}}
}

// body is the body of both kinds.
type body struct {
	By         string            `json:"by"`
	Person     string            `json:"person"`
	Content    string            `json:"content,omitempty"` // id in the vault
	Commitment *vault.Commitment `json:"commitment,omitempty"`
	Technician bool              `json:"technician,omitempty"`
}

// Fold takes in a record of the school's ledger; kinds of others are ignored. A
// PIN whose verifier the vault has erased is no PIN. Errors: invalid,
// unavailable.
func (b *Book) Fold(r ledger.Record) error {
	if r.Kind != KindSet && r.Kind != KindRemoved {
		return nil
	}
	var e body
	if err := json.Unmarshal(r.Body, &e); err != nil || e.Person == "" {
		return ledger.Unreadable(r, err)
	}
	verifier := ""
	if r.Kind == KindSet {
		kept, err := b.vault.Get(context.Background(), e.Content) // one local file: there is nothing to wait for
		if err != nil && errs.CodeOf(err) != errs.NotFound {
			return err
		}
		verifier = string(kept)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if verifier == "" {
		delete(b.pins, e.Person)
		return nil
	}
	b.pins[e.Person] = pin{content: e.Content, verifier: verifier, since: r.Stamp.Wall.UTC().Truncate(time.Millisecond), technician: e.Technician}
	return nil
}

// Entries are the staff that a bank's directory lists: those on the roll who
// have a PIN.
func (b *Book) Entries() map[string]locker.StaffEntry {
	b.mu.RLock()
	defer b.mu.RUnlock()
	entries := make(map[string]locker.StaffEntry, len(b.pins))
	for id, p := range b.pins {
		if b.serves(id) {
			entries[id] = locker.StaffEntry{PIN: p.verifier, Technician: p.technician}
		}
	}
	return entries
}

// Since tells whether a person has a PIN, and when it was set.
func (b *Book) Since(person string) (at time.Time, ok bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	p, ok := b.pins[person]
	return p.since, ok
}

// serves reports whether a person works at the school now.
func (b *Book) serves(id string) bool {
	p, known := b.people.Person(id)
	return known && p.Kind == register.Staff && p.OnRoll()
}
