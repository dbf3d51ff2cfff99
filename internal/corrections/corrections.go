// Package corrections lets somebody say of a record that it is wrong. A record
// is never changed: a correction is a record of its own that names it.
//
//	record-corrected  by, person, of {ledger, seq}, content, commitment
//
// ledger is the named record's writer and epoch, as in bank-a.1; the text lies in
// the vault under content.
package corrections

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// KindCorrected is the kind of the book's records.
const KindCorrected = "record-corrected"

const (
	maxText = 1000 // characters of a correction
	most    = 50   // corrections of one record
)

// Log is where commands write.
type Log interface{ ledger.Appender }

// Vault keeps the texts.
type Vault interface {
	Get(ctx context.Context, id string) ([]byte, error)
	Put(ctx context.Context, id string, content []byte) (vault.Commitment, error)
}

// Ref names a record.
type Ref struct {
	Ledger string `json:"ledger"` // writer and epoch: school.1
	Seq    uint64 `json:"seq"`
}

// Correction is what somebody said of a record.
type Correction struct {
	By   string // account
	At   time.Time
	Text string // "" once the vault has erased it
}

// Book is all corrections, safe for concurrent use.
type Book struct {
	log   Log
	vault Vault
	stamp func() ledger.Stamp

	command sync.Mutex // held by one command from its checks to its fold

	mu  sync.RWMutex
	all map[Ref][]Correction
}

// New makes an empty book. Hand it every record of the school's ledger with
// Fold before anything else.
func New(log Log, v Vault, stamp func() ledger.Stamp) *Book {
	return &Book{log: log, vault: v, stamp: stamp, all: map[Ref][]Correction{}}
}

type body struct {
	By     string `json:"by"`
	Person string `json:"person,omitempty"`
	Of     Ref    `json:"of"`
	vault.Kept
}

// Fold takes in a record of the school's ledger; kinds of others are ignored.
// Errors: invalid, unavailable.
func (b *Book) Fold(r ledger.Record) error {
	if r.Kind != KindCorrected {
		return nil
	}
	var e body
	if err := json.Unmarshal(r.Body, &e); err != nil || e.Of.Ledger == "" {
		return ledger.Unreadable(r, err)
	}
	text, err := b.vault.Get(context.Background(), e.Content) // one local file: there is nothing to wait for
	if err != nil && errs.CodeOf(err) != errs.NotFound {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all[e.Of] = append(b.all[e.Of], Correction{e.By, r.Stamp.Wall, string(text)})
	return nil
}

// Of are the corrections of a record, oldest first.
func (b *Book) Of(r Ref) []Correction {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.Clone(b.all[r])
}

// Add corrects a record. That there is one the caller has looked at. Errors:
// invalid (at text), conflict (too many already), those of the ledger and the
// vault.
func (b *Book) Add(ctx context.Context, who school.Actor, of Ref, text string) error {
	b.command.Lock()
	defer b.command.Unlock()
	text = strings.TrimSpace(text)
	n := utf8.RuneCountInString(text)
	switch {
	case n < 3 || !utf8.ValidString(text):
		return errs.At("text", "Say what is wrong, and what is right.", "One or two sentences are enough.")
	case n > maxText:
		return errs.At("text", fmt.Sprintf("The correction is longer than %d characters.", maxText), "Shorten it.")
	case len(b.Of(of)) >= most:
		return errs.New(errs.Conflict, "This record has been corrected too often.", "Correct one of its corrections.")
	case !school.ValidID(who.Account):
		return errs.New(errs.Invalid, "Somebody must answer for it.", "Sign in and try again.")
	}
	kept, err := vault.Keep(ctx, b.vault, ledger.NewID("correction"), []byte(text))
	if err != nil {
		return err
	}
	return ledger.Write(ctx, b.log, b.Fold, KindCorrected, b.stamp(), body{By: who.Account, Person: who.Person, Of: of, Kept: kept})
}
