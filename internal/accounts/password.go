package accounts

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/accounts/common"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/phc"
)

// The limits of a password, in characters. There are no rules about which.
const (
	MinPassword = 12
	MaxPassword = 128
)

// RotateAfter is how old a password gets at a school whose policy wants it
// changed from time to time.
const RotateAfter = 180 * 24 * time.Hour

// ChangePassword sets the password of somebody who is signed in and has just
// proved who they are. Everything else they are signed in with ends. Errors:
// invalid, those of the ledger and the vault.
func (b *Book) ChangePassword(ctx context.Context, id, password string) error {
	b.command.Lock()
	defer b.command.Unlock()
	if a, known := b.Get(id); !known || !a.Seal.Sealed.IsZero() {
		return unknown(id)
	}
	return b.setPassword(ctx, id, id, password, "")
}

// setPassword records before, and a password after it. The caller holds command.
func (b *Book) setPassword(ctx context.Context, by, id, password, link string, before ...event) error {
	if err := b.checkPassword(id, password); err != nil {
		return err
	}
	verifier, err := phc.Hash(password, rand.Reader)
	if err != nil {
		return err
	}
	b.mu.RLock()
	old := ""
	if a := b.accounts[id]; a != nil {
		old = a.password.at
	}
	b.mu.RUnlock()
	set := event{kind: KindPasswordSet, body: body{Account: id, Link: link}, content: []byte(verifier)}
	others := event{kind: KindSessionsEnded, body: body{Account: id}}
	if err := b.record(ctx, by, append(before, set, others)...); err != nil {
		return err
	}
	return b.forget(ctx, old)
}

// checkPassword refuses what others would try first.
func (b *Book) checkPassword(id, password string) error {
	n := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password) || n < MinPassword || n > MaxPassword:
		return errs.At("password", fmt.Sprintf("A password has %d to %d characters", MinPassword, MaxPassword), "A few words in a row are easy to remember.")
	case common.Contains(password):
		return errs.At("password", "Many people use that password, so it is tried first", "Take a few words that have nothing to do with each other.")
	}
	name := ""
	if a, known := b.Get(id); known {
		name = a.Name
	}
	if left := without(password, append(strings.Fields(b.School), id, name)...); left < MinPassword/2 {
		return errs.At("password", "That is mostly the name of the school or of the account", "Take a few words that have nothing to do with either.")
	}
	return nil
}

// without counts the different characters of a password that are left when
// words of 4 letters and more are taken out of it, blind to case.
func without(password string, words ...string) int {
	text := strings.ToLower(password)
	for _, w := range words {
		if w = strings.ToLower(w); len(w) >= 4 {
			text = strings.ReplaceAll(text, w, "")
		}
	}
	seen := map[rune]bool{}
	for _, r := range text {
		if !unicode.IsSpace(r) {
			seen[r] = true
		}
	}
	return len(seen)
}
