package consent

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/approvers"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// The kinds of the book's records.
const (
	KindBegun    = "consent-begun"
	KindSigned   = "consent-signed"
	KindAnswered = "consent-answered"
	KindReceipt  = "consent-receipt"
)

// Vault keeps the words.
type Vault interface {
	Get(ctx context.Context, id string) ([]byte, error)
	Put(ctx context.Context, id string, content []byte) (vault.Commitment, error)
}

// Banks are the school's banks.
type Banks interface {
	// Known are the keys a bank knows, and the people whose keys count by now.
	Known(bank string) (keys passkey.Set, count []string)
	// Approval is a number from the bank for two people to sign.
	Approval(ctx context.Context, bank string) (string, error)
	// Order gives the bank an order; refused is a locker.Answer.
	Order(ctx context.Context, bank string, o locker.Order) (seq uint64, refused string, err error)
}

// Custody is where devices are.
type Custody interface {
	Item(id string) (desk.Item, error)
	Held(i desk.Item) bool
	Leaves(ctx context.Context, by desk.By, item string, purpose locker.Purpose, agreed string) error
	Goes(ctx context.Context, by desk.By, item, agreed string) error
}

// Config is what the book works with.
type Config struct {
	Log     ledger.Appender
	Vault   Vault
	Custody Custody
	Stamp   func() ledger.Stamp
	Now     func() time.Time // machine time
	Rules   func() policy.Rules
}

// Book is all that two people were to sign, safe for concurrent use.
type Book struct {
	Config
	*requests

	hidden func(on locker.Subject) bool // what whoever looks must not know of; nil for nothing
}

// requests are what all who look at one book share.
type requests struct {
	Banks   Banks              // set before anything is begun
	Keys    func() passkey.Set // likewise: of the school's own approvers, for what no bank has
	Recusal desk.Recusal       // who has no part in something; nil: everybody may have

	command sync.Mutex // held by one command from its checks to its fold

	mu     sync.RWMutex
	all    map[string]*Request  // by id
	began  map[string]time.Time // machine time, of those begun in this run
	signed map[string]time.Time // first signature
}

// New makes an empty book. Hand it every record of the school's ledger with Fold
// before anything else.
func New(c Config) *Book {
	return &Book{Config: c, requests: &requests{all: map[string]*Request{}, began: map[string]time.Time{}, signed: map[string]time.Time{}}}
}

// Settle waits for a command that is running. What was on the ledger when it was
// called has then been folded in.
func (b *Book) Settle() {
	b.command.Lock()
	defer b.command.Unlock()
}

type body struct {
	Request string              `json:"request"`
	Item    string              `json:"item,omitempty"` // what it is about
	By      string              `json:"by,omitempty"`
	Person  string              `json:"person,omitempty"`
	Roles   []roles.Role        `json:"roles,omitempty"` // by which By is an approver
	Wish    *passkey.Wish       `json:"wish,omitempty"`
	Keys    *passkey.Set        `json:"keys,omitempty"`
	Signed  *passkey.Assertion  `json:"signed,omitempty"`
	Both    []passkey.Assertion `json:"both,omitempty"` // School: by Keys, of Wish
	Seq     uint64              `json:"bank_seq,omitempty"`
	Door    int                 `json:"at_door,omitempty"`
	Answer  string              `json:"answer,omitempty"`
	vault.Kept
}

// Fold takes in a record of the school's ledger; kinds of others are ignored.
// Errors: invalid.
func (b *Book) Fold(r ledger.Record) error {
	if !slices.Contains([]string{KindBegun, KindSigned, KindAnswered, KindReceipt}, r.Kind) {
		return nil
	}
	var e body
	if err := json.Unmarshal(r.Body, &e); err != nil || e.Request == "" {
		return ledger.Unreadable(r, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if r.Kind == KindBegun && e.Wish != nil {
		b.all[e.Request] = &Request{ID: e.Request, Kind: Kind(e.Wish.Kind), Wish: *e.Wish, Keys: e.Keys, Begun: r.Stamp.Wall, By: e.By, content: e.Content}
		return nil
	}
	q := b.all[e.Request]
	switch {
	case q == nil:
	case r.Kind == KindSigned && e.Signed != nil:
		q.Signs = append(slices.Clone(q.Signs), Signature{school.Approval{By: e.By, Person: e.Person, At: r.Stamp.Wall}, *e.Signed, e.Roles})
	case r.Kind == KindAnswered:
		q.Answered, q.Seq, q.Refused = r.Stamp.Wall, e.Seq, e.Answer
	case r.Kind == KindReceipt:
		q.Receipt, q.receipt = r.Stamp.Wall, e.Content
	}
	return nil
}

// Get finds a request. Errors: not_found.
func (b *Book) Get(id string) (Request, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	q := b.all[id]
	if q == nil || b.hides(q.on()) {
		return Request{}, errNone
	}
	return b.shown(q), nil
}

// Of are the requests about a device, newest first.
func (b *Book) Of(item string) []Request {
	return b.list(func(q Request) bool { return q.Wish.Item == item && item != "" })
}

// Waiting are those that somebody may sign yet, newest first.
func (b *Book) Waiting() []Request { return b.list(Request.Open) }

func (b *Book) list(want func(Request) bool) []Request {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var list []Request
	for _, q := range b.all {
		if r := b.shown(q); want(r) && !b.hides(q.on()) {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(x, y Request) int { return cmp.Or(y.Begun.Compare(x.Begun), strings.Compare(x.ID, y.ID)) })
	return list
}

// shown is a request as it stands now. The caller holds mu.
func (b *Book) shown(q *Request) Request {
	r, now := *q, b.Now()
	if began, here := b.began[r.ID]; here {
		r.Left = Life - now.Sub(began)
	}
	if first, here := b.signed[r.ID]; here {
		r.Left = min(r.Left, SecondWithin-now.Sub(first))
	}
	r.Left = max(r.Left, 0)
	return r
}

// Words are those of a request. Errors: unavailable.
func (b *Book) Words(ctx context.Context, r Request) (p Paper, err error) {
	return p, vault.Read(ctx, b.Vault, r.content, &p)
}

// Left is what the police left; zero for nothing yet. Errors: unavailable.
func (b *Book) Left(ctx context.Context, r Request) (receipt Receipt, err error) {
	return receipt, vault.Read(ctx, b.Vault, r.receipt, &receipt)
}

// record writes a record, which names what it is about, and folds that in. The caller
// holds command.
func (b *Book) record(ctx context.Context, who school.Actor, kind string, e body) error {
	e.By, e.Person = who.Account, who.Person
	if e.Wish != nil {
		e.Item = e.Wish.Item
	} else if r, err := b.Get(e.Request); err == nil {
		e.Item = r.Wish.Item
	}
	return ledger.Write(ctx, b.Log, b.Fold, kind, b.Stamp(), e)
}

// keep puts words into the vault.
func (b *Book) keep(ctx context.Context, words any) (vault.Kept, error) {
	return vault.Write(ctx, b.Vault, ledger.NewID("consent"), words)
}

// named is a commitment as an id: its first 128 bits.
func named(c *vault.Commitment) string { return "h-" + hex.EncodeToString(c[:16]) }

// Wanted are the approvers of whom one has the next word, by the school's rules; none
// where it is for any two whose keys the bank knows, as for other keys.
func (b *Book) Wanted(r Request) []policy.Approver {
	if r.Kind == Approvers {
		return nil
	}
	var posts []roles.Role
	if len(r.Signs) > 0 {
		posts = append([]roles.Role{}, r.Signs[0].posts...)
	}
	return approvers.Wanted(b.rules(r.on()), posts)
}
