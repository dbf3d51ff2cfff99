package concern

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// The kinds of record.
const (
	KindOpened       = "concern-opened"
	KindSorted       = "concern-sorted"
	KindDevice       = "concern-device"
	KindAcknowledged = "concern-acknowledged"
	KindStep         = "concern-step"
	KindEntry        = "concern-entry"
	KindCorrection   = "concern-correction"
	KindAction       = "concern-action"
	KindActionDone   = "concern-action-done"
	KindDeletion     = "concern-deletion"
	KindLooked       = "concern-looked"
	KindExported     = "concern-exported"
	KindClosed       = "concern-closed"
	KindReopened     = "concern-reopened"
)

// Prefix begins every kind of record of this book.
const Prefix = "concern-"

// body is the body of all records. Sealed is not called commitment: it is to the
// sealed bytes, in a vault of their own.
type body struct {
	File    string            `json:"file"`
	By      string            `json:"by"`
	Person  string            `json:"person"`
	Item    string            `json:"item,omitempty"`
	Case    string            `json:"case,omitempty"`
	Bar     string            `json:"bar,omitempty"`
	Entry   int               `json:"entry,omitempty"`
	Content string            `json:"content,omitempty"` // id of the sealed text
	Sealed  *vault.Commitment `json:"sealed,omitempty"`
}

// text is what is sealed of a record. Which fields are set depends on the kind.
type text struct {
	Category Category  `json:"category,omitempty"`
	Area     Area      `json:"area,omitempty"`
	About    []string  `json:"about,omitempty"`
	Seized   Seizure   `json:"seized,omitzero"`
	Kind     Kind      `json:"kind,omitempty"`
	Text     string    `json:"text,omitempty"`
	Step     string    `json:"step,omitempty"`
	State    State     `json:"state,omitempty"`
	Until    time.Time `json:"until,omitzero"`
	Ref      string    `json:"ref,omitempty"`
	Owner    string    `json:"owner,omitempty"`
	Outcome  Outcome   `json:"outcome,omitempty"`
}

// record seals t, writes a record that commits to it, and folds that in. A crash in
// between leaves text that nobody refers to, never a commitment to nothing. The
// caller holds command.
func (b *Book) record(ctx context.Context, by desk.By, kind string, e body, t *text) error {
	if !school.ValidID(by.Account) || !school.ValidID(by.Person) { // the ledger is for ever: no name may reach it
		return errs.New(errs.Invalid, "Whoever does this is named by an id, not by a name.", "Ask IT to say whose account it is.")
	}
	e.By, e.Person = by.Account, by.Person
	if t != nil {
		data, err := json.Marshal(t)
		if err != nil {
			return err
		}
		e.Content = "concern-" + random()
		sealed, err := b.Texts.Put(ctx, e.Content, data)
		if err != nil {
			return err
		}
		e.Sealed = &sealed
	}
	entry, err := ledger.NewEntry(kind, b.Stamp(), e)
	if err != nil {
		return err
	}
	return ledger.Commit(ctx, b.Log, b.Fold, entry)
}

// random is 130 bits as 26 letters and digits.
func random() string { return strings.ToLower(rand.Text()) }
