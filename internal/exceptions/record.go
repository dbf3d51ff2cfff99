package exceptions

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
)

// record puts what was written into the vault, writes the record and folds it.
// A crash in between leaves content nobody refers to, never a commitment to
// nothing. The caller holds command.
func (b *Book) record(ctx context.Context, kind string, by By, stamp ledger.Stamp, e body, written *paper) error {
	if !school.ValidID(by.Account) || !school.ValidID(by.Person) { // the ledger is for ever: no name may reach it
		return errs.New(errs.Invalid, "Whoever does this is named by an id, not by a name.", "Ask IT to say whose account it is.")
	}
	e.By, e.Person = by.Account, by.Person
	if written != nil {
		data, err := json.Marshal(written)
		if err != nil {
			return err
		}
		e.Content = "exception-" + random()
		commitment, err := b.Vault.Put(ctx, e.Content, data)
		if err != nil {
			return err
		}
		e.Commitment = &commitment
	}
	entry, err := ledger.NewEntry(kind, stamp, e)
	if err != nil {
		return err
	}
	return ledger.Commit(ctx, b.Log, b.Fold, entry)
}

// because is what the vault keeps of a reason; nothing of none.
func because(why string) *paper {
	if why = strings.TrimSpace(why); why == "" {
		return nil
	}
	return &paper{Paper: exception.Paper{Why: why}}
}

// random is 130 bits as 26 letters and digits.
func random() string { return strings.ToLower(rand.Text()) }
