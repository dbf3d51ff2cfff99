package desk

import (
	"context"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker"
)

// The limits of custody.
const (
	MaxItems   = 4000 // in custody at a time
	MaxEntries = 200  // of one case
	MaxText    = 2000 // bytes of one text
	mostSteps  = 100  // of an item's trail that are kept at hand
)

// Vault keeps texts.
type Vault interface {
	Get(ctx context.Context, id string) ([]byte, error)
	Put(ctx context.Context, id string, content []byte) (vault.Commitment, error)
	Erase(ctx context.Context, ids ...string) error
}

// People is the register.
type People interface {
	Person(id string) (register.Person, bool)
	Contacts(pupil string) []register.Contact
}

// Bars are the stops and holds that stand.
type Bars interface {
	Standing() []Bar
	Place(ctx context.Context, by string, kind Kind, on locker.Subject) (Bar, error)
}

// Config is what Custody works with.
type Config struct {
	Log    Log
	Vault  Vault
	People People
	Bars   Bars
	Stamp  func() ledger.Stamp
	Rules  func() policy.Rules // those in force

	// Ends is when the school day of a moment is over, or false on a day
	// without school.
	Ends func(at time.Time) (end time.Time, school bool)
	// Exempt reports whether a pupil may keep their phone at a moment.
	Exempt func(person string, at time.Time) bool
	// Banned reports whether the rules ban phones at a moment.
	Banned func(at time.Time) bool
	// Secret reports whether an item is of a safeguarding file about whose content
	// nothing is searched or deleted here; nil: none is.
	Secret func(item string) bool
	// Suspected is told of every case of what may be evidence, once it is on record
	// and a hold stands on the device; nil for nobody.
	Suspected func(ctx context.Context, by By, file Case, account Account)
	// Writing reports whether a pupil is in an exam paper now; nil: nobody ever is.
	Writing func(person string) bool
}

// Custody is all items and cases, safe for concurrent use.
type Custody struct {
	Config
	*shelves

	hidden func(item string) bool // what whoever looks must not know of; nil for nothing
}

// shelves are what all who look at one custody share.
type shelves struct {
	folds map[string]func(body, ledger.Record)

	command sync.Mutex // held by one command from its checks to its fold

	mu    sync.RWMutex
	items map[string]*Item
	cases map[string]*Case
	codes map[string]string // case by hash of a one-time code
	held  map[door]time.Time
	heard map[string]Ref // the newest record of each bank that is on the school's ledger
}

// door is one door of one bank.
type door struct {
	bank string
	n    int
}

// NewCustody makes an empty book. Hand it every record of the school's ledger
// with Fold before anything else.
func NewCustody(c Config) *Custody {
	book := &Custody{Config: c, shelves: &shelves{items: map[string]*Item{}, cases: map[string]*Case{}, codes: map[string]string{},
		held: map[door]time.Time{}, heard: map[string]Ref{}}}
	book.folds = book.byKind()
	return book
}

// Without is the same custody to somebody who must not know of some items: it has
// neither them nor their cases.
func (c *Custody) Without(hidden func(item string) bool) *Custody {
	return &Custody{Config: c.Config, shelves: c.shelves, hidden: hidden}
}

func (c *Custody) hides(item string) bool { return c.hidden != nil && c.hidden(item) }

// Settle waits for a command that is running. What was on the ledger when it was
// called has then been folded in.
func (c *Custody) Settle() {
	c.command.Lock()
	defer c.command.Unlock()
}

// By is who does something, and as what.
type By struct {
	school.Actor
	Roles []roles.Assignment
}

// may refuses whoever lacks a permission about the school as a whole. Pages and
// programs ask before; what can do harm asks here again.
func (b By) may(p roles.Permission, now time.Time) error {
	if !school.ValidID(b.Account) || !school.ValidID(b.Person) {
		return errUnknown
	}
	if !roles.May(b.Roles, p, roles.Target{}, now) {
		return errs.New(errs.Denied, "You may not do that.", "Ask somebody whose work it is; IT can tell you who.")
	}
	return nil
}

// MayInPerson is the same for what people of the register do alone: no visitor with an
// account, and no program. Errors: denied.
func (b By) MayInPerson(p roles.Permission, now time.Time) error {
	if !school.Known(b.Person) {
		return errUnknown
	}
	return b.may(p, now)
}

var errUnknown = errs.New(errs.Denied, "It is not known who does this.", "Sign in with an account that belongs to somebody.")

// record puts content into the vault, writes a record that commits to it, and
// folds that in. The caller holds command.
func (c *Custody) record(ctx context.Context, by By, kind string, e body, content any) error {
	e.By, e.Person = by.Account, by.Person
	return c.write(ctx, kind, c.Stamp(), e, content)
}

func (c *Custody) write(ctx context.Context, kind string, stamp ledger.Stamp, e body, content any) error {
	var err error
	if e.Kept, err = vault.Write(ctx, c.Vault, ledger.NewID("custody"), content); err != nil {
		return err
	}
	return ledger.Write(ctx, c.Log, c.Fold, kind, stamp, e)
}
