package register

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
)

// The kinds of the book's records.
const (
	KindListed   = "person-listed"
	KindLeft     = "person-left"
	KindReturned = "person-returned"
	KindPlaced   = "place-assigned"
	KindContacts = "contacts-listed"
)

// Log is where commands write.
type Log interface{ ledger.Appender }

// Vault keeps personal content under ids that are used once.
type Vault interface {
	PutAll(ctx context.Context, items []vault.Item) ([]vault.Commitment, error)
	Get(ctx context.Context, id string) ([]byte, error)
}

// Book is the register in memory, safe for concurrent use.
type Book struct {
	Percent func() int // see Check; nil for Tolerated. Set before the first command.

	log   Log
	vault Vault
	stamp func() ledger.Stamp

	command sync.Mutex // held by one command from its checks to its fold

	mu       sync.RWMutex
	people   map[string]*listed
	byMIS    map[string]string
	staffed  bool // staff were listed
	contacts map[string][]Contact
}

// Settle waits for a command that is running. What was on the ledger when it was
// called has then been folded in.
func (b *Book) Settle() {
	b.command.Lock()
	defer b.command.Unlock()
}

// listed is a person with what they are found and sorted by.
type listed struct {
	Person
	words string
	order string
}

// New makes an empty book. Hand it every record of the school's ledger with
// Fold before anything else.
func New(log Log, v Vault, stamp func() ledger.Stamp) *Book {
	return &Book{log: log, vault: v, stamp: stamp,
		people: map[string]*listed{}, byMIS: map[string]string{}, contacts: map[string][]Contact{}}
}

// body is the body of all the book's records.
type body struct {
	By         string            `json:"by"`
	Person     string            `json:"person"`
	Kind       Kind              `json:"kind,omitempty"`
	Content    string            `json:"content,omitempty"` // id in the vault
	Commitment *vault.Commitment `json:"commitment,omitempty"`
	Bank       string            `json:"bank,omitempty"`
	Door       int               `json:"door,omitempty"`
}

// Fold takes in a record of the school's ledger; kinds of others are ignored.
// What the vault has erased is no longer known. Errors: invalid, unavailable.
func (b *Book) Fold(r ledger.Record) error {
	switch r.Kind {
	case KindListed, KindLeft, KindReturned, KindPlaced, KindContacts:
	default:
		return nil
	}
	var e body
	if err := json.Unmarshal(r.Body, &e); err != nil {
		return ledger.Unreadable(r, err)
	}
	if e.Person == "" {
		return ledger.Unreadable(r, errors.New("no person"))
	}
	ctx := context.Background() // one local file: there is nothing to wait for
	b.mu.Lock()
	defer b.mu.Unlock()
	switch r.Kind {
	case KindListed:
		var d Details
		if err := vault.Read(ctx, b.vault, e.Content, &d); err != nil {
			return ledger.Unreadable(r, err)
		}
		b.list(e, d)
	case KindContacts:
		var list []Contact
		if err := vault.Read(ctx, b.vault, e.Content, &list); err != nil {
			return ledger.Unreadable(r, err)
		}
		b.contacts[e.Person] = inOrder(list)
	case KindLeft:
		b.person(e.Person).Left = r.Stamp.Wall
	case KindReturned:
		b.person(e.Person).Left = time.Time{}
	case KindPlaced:
		b.person(e.Person).Place = locker.Place{Bank: e.Bank, Door: e.Door}
	}
	return nil
}

// person finds or begins an entry.
func (b *Book) person(id string) *listed {
	if b.people[id] == nil {
		b.people[id] = &listed{Person: Person{ID: id, Kind: Pupil}}
	}
	return b.people[id]
}

func (b *Book) list(e body, d Details) {
	p := b.person(e.Person)
	if b.byMIS[p.MIS] == p.ID {
		delete(b.byMIS, p.MIS)
	}
	p.Details = d
	if e.Kind != "" {
		p.Kind = e.Kind
	}
	if d.MIS != "" {
		b.byMIS[d.MIS] = p.ID
	}
	b.staffed = b.staffed || p.Kind == Staff
	p.words = searchable(d.Given, d.Family, d.Form)
	p.order = sortKey(d) + "\x00" + p.ID
}
