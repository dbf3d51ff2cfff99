package declarations

import (
	"context"
	"slices"
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
	maxText = 1000                 // characters of a text
	mostOwn = 200                  // declarations of one person
	longest = 366 * 24 * time.Hour // that contact is asked for at a time
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
	return Declaration{}, ErrNone
}

// ErrNone is the answer for a declaration that is not there, and for one that whoever
// asks must not see: they are not told which.
var ErrNone = errs.New(errs.NotFound, "There is no such declaration, or it is not for you to see.", "Look at the list of declarations.")

func (d Declaration) copied() Declaration {
	d.Acknowledged = slices.Clone(d.Acknowledged)
	if d.Decided != nil {
		decided := *d.Decided
		d.Decided = &decided
	}
	return d
}

// Over reports whether a declaration has ended, or the time that was asked for has passed.
func (b *Book) Over(d Declaration) bool {
	return !d.Ended.IsZero() || d.Kind == Contact && !b.Stamp().Wall.Before(d.Until)
}

// Waiting reports whether somebody has yet to acknowledge or decide a declaration.
func (b *Book) Waiting(d Declaration) bool {
	switch {
	case b.Over(d):
		return false
	case d.Kind == Contact:
		return d.Decided == nil
	}
	return len(b.Wanted(d)) > 0
}

// record puts content into the vault, writes a record that commits to it, and folds
// that in. The caller holds command.
func (b *Book) record(ctx context.Context, by By, kind string, e body, content any) error {
	e.By, e.Person = by.Account, by.Person
	var err error
	if e.Kept, err = vault.Write(ctx, b.Vault, ledger.NewID("declaration"), content); err != nil {
		return err
	}
	return ledger.Write(ctx, b.Log, b.Fold, kind, b.Stamp(), e)
}
