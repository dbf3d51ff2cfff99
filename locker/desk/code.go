package desk

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// A one-time code lets a listed adult show who they are by what was printed or
// sent to them. Its text is
//
//	BR1 + 26 characters
//
// of which the 26 are 130 random bits in base32 (RFC 4648): upper-case letters and
// digits only, as a scanner posing as a keyboard passes them on. Only its SHA-256
// is kept. It names one case and one contact, and all rules of a release hold
// when it is used.
const codePrefix = "BR1"

// CodeLasts is how long a one-time code may be used.
const CodeLasts = 7 * 24 * time.Hour

// Code is a one-time code as these records know it.
type Code struct {
	Made, Until time.Time
	Used        time.Time // zero before
	hash        string
	content     string // id in the vault: Receiver
}

// MakeCode makes the one-time code of a case for a contact. Any earlier one of
// the case ends. The text is given once and kept nowhere. Errors: denied,
// not_found, conflict, invalid by field, those of vault and ledger.
func (c *Custody) MakeCode(ctx context.Context, by By, id, contact string) (text string, err error) {
	c.command.Lock()
	defer c.command.Unlock()
	now := c.Stamp().Wall
	if err := by.may(roles.ReleaseItem, now); err != nil {
		return "", err
	}
	file, i, err := c.file(id)
	if err != nil {
		return "", err
	}
	if err := cmp.Or(file.releasable(i), MayReceive(c.People.Contacts(file.Whose), contact)); err != nil {
		return "", err
	}
	text = codePrefix + rand.Text()
	e := body{Case: id, Hash: hashOf(text), Until: now.Add(CodeLasts)}
	return text, c.record(ctx, by, KindCodeMade, e, receiver(c.contact(file.Whose, contact)))
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(strings.ToUpper(strings.TrimSpace(text))))
	return hex.EncodeToString(sum[:])
}

// CaseOfCode finds the case that a one-time code is of, used or not. Errors: not
// found.
func (c *Custody) CaseOfCode(text string) (Case, error) {
	c.mu.RLock()
	id := c.codes[hashOf(text)]
	c.mu.RUnlock()
	if id == "" {
		return Case{}, errs.New(errs.NotFound, "That code is not known.", "Look for the pupil's name instead.")
	}
	return c.Case(id)
}

// shown is the contact that a release is to. With a code that is the one it was
// made for, whoever else was chosen.
func (c *Custody) shown(ctx context.Context, file Case, r Release, now time.Time) (contact string, err error) {
	if r.Identity != ByCode {
		return r.Contact, nil
	}
	if err := file.Code.good(r.Code, now); err != nil {
		return "", err
	}
	var to Receiver
	if err := vault.Read(ctx, c.Vault, file.Code.content, &to); err != nil {
		return "", err
	}
	if r.Contact != "" && r.Contact != to.Contact {
		return "", errs.At("contact", "The code is for another adult.", "Choose the adult who stands before you.")
	}
	return to.Contact, nil
}

func (k *Code) good(text string, now time.Time) error {
	same := k != nil && subtle.ConstantTimeCompare([]byte(k.hash), []byte(hashOf(text))) == 1
	switch {
	case !same:
		return errs.At("code", "That code is not for this case, or a newer one was made.", "Check who this is in another way.")
	case !k.Used.IsZero():
		return errs.At("code", "That code has been used.", "Check who this is in another way.")
	case !now.Before(k.Until):
		return errs.At("code", "That code is too old.", "Check who this is in another way.")
	}
	return nil
}
