package exam

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker/desk"
)

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
	Stamp  func() ledger.Stamp // school time
	Zone   *time.Location

	// Kept are all devices that are out of their owners' hands now, by person.
	Kept func() map[string][]Kept
	// Needs reports whether somebody may keep a device now because they need it for
	// their health or a disability.
	Needs func(person string) bool
	// Remove puts on record that a device was taken from a candidate.
	Remove func(ctx context.Context, by desk.By, in desk.Confiscation) (desk.Case, error)
}

// Book is all sittings in memory, safe for concurrent use.
type Book struct {
	Config

	command sync.Mutex // held by one command from its checks to its fold

	mu       sync.RWMutex
	sittings map[string]*Sitting
	order    []string  // ids, as they were set
	known    time.Time // the newest moment that any record is sure of
}

// New makes an empty book. Hand it every record of the school's ledger with Fold
// before anything else.
func New(c Config) *Book { return &Book{Config: c, sittings: map[string]*Sitting{}} }

// Settle waits for a command that is running. What was on the ledger when it was
// called has then been folded in.
func (b *Book) Settle() {
	b.command.Lock()
	defer b.command.Unlock()
}

// Sittings are those that were not cancelled, by their start.
func (b *Book) Sittings() []Sitting {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var list []Sitting
	for _, id := range b.order {
		if s := b.sittings[id]; s.Cancelled.IsZero() {
			list = append(list, s.copied())
		}
	}
	slices.SortStableFunc(list, func(a, b Sitting) int {
		return cmp.Or(a.Start.Compare(b.Start), strings.Compare(a.Paper.Title, b.Paper.Title))
	})
	return list
}

// Sitting finds one. Errors: not found.
func (b *Book) Sitting(id string) (Sitting, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if s := b.sittings[id]; s != nil {
		return s.copied(), nil
	}
	return Sitting{}, errs.New(errs.NotFound, "There is no such sitting.", "Look at the list of exams.")
}

// Standing is a line, how it stands now, and the candidate's devices that are kept.
type Standing struct {
	Line
	State State
	Kept  []Kept
}

// Standings are all lines of a sitting as they are now.
func (b *Book) Standings(s Sitting) []Standing {
	kept := b.Kept()
	var list []Standing
	for _, l := range s.Lines {
		if l.Listed() {
			list = append(list, Standing{l, l.State(kept[l.Person]), kept[l.Person]})
		}
	}
	return list
}

// record puts content into the vault, writes a record that commits to it, and folds
// that in. The caller holds command.
func (b *Book) record(ctx context.Context, by desk.By, kind string, e body, content any) error {
	e.By, e.Person = by.Account, by.Person
	var err error
	if e.Kept, err = vault.Write(ctx, b.Vault, ledger.NewID("exam"), content); err != nil {
		return err
	}
	return ledger.Write(ctx, b.Log, b.Fold, kind, b.Stamp(), e)
}
