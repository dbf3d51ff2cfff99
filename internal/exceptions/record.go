package exceptions

import (
	"context"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/vault"
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
		var err error
		if e.Kept, err = vault.Write(ctx, b.Vault, ledger.NewID("exception"), written); err != nil {
			return err
		}
	}
	return ledger.Write(ctx, b.Log, b.Fold, kind, stamp, e)
}

// because is what the vault keeps of a reason; nothing of none.
func because(why string) *paper {
	if why = strings.TrimSpace(why); why == "" {
		return nil
	}
	return &paper{Paper: exception.Paper{Why: why}}
}
