package staff

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/pins"
	"github.com/bellkeep/bellkeep/internal/school"
)

// Set gives a member of staff a PIN in place of any before. The verifier is in
// the vault before the record that speaks of it; that of the PIN before is
// erased. Errors: invalid (the PIN, or by), not_found (nobody on the roll, or no
// member of staff), those of the ledger and the vault.
func (b *Book) Set(ctx context.Context, by, person, secret string) error {
	return b.set(ctx, body{By: by, Person: person}, secret)
}

// SetTechnician is Set for a member of staff who may also have a bank's doors
// mapped, which opens all of them while nothing is behind them.
func (b *Book) SetTechnician(ctx context.Context, by, person, secret string) error {
	return b.set(ctx, body{By: by, Person: person, Technician: true}, secret)
}

func (b *Book) set(ctx context.Context, e body, secret string) error {
	b.command.Lock()
	defer b.command.Unlock()
	if !b.serves(e.Person) {
		return errs.New(errs.NotFound, fmt.Sprintf("No member of staff on the roll has the id %.40q.", e.Person), "Look it up with: bellkeep staff list")
	}
	verifier, err := pins.New(secret, rand.Reader)
	if err != nil {
		return err
	}
	content := "staff-pin-" + strings.ToLower(rand.Text())
	commitment, err := b.vault.Put(ctx, content, []byte(verifier))
	if err != nil {
		return err
	}
	before := b.content(e.Person)
	e.Content, e.Commitment = content, &commitment
	if err := b.record(ctx, KindSet, e); err != nil {
		return errors.Join(err, b.vault.Erase(ctx, content)) // nothing may count that is not on record
	}
	return b.forget(ctx, before)
}

// Remove takes a person's PIN away, whether on the roll or not. Errors: invalid,
// not_found (there is none), those of the ledger and the vault.
func (b *Book) Remove(ctx context.Context, by, person string) error {
	b.command.Lock()
	defer b.command.Unlock()
	content := b.content(person)
	if content == "" {
		return errs.New(errs.NotFound, fmt.Sprintf("Nobody with the id %.40q has a PIN.", person), "See who has one with: bellkeep staff list")
	}
	if err := b.record(ctx, KindRemoved, body{By: by, Person: person}); err != nil {
		return err
	}
	return b.forget(ctx, content)
}

// content is where the vault keeps the verifier of a person; "" for none.
func (b *Book) content(person string) string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.pins[person].content
}

func (b *Book) record(ctx context.Context, kind string, e body) error {
	if !school.ValidID(e.By) {
		return errs.New(errs.Invalid, "Somebody must answer for it.", "Give the staff id of who does this.")
	}
	return ledger.Write(ctx, b.log, b.Fold, kind, b.stamp(), e)
}

// forget erases the verifier of a PIN that no longer counts.
func (b *Book) forget(ctx context.Context, content string) error {
	if content == "" {
		return nil
	}
	if err := b.vault.Erase(ctx, content); err != nil {
		return errs.Wrap(err, errs.CodeOf(err), "The change is made, but what the old PIN was checked against could not be erased.",
			"Check the disk and its free space, then set the PIN once more.")
	}
	return nil
}
