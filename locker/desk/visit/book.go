package visit

import (
	"context"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// The limits.
const (
	maxText = 1000      // characters of a text
	atOnce  = 5         // devices of one visit
	grace   = time.Hour // after the school day, before a device counts as left over
)

// Vault keeps what was written under ids that are used once.
type Vault interface {
	Put(ctx context.Context, id string, content []byte) (vault.Commitment, error)
	Get(ctx context.Context, id string) ([]byte, error)
}

// Custody keeps the devices themselves.
type Custody interface {
	Item(id string) (desk.Item, error)
	TakeFromVisitor(ctx context.Context, by desk.By, visit string, in desk.Intake) (desk.Item, error)
	GiveToVisitor(ctx context.Context, by desk.By, item string) error
}

// Config is what a book works with.
type Config struct {
	Log     ledger.Appender
	Vault   Vault
	Custody Custody
	Random  io.Reader // of slips
	Stamp   func() ledger.Stamp
	Rules   func() policy.Rules

	// Signed says why a visitor may have nothing here; nil while their visit lasts.
	Signed func(visit string) error
	// Until is the end of a visit.
	Until func(visit string) (time.Time, bool)
	// Ends is when the school day of a moment is over, or false on a day without
	// school.
	Ends func(at time.Time) (end time.Time, school bool)
}

// Deposit is a device that a visitor handed in.
type Deposit struct {
	Item  string
	Visit string
	At    time.Time
	By    string
	Until time.Time // the slip is good until then
	Out   time.Time // given back; zero before

	hash school.BadgeHash
}

// Outcome is what came of asking a visitor about a device.
type Outcome string

// The outcomes.
const (
	Explained Outcome = "explained" // it was allowed after all
	Stopped   Outcome = "stopped"   // they put it away when asked
	Breach    Outcome = "breach"    // they broke the agreement: the safeguarding lead is told
)

// Challenge is that a member of staff asked a visitor about a device.
type Challenge struct {
	ID         string
	Visit      string // "" for somebody who signed nothing
	At         time.Time
	Zone       desk.Zone
	Outcome    Outcome
	By, Person string
	Recorded   time.Time
	Text       string // what was seen; "" once erased
	Seen       *Seen  // of a breach; nil while the lead has not taken note
}

// Seen is that the safeguarding lead took note of a breach.
type Seen struct {
	By, Person string
	At         time.Time
	Text       string // what was done about it
}

// Book is all deposits and challenges in memory, safe for concurrent use.
type Book struct {
	Config

	command sync.Mutex // held by one command from its checks to its fold

	mu         sync.RWMutex
	deposits   []*Deposit
	challenges []*Challenge
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

// Deposits are the devices of visitors that are here, those here longest first.
func (b *Book) Deposits() (list []Deposit) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, d := range b.deposits {
		if d.Out.IsZero() {
			list = append(list, *d)
		}
	}
	return list
}

// Deposit finds one by its item. Errors: not found.
func (b *Book) Deposit(item string) (Deposit, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if i := slices.IndexFunc(b.deposits, func(d *Deposit) bool { return d.Item == item }); i >= 0 {
		return *b.deposits[i], nil
	}
	return Deposit{}, errs.New(errs.NotFound, "No visitor handed that in.", "Look at the list of visitors’ devices.")
}

// Left reports whether a device is left over: its visitor's time is over, or the
// school day on which it came in, an hour ago.
func (b *Book) Left(d Deposit) bool {
	now := b.Stamp().Wall
	end, isSchool := b.Ends(d.At)
	return d.Out.IsZero() && (!now.Before(d.Until) || isSchool && now.After(end.Add(grace)))
}

// Challenges are all of them, the newest first.
func (b *Book) Challenges() (list []Challenge) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, c := range slices.Backward(b.challenges) {
		list = append(list, *c)
	}
	return list
}

// Unseen are the breaches that no safeguarding lead has taken note of, the newest
// first.
func (b *Book) Unseen() []Challenge {
	return slices.DeleteFunc(b.Challenges(), func(c Challenge) bool { return c.Outcome != Breach || c.Seen != nil })
}

// record puts a text into the vault, writes a record that commits to it, and folds
// that in. The caller holds command.
func (b *Book) record(ctx context.Context, by desk.By, kind string, e body, text string) error {
	e.By, e.Person = by.Account, by.Person
	if text != "" {
		var err error
		if e.Kept, err = vault.Write(ctx, b.Vault, ledger.NewID("visit"), text); err != nil {
			return err
		}
	}
	return ledger.Write(ctx, b.Log, b.Fold, kind, b.Stamp(), e)
}
