package ledger

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// NewID is an id that nothing has yet and nobody can guess: prefix, a hyphen, and 130
// bits as 26 letters and digits.
func NewID(prefix string) string { return prefix + "-" + strings.ToLower(rand.Text()) }

// NewEntry is an entry about no door; body becomes JSON.
func NewEntry(kind string, stamp Stamp, body any) (Entry, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return Entry{}, fmt.Errorf("encoding %s: %w", kind, err)
	}
	return Entry{Kind: kind, Stamp: stamp, Body: data}, nil
}

// Commit appends entries together and hands each to fold as the record it has
// become, so that a book never knows what is not on disk. Errors: those of Append
// and of fold.
func Commit(ctx context.Context, log Appender, fold func(Record) error, entries ...Entry) error {
	receipts, err := log.Append(ctx, entries...)
	if err != nil {
		return err
	}
	for i, e := range entries {
		if err := fold(Record{Seq: receipts[i].Seq(), Entry: e}); err != nil {
			return err
		}
	}
	return nil
}

// Write commits one entry about no door, as NewEntry makes it. Errors: as Commit.
func Write(ctx context.Context, log Appender, fold func(Record) error, kind string, stamp Stamp, body any) error {
	entry, err := NewEntry(kind, stamp, body)
	if err != nil {
		return err
	}
	return Commit(ctx, log, fold, entry)
}

// Unreadable is the fault of a fold that cannot take a record in. It has the code
// of its cause, or invalid when that has none.
func Unreadable(r Record, cause error) error {
	code := errs.CodeOf(cause)
	if code == "" || code == errs.Internal {
		code = errs.Invalid
	}
	return errs.Wrap(cause, code, fmt.Sprintf("Record %d of the ledger, %s, cannot be read.", r.Seq, r.Kind),
		"Run: bellkeep ledger verify, with --vault")
}
