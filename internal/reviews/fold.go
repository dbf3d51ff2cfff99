package reviews

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// The kinds of the book's records.
const (
	KindSoftware = "software-changed"
	KindAnswered = "review-answered"
)

// changes are the kinds of record that prompt.
var changes = map[string]What{
	"bank-listed":        Bank,
	"bank-replaced":      Machine,
	"change-published":   DeviceRules,
	"change-rolled-back": DeviceRules,
	KindSoftware:         Software,
}

// body is the body of the book's own records.
type body struct {
	By      string   `json:"by,omitempty"`
	Person  string   `json:"person,omitempty"`
	Of      string   `json:"of,omitempty"`
	Version string   `json:"version,omitempty"`
	Prompts []uint64 `json:"prompts,omitempty"`
	Outcome Outcome  `json:"outcome,omitempty"`
	vault.Kept
}

// Fold takes in a record of the school's ledger. Errors: invalid, unavailable.
func (b *Book) Fold(r ledger.Record) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.began.IsZero() || r.Stamp.Wall.Before(b.began) {
		b.began = r.Stamp.Wall
	}
	var e body
	if r.Kind == KindSoftware || r.Kind == KindAnswered {
		if err := json.Unmarshal(r.Body, &e); err != nil {
			return ledger.Unreadable(r, err)
		}
	}
	what, prompts := changes[r.Kind]
	switch {
	case r.Kind == KindAnswered:
		return b.answered(r, e)
	case r.Kind == KindSoftware:
		before := b.software[e.Of]
		b.software[e.Of] = e.Version
		prompts = before != "" // else it is what it ran from the beginning
	case prompts:
		e.Of = bankOf(r)
	}
	if !prompts || r.Stamp.Wall.Sub(b.began) < setUp {
		return nil
	}
	b.open = append(b.open, Prompt{Seq: r.Seq, At: r.Stamp.Wall, What: what, Of: e.Of, Now: e.Version})
	if len(b.open) > maxOpen {
		b.open = slices.Delete(b.open, 0, 1)
	}
	return nil
}

// bankOf is the bank that another book's record is about, "" for none: it is all that is
// wanted of that record, and not needed.
func bankOf(r ledger.Record) string {
	var other struct {
		Bank string `json:"bank"`
	}
	_ = json.Unmarshal(r.Body, &other) // a body of another shape names no bank
	return other.Bank
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
