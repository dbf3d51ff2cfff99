package declarations

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// The limits.
const (
	maxText = 1000 // bytes of a text
	mostOwn = 200  // of one person
	longest = 366 * 24 * time.Hour
)

// Kind is what is declared.
type Kind string

// The kinds.
const (
	Relationship Kind = "relationship" // with a pupil or parent, from before or outside school
	Contact      Kind = "contact"      // through private social media: approved before it begins
)

// Declaration is one.
type Declaration struct {
	ID           string
	Kind         Kind
	By, Person   string // who declares
	At           time.Time
	Until        time.Time // of contact
	Text         Text
	Acknowledged []Acknowledged
	Decided      *Decided // of contact
	Ended        time.Time
}

// Text is what the vault keeps of a declaration.
type Text struct {
	About string `json:"about"` // whom
	Why   string `json:"why"`   // what ties them
}

// Acknowledged is that somebody who has to know does.
type Acknowledged struct {
	school.Approval
	Roles []roles.Role // by which
}

// Decided is what was decided of contact.
type Decided struct {
	school.Approval
	Approved bool
	Why      string // of a refusal
}

// By is who does something, and as what.
type By struct {
	school.Actor
	Roles []roles.Assignment
}

// Vault keeps what was written under ids that are used once.
type Vault interface {
	Put(ctx context.Context, id string, content []byte) (vault.Commitment, error)
	Get(ctx context.Context, id string) ([]byte, error)
}

// People are those of the register.
type People interface {
	Person(id string) (register.Person, bool)
}

// Config is what a book works with.
type Config struct {
	Log    ledger.Appender
	Vault  Vault
	People People
	Rules  func() policy.Rules
	Stamp  func() ledger.Stamp
	// Held are the roles that a person's accounts have now.
	Held func(person string) []roles.Assignment
}

// Book is all declarations in memory, safe for concurrent use.
type Book struct {
	Config

	command sync.Mutex // held by one command from its checks to its fold

	mu   sync.RWMutex
	list []*Declaration // as they were made
}

// New makes an empty book. Hand it every record of the school's ledger with Fold
// before anything else.
func New(c Config) *Book { return &Book{Config: c} }

// Settle waits for a command that is running. What was on the ledger when it was
// called has then been folded in.
func (b *Book) Settle() {
	b.command.Lock()
	defer b.command.Unlock()
}

// All are all declarations, the newest first.
func (b *Book) All() []Declaration {
	b.mu.RLock()
	defer b.mu.RUnlock()
	list := make([]Declaration, 0, len(b.list))
	for _, d := range slices.Backward(b.list) {
		list = append(list, d.copied())
	}
	return list
}

// Declaration finds one. Errors: not found.
func (b *Book) Declaration(id string) (Declaration, error) {
	for _, d := range b.All() {
		if d.ID == id {
			return d, nil
		}
	}
	return Declaration{}, errs.New(errs.NotFound, "There is no such declaration, or it is not for you to see.", "Look at the list of declarations.")
}

func (d Declaration) copied() Declaration {
	d.Acknowledged = slices.Clone(d.Acknowledged)
	if d.Decided != nil {
		decided := *d.Decided
		d.Decided = &decided
	}
	return d
}

// Waiting reports whether somebody has yet to acknowledge or decide a declaration.
func (b *Book) Waiting(d Declaration) bool {
	switch {
	case !d.Ended.IsZero():
		return false
	case d.Kind == Contact:
		return d.Decided == nil
	}
	return len(b.Wanted(d)) > 0
}

// random is 130 bits as 26 letters and digits.
func random() string { return strings.ToLower(rand.Text()) }

// record puts content into the vault, writes a record that commits to it, and folds
// that in. The caller holds command.
func (b *Book) record(ctx context.Context, by By, kind string, e body, content any) error {
	e.By, e.Person = by.Account, by.Person
	if content != nil {
		data, err := json.Marshal(content)
		if err != nil {
			return err
		}
		e.Content = "declaration-" + random()
		commitment, err := b.Vault.Put(ctx, e.Content, data)
		if err != nil {
			return err
		}
		e.Commitment = &commitment
	}
	entry, err := ledger.NewEntry(kind, b.Stamp(), e)
	if err != nil {
		return err
	}
	return ledger.Commit(ctx, b.Log, b.Fold, entry)
}
