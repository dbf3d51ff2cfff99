package tokens

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// The kinds of the book's records.
const (
	KindMade   = "token-made"
	KindAgreed = "token-agreed"
	KindEnded  = "token-ended"
)

// body is the body of all the book's records.
type body struct {
	Token  string             `json:"token"` // its name
	By     string             `json:"by"`
	Person string             `json:"person"` // whose account By is
	Hash   string             `json:"sha256,omitempty"`
	Scopes []roles.Permission `json:"scopes,omitempty"`
	Until  time.Time          `json:"until,omitzero"`
	Agree  bool               `json:"agree,omitempty"`
}

// Book is every token there ever was, safe for concurrent use.
type Book struct {
	log     ledger.Appender
	stamp   func() ledger.Stamp
	holders Holders

	command sync.Mutex // held by one command from its checks to its fold

	mu     sync.Mutex
	tokens map[string]*Token // by name
	byHash map[hash]*Token
}

// New makes an empty book. Hand it every record of the school's ledger with Fold
// before anything else.
func New(log ledger.Appender, stamp func() ledger.Stamp, holders Holders) *Book {
	return &Book{log: log, stamp: stamp, holders: holders, tokens: map[string]*Token{}, byHash: map[hash]*Token{}}
}

// Settle waits for a command that is running. What was on the ledger when it was
// called has then been folded in.
func (b *Book) Settle() {
	b.command.Lock()
	defer b.command.Unlock()
}

// Fold takes in a record of the school's ledger; kinds of others are ignored.
// Errors: invalid.
func (b *Book) Fold(r ledger.Record) error {
	switch r.Kind {
	case KindMade, KindAgreed, KindEnded:
	default:
		return nil
	}
	var e body
	if err := json.Unmarshal(r.Body, &e); err != nil {
		return unreadable(r, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.fold(r.Kind, e, r.Stamp.Wall); err != nil {
		return unreadable(r, err)
	}
	return nil
}

func (b *Book) fold(kind string, e body, at time.Time) error {
	by := school.Approval{By: e.By, Person: e.Person, At: at}
	t := b.tokens[e.Token]
	switch {
	case kind == KindMade:
		h, err := hex.DecodeString(e.Hash)
		if err != nil || len(h) != len(hash{}) || t != nil {
			return errors.New("a token twice, or one without its hash")
		}
		t = &Token{Name: e.Token, Scopes: e.Scopes, Made: at, By: by, Until: e.Until, Agree: e.Agree}
		b.tokens[t.Name], b.byHash[hash(h)] = t, t
	case t == nil:
		return errors.New("nobody made that token")
	case kind == KindAgreed:
		t.Agreed = &by
	case kind == KindEnded:
		t.Ended, t.EndBy = at, e.By
	}
	return nil
}

func unreadable(r ledger.Record, err error) error {
	return errs.Wrap(err, errs.Invalid, fmt.Sprintf("Record %d cannot be read.", r.Seq), "Run: bellkeep ledger verify")
}

// All are the tokens there ever were, those that end last first.
func (b *Book) All() []Token {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.stamp().Wall
	var list []Token
	for t := range maps.Values(b.tokens) {
		list = append(list, b.weigh(*t, now))
	}
	slices.SortFunc(list, func(x, y Token) int { return cmp.Or(y.Until.Compare(x.Until), strings.Compare(x.Name, y.Name)) })
	return list
}

// Get finds a token by its name.
func (b *Book) Get(name string) (Token, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t := b.tokens[name]; t != nil {
		return b.weigh(*t, b.stamp().Wall), true
	}
	return Token{}, false
}

// usedWithin is how exactly a token's last use is kept.
const usedWithin = time.Minute

// Check finds the working token of a secret, as it stands now. It looks up the secret's hash: how
// long that takes says nothing about any secret.
func (b *Book) Check(secret string, now time.Time) (Token, bool) {
	if len(secret) > 2*len(Prefix)+len(hash{}) {
		return Token{}, false
	}
	h := hashOf(secret)
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.byHash[h]
	if t == nil {
		return Token{}, false
	}
	as := b.weigh(*t, now)
	if as.State(now) != Working {
		return Token{}, false
	}
	t.Used = now.Truncate(usedWithin)
	as.Used = t.Used
	return as, true
}
