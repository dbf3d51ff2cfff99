package reviews

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// The limits.
const (
	setUp     = 14 * 24 * time.Hour // of a new school
	maxText   = 1000                // characters of an answer
	maxOpen   = 500                 // prompts; the oldest is dropped for a newer one
	maxBefore = 50                  // answers kept at hand
	maxName   = 100                 // bytes of a version
)

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
	kept, err := vault.Keep(ctx, b.vault, ledger.NewID("review"), []byte(s.Text))
	if err != nil {
		return err
	}
	return b.record(ctx, KindAnswered, body{By: who.Account, Person: who.Person, Prompts: s.Prompts, Outcome: s.Outcome, Kept: kept})
}

func (b *Book) record(ctx context.Context, kind string, e body) error {
	return ledger.Write(ctx, b.log, b.Fold, kind, b.stamp(), e)
}
