package accounts

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/phc"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// Log is where commands write.
type Log interface{ ledger.Appender }

// Vault keeps names and what secrets are checked against.
type Vault interface {
	Get(ctx context.Context, id string) ([]byte, error)
	Put(ctx context.Context, id string, content []byte) (vault.Commitment, error)
	Erase(ctx context.Context, ids ...string) error
}

// People tells who is at the school.
type People interface {
	Person(id string) (register.Person, bool)
	Staffed() bool // any staff were ever listed
}

// Config is what a book works with.
type Config struct {
	Log    Log
	Vault  Vault
	People People
	Stamp  func() ledger.Stamp // school time
	Now    func() time.Time    // machine time, of links and codes
	Zone   *time.Location      // the school's
	School string              // its name: no password holds it

	Visitors Visitors // nil: nobody gets a day pass
}

// atOnce is how many passwords are checked at a time: each takes 19 MiB.
const atOnce = 2

// patience is how long a password waits for its turn, in machine time.
const patience = 5 * time.Second

// Book is all accounts, safe for concurrent use.
type Book struct {
	Config
	room  chan struct{}
	check func(verifier, password string) bool

	command sync.Mutex // held by one command from its checks to its fold

	mu       sync.RWMutex
	accounts map[string]*account
	links    map[string]link // by the hash of their code

	refusedMu sync.Mutex
	refused   map[string]Refusals // counted and not on record yet, by account
	toldOf    []Refusals          // on record, lately
}

// account is one account with its secrets.
type account struct {
	Account
	nameAt    string // ids in the vault
	password  secret
	totp      secret
	step      int64 // of the last code of the app that was taken
	recovery  secret
	spent     map[int]bool
	passkeys  map[string]*ownPasskey
	endedSess uint64 // how often all its sessions were ended
}

// secret is what lies in the vault under an id.
type secret struct{ at, value string }

// New makes an empty book. Hand it every record of the school's ledger with
// Fold before anything else.
func New(c Config) *Book {
	return &Book{Config: c, room: make(chan struct{}, atOnce), check: phc.Verify, accounts: map[string]*account{}, links: map[string]link{}, refused: map[string]Refusals{}}
}

// Settle waits for a command that is running. What was on the ledger when it was
// called has then been folded in.
func (b *Book) Settle() {
	b.command.Lock()
	defer b.command.Unlock()
}

// event is a record to be. content, if there is any, is put into the vault
// before it.
type event struct {
	kind    string
	body    body
	content []byte
}

// record puts content into the vault, writes the records in one go and folds
// them. The caller holds command. What the ledger failed to take may be on disk
// all the same, so its content stays; nobody refers to it otherwise.
func (b *Book) record(ctx context.Context, by string, events ...event) error {
	return b.recordAt(ctx, b.Stamp(), by, events...)
}

func (b *Book) recordAt(ctx context.Context, at ledger.Stamp, by string, events ...event) error {
	if !school.ValidID(by) { // the ledger is for ever: no name may reach it
		return errs.New(errs.Invalid, "Somebody must answer for it.", "Give the account of who does this.")
	}
	var put []string
	undo := func(err error) error {
		if len(put) > 0 {
			_ = b.Vault.Erase(ctx, put...) // what nobody refers to is harmless: err is what counts
		}
		return err
	}
	entries := make([]ledger.Entry, len(events))
	for i, e := range events {
		e.body.By = by
		if e.content != nil {
			e.body.Content = "account-" + random()
			c, err := b.Vault.Put(ctx, e.body.Content, e.content)
			if err != nil {
				return undo(err)
			}
			e.body.Commitment = &c
			put = append(put, e.body.Content)
		}
		data, err := json.Marshal(e.body)
		if err != nil {
			return undo(err)
		}
		entries[i] = ledger.Entry{Kind: e.kind, Stamp: at, Body: data}
	}
	receipts, err := b.Log.Append(ctx, entries...)
	if err != nil {
		return err
	}
	for i, e := range entries {
		if err := b.Fold(ledger.Record{Seq: receipts[i].Seq(), Entry: e}); err != nil {
			return err
		}
	}
	return nil
}

// forget erases what no longer counts.
func (b *Book) forget(ctx context.Context, ids ...string) error {
	var list []string
	for _, id := range ids {
		if id != "" {
			list = append(list, id)
		}
	}
	if len(list) == 0 {
		return nil
	}
	if err := b.Vault.Erase(ctx, list...); err != nil {
		return errs.Wrap(err, errs.CodeOf(err), "The change is made, but what the old secret was checked against could not be erased.",
			"Check the disk and its free space, then make the change once more.")
	}
	return nil
}

// random is 130 bits as 26 small letters and digits.
func random() string { return strings.ToLower(rand.Text()) }

func unknown(id string) error {
	return errs.New(errs.NotFound, fmt.Sprintf("There is no account %.40q.", id), "See who may sign in on the page Access, or with: bellkeep user list")
}
