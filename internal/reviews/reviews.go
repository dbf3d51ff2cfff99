// Package reviews is the book of prompts to look at the school's policy again. Every
// technical change asks for that: another bank or another machine in its place, other
// rules for school devices, other software on the server or on a bank. A prompt stays
// until somebody of the leadership has answered it.
//
// The book is a fold over the school's ledger. It makes its prompts of the records of
// others, and writes two kinds itself:
//
//	software-changed  of, version                               of: school, or a bank's id
//	review-answered   by, person, prompts, outcome, content, commitment
//
// prompts are the numbers of the records that asked; the words lie in the vault. A
// school that is being set up is not asked: nothing prompts in the first two weeks of
// its ledger.
package reviews

import (
	"cmp"
	"context"
	"crypto/rand"
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

// The kinds of the book's records.
const (
	KindSoftware = "software-changed"
	KindAnswered = "review-answered"
)

// The limits.
const (
	setUp     = 14 * 24 * time.Hour // of a new school
	maxText   = 1000                // characters of an answer
	maxOpen   = 500                 // prompts; the oldest is dropped for a newer one
	maxBefore = 50                  // answers kept at hand
	maxName   = 100                 // bytes of a version
)

// changes are the kinds of record that prompt.
var changes = map[string]What{
	"bank-listed":        Bank,
	"bank-replaced":      Machine,
	"change-published":   DeviceRules,
	"change-rolled-back": DeviceRules,
	KindSoftware:         Software,
}

// What was changed.
type What string

// The changes.
const (
	Bank        What = "bank"         // a bank came, or has other doors
	Machine     What = "machine"      // a bank's computer was replaced
	DeviceRules What = "device-rules" // what school devices must be
	Software    What = "software"     // of the server or of a bank
)

// Outcome is what came of a review.
type Outcome string

// The outcomes.
const (
	Stands  Outcome = "stands"  // the policy stands as it is
	Revised Outcome = "revised" // it is being revised, or has been
)

// Prompt is one change that waits for an answer.
type Prompt struct {
	Seq  uint64 // of the record that asked
	At   time.Time
	What What
	Of   string // which bank; "school" for the server's software; "" for what has no name
	Now  string // the version of a software
}

// Answer is what somebody of the leadership said.
type Answer struct {
	At         time.Time
	By, Person string
	Outcome    Outcome
	Text       string // "" once the vault has erased it
	Prompts    int
}

// Vault keeps the texts.
type Vault interface {
	Get(ctx context.Context, id string) ([]byte, error)
	Put(ctx context.Context, id string, content []byte) (vault.Commitment, error)
}

// Book is all prompts, safe for concurrent use.
type Book struct {
	log   ledger.Appender
	vault Vault
	stamp func() ledger.Stamp

	command sync.Mutex // held by one command from its checks to its fold

	mu       sync.RWMutex
	began    time.Time // of the ledger
	open     []Prompt  // oldest first
	answers  []Answer  // oldest first
	software map[string]string
}

// New makes an empty book. Hand it every record of the school's ledger with Fold
// before anything else.
func New(log ledger.Appender, v Vault, stamp func() ledger.Stamp) *Book {
	return &Book{log: log, vault: v, stamp: stamp, software: map[string]string{}}
}

// Settle waits for a command that is running. What was on the ledger when it was
// called has then been folded in.
func (b *Book) Settle() {
	b.command.Lock()
	defer b.command.Unlock()
}

// Open are the prompts that wait, oldest first.
func (b *Book) Open() []Prompt {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return slices.Clone(b.open)
}

// Answers are the newest ones, the last first.
func (b *Book) Answers() []Answer {
	b.mu.RLock()
	defer b.mu.RUnlock()
	list := slices.Clone(b.answers)
	slices.Reverse(list)
	return list
}

// Runs records which software the server, or a bank, runs, if it is another than on
// record. Errors: those of the ledger.
func (b *Book) Runs(ctx context.Context, of, version string) error {
	b.command.Lock()
	defer b.command.Unlock()
	version = version[:min(len(version), maxName)]
	b.mu.RLock()
	same := b.software[of] == version
	b.mu.RUnlock()
	if same || version == "" {
		return nil
	}
	return b.record(ctx, KindSoftware, body{Of: of, Version: version})
}

// Said is an answer to prompts.
type Said struct {
	Prompts []uint64
	Outcome Outcome
	Text    string // why, or what will be revised
}

// Answer closes prompts. Errors: invalid by field, conflict when one of them does not
// wait any more, those of ledger and vault.
func (b *Book) Answer(ctx context.Context, who school.Actor, s Said) error {
	b.command.Lock()
	defer b.command.Unlock()
	s.Text = strings.TrimSpace(s.Text)
	waits := func(seq uint64) bool {
		return slices.ContainsFunc(b.Open(), func(p Prompt) bool { return p.Seq == seq })
	}
	n := utf8.RuneCountInString(s.Text)
	switch {
	case !school.ValidID(who.Account) || !school.ValidID(who.Person):
		return errs.New(errs.Denied, "It is not known who answers.", "Sign in with an account that belongs to somebody.")
	case len(s.Prompts) == 0:
		return errs.At("prompts", "Choose which changes you have looked at", "")
	case s.Outcome != Stands && s.Outcome != Revised:
		return errs.At("outcome", "Choose what came of it", "")
	case n < 5 || !utf8.ValidString(s.Text):
		return errs.At("text", "Say why, or what will be revised", "One or two sentences are enough.")
	case n > maxText:
		return errs.At("text", fmt.Sprintf("The answer is longer than %d characters", maxText), "Shorten it.")
	case slices.ContainsFunc(s.Prompts, func(seq uint64) bool { return !waits(seq) }):
		return errs.New(errs.Conflict, "Somebody has answered one of these already.", "Look at the list again.")
	}
	e := body{By: who.Account, Person: who.Person, Prompts: s.Prompts, Outcome: s.Outcome, Content: "review-" + strings.ToLower(rand.Text())}
	made, err := b.vault.Put(ctx, e.Content, []byte(s.Text))
	if err != nil {
		return err
	}
	e.Commitment = &made
	return b.record(ctx, KindAnswered, e)
}

func (b *Book) record(ctx context.Context, kind string, e body) error {
	entry, err := ledger.NewEntry(kind, b.stamp(), e)
	if err != nil {
		return err
	}
	return ledger.Commit(ctx, b.log, b.Fold, entry)
}

// body is the body of the book's own records, and what it reads of others'.
type body struct {
	By         string            `json:"by,omitempty"`
	Person     string            `json:"person,omitempty"`
	Bank       string            `json:"bank,omitempty"`
	Of         string            `json:"of,omitempty"`
	Version    string            `json:"version,omitempty"`
	Prompts    []uint64          `json:"prompts,omitempty"`
	Outcome    Outcome           `json:"outcome,omitempty"`
	Content    string            `json:"content,omitempty"` // id in the vault
	Commitment *vault.Commitment `json:"commitment,omitempty"`
}

// Fold takes in a record of the school's ledger. Errors: invalid, unavailable.
func (b *Book) Fold(r ledger.Record) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.began.IsZero() || r.Stamp.Wall.Before(b.began) {
		b.began = r.Stamp.Wall
	}
	what, prompts := changes[r.Kind]
	if !prompts && r.Kind != KindAnswered {
		return nil
	}
	var e body
	if r.Kind == KindSoftware || r.Kind == KindAnswered {
		if err := json.Unmarshal(r.Body, &e); err != nil {
			return ledger.Unreadable(r, err)
		}
	} else {
		var other struct {
			Bank string `json:"bank"`
		}
		_ = json.Unmarshal(r.Body, &other) // another book's record: of which bank is all that is wanted, and not needed
		e.Bank = other.Bank
	}
	switch {
	case r.Kind == KindAnswered:
		return b.answered(r, e)
	case r.Kind == KindSoftware:
		before := b.software[e.Of]
		if b.software[e.Of] = e.Version; before == "" {
			return nil // what it ran from the beginning
		}
	}
	if r.Stamp.Wall.Sub(b.began) < setUp {
		return nil
	}
	b.open = append(b.open, Prompt{Seq: r.Seq, At: r.Stamp.Wall, What: what, Of: cmp.Or(e.Of, e.Bank), Now: e.Version})
	if len(b.open) > maxOpen {
		b.open = slices.Delete(b.open, 0, 1)
	}
	return nil
}

// answered closes prompts. The caller holds mu.
func (b *Book) answered(r ledger.Record, e body) error {
	text, err := b.vault.Get(context.Background(), e.Content) // one local file: there is nothing to wait for
	if err != nil && errs.CodeOf(err) != errs.NotFound {
		return err
	}
	b.open = slices.DeleteFunc(b.open, func(p Prompt) bool { return slices.Contains(e.Prompts, p.Seq) })
	b.answers = append(b.answers, Answer{At: r.Stamp.Wall, By: e.By, Person: e.Person, Outcome: e.Outcome, Text: string(text), Prompts: len(e.Prompts)})
	if len(b.answers) > maxBefore {
		b.answers = slices.Delete(b.answers, 0, 1)
	}
	return nil
}
