package notify

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// The limits of the book and its outbox.
const (
	MaxOpen     = 1000 // notices prepared and not yet dealt with
	MaxQueue    = 200  // notices waiting to be sent
	MaxAttempts = 6    // calls of the mail server for one notice

	// MaxWait is how long after somebody said "send" a notice may still go, in
	// school time. Nobody wants yesterday's "come to the office" today.
	MaxWait = 4 * time.Hour

	firstPause = time.Minute // after the first refusal; it doubles with each
)

// Log is where commands write.
type Log interface{ ledger.Appender }

// Vault keeps texts and addresses.
type Vault interface {
	Get(ctx context.Context, id string) ([]byte, error)
	Put(ctx context.Context, id string, content []byte) (vault.Commitment, error)
}

// People is the register.
type People interface {
	Person(id string) (register.Person, bool)
	Contacts(pupil string) []register.Contact
}

// Config is what a Book works with.
type Config struct {
	Log    Log
	Vault  Vault
	People People
	Stamp  func() ledger.Stamp
	Texts  func() Texts // those in force now

	Mailer     Mailer                     // nil: no e-mail, everything on slips
	StaffEmail func(person string) string // "" for none; nil: slips for all staff
	Logger     *slog.Logger               // nil logs nothing
}

// Book is all notices in memory, safe for concurrent use.
type Book struct {
	Config
	wake chan struct{} // tells the outbox that something has been queued

	command sync.Mutex // held by one command from its checks to its fold

	mu      sync.RWMutex
	notices map[string]*Notice
	order   []*Notice            // as prepared
	queue   []*Notice            // waiting for the outbox, as queued
	due     map[string]time.Time // machine time before which a deferred notice rests
}

// New makes an empty book. Hand it every record of the school's ledger with
// Fold before anything else, then start Run.
func New(c Config) *Book {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Book{Config: c, wake: make(chan struct{}, 1), notices: map[string]*Notice{}, due: map[string]time.Time{}}
}

// Settle waits for a command that is running. What was on the ledger when it was
// called has then been folded in.
func (b *Book) Settle() {
	b.command.Lock()
	defer b.command.Unlock()
}
