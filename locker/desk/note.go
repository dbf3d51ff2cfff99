package desk

import (
	"context"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// Note is a text added to a case, as the vault holds it.
type Note struct {
	Text string `json:"text"`
}

// AddNote adds a text to a case: a note, or another look at the device's
// condition. Errors: denied, not_found, conflict, invalid by field, those of
// vault and ledger.
func (c *Custody) AddNote(ctx context.Context, by By, id string, condition bool, text string) error {
	kind := KindNote
	if condition {
		kind = KindCondition
	}
	return c.note(ctx, by, roles.MoveItem, kind, body{Case: id}, text)
}

// Correct adds a correction that refers to an entry of a case by its number. The
// entry stays as it is. Errors: those of AddNote.
func (c *Custody) Correct(ctx context.Context, by By, id string, entry int, text string) error {
	return c.note(ctx, by, roles.Correct, KindCorrection, body{Case: id, Corrects: entry}, text)
}

func (c *Custody) note(ctx context.Context, by By, p roles.Permission, kind string, e body, text string) error {
	c.command.Lock()
	defer c.command.Unlock()
	now := c.Stamp().Wall
	file, err := c.recordable(by, e.Case, p, now)
	if err != nil {
		return err
	}
	if kind == KindCorrection && (e.Corrects < 1 || e.Corrects > len(file.Entries)) {
		return errs.At("corrects", "There is no entry of that number.", "Choose the entry to correct.")
	}
	f := faults{now: now}
	f.text("text", text)
	if len(f.list) > 0 {
		return f.list[0]
	}
	return c.record(ctx, by, kind, e, Note{text})
}
