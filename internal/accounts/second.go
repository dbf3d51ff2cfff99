package accounts

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// What codes of an app are made of: RFC 6238 as every app has it. A code of the
// step before or after counts too, for clocks that differ.
const (
	stepLasts = 30 // seconds
	stepsOff  = 1
)

var digits = totp.ValidateOpts{Period: stepLasts, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// recoveryCodes is how many codes are printed for the day the phone is lost.
const recoveryCodes = 10

// NewTOTP draws the secret of an app, to be shown once, and its address for a QR
// code. Nothing is kept until SetTOTP.
func (b *Book) NewTOTP(id string) (secret, uri string, err error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Bellkeep " + b.School, AccountName: id, Rand: rand.Reader})
	if err != nil {
		return "", "", err
	}
	return key.Secret(), key.URL(), nil
}

// step finds which step a code is of; 0 for none.
func step(key, code string, now time.Time) int64 {
	code = strings.ReplaceAll(code, " ", "")
	for off := int64(-stepsOff); off <= stepsOff; off++ {
		n := now.Unix()/stepLasts + off
		want, err := totp.GenerateCodeCustom(key, time.Unix(n*stepLasts, 0), digits)
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return n
		}
	}
	return 0
}

// Code checks a code of an account's app, or one of its recovery codes. It
// counts once it is on record: see SignIn.
func (b *Book) Code(id, code string) (Proof, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	a := b.accounts[id]
	if a == nil || a.totp.value == "" {
		return Proof{}, false
	}
	if n := step(a.totp.value, code, b.Now()); n > a.step {
		return Proof{How: ByCode, Step: n, of: a.totp.at}, true
	}
	hash := hashOf(code)
	for i, kept := range split(a.recovery.value) {
		if kept == hash && !a.spent[i+1] {
			return Proof{How: ByRecovery, Recovery: i + 1, of: a.recovery.at}, true
		}
	}
	return Proof{}, false
}

// SetTOTP asks for codes of an app from now on. A code shows that it works, and
// is used up by it. Errors: invalid, not_found, those of the ledger and the
// vault.
func (b *Book) SetTOTP(ctx context.Context, id, key, code string) error {
	b.command.Lock()
	defer b.command.Unlock()
	if a, known := b.Get(id); !known || !a.Seal.Sealed.IsZero() {
		return unknown(id)
	}
	n := step(key, code, b.Now())
	if n == 0 {
		return errs.At("code", "That code is not right", "Wait for the next one. If none is right, set the clock of your phone.")
	}
	old := b.secretsOf(id, func(a *account) []string { return []string{a.totp.at} })
	if err := b.record(ctx, id, event{kind: KindTOTPSet, body: body{Account: id, Step: n}, content: []byte(key)}); err != nil {
		return err
	}
	return b.forget(ctx, old...)
}

// RemoveTOTP asks for codes no more; recovery codes go with them. by is its
// holder, or who looks after accounts when a phone was lost. Errors: not_found,
// those of the ledger and the vault.
func (b *Book) RemoveTOTP(ctx context.Context, by, id string) error {
	b.command.Lock()
	defer b.command.Unlock()
	if a, known := b.Get(id); !known || a.TOTP.IsZero() {
		return errs.New(errs.NotFound, "No app is set up there.", "")
	}
	old := b.secretsOf(id, func(a *account) []string { return []string{a.totp.at, a.recovery.at} })
	if err := b.record(ctx, by, event{kind: KindTOTPRemoved, body: body{Account: id}}); err != nil {
		return err
	}
	return b.forget(ctx, old...)
}

// NewRecovery makes ten codes for the day the phone is lost, in place of those
// before. They are shown once. Errors: not_found, those of the ledger and the
// vault.
func (b *Book) NewRecovery(ctx context.Context, id string) ([]Code, error) {
	b.command.Lock()
	defer b.command.Unlock()
	if a, known := b.Get(id); !known || a.TOTP.IsZero() {
		return nil, errs.New(errs.NotFound, "Set up an app first.", "")
	}
	var codes []Code
	var hashes []string
	for range recoveryCodes {
		c := Code{Text: newCode()}
		codes, hashes = append(codes, c), append(hashes, hashOf(c.Text))
	}
	old := b.secretsOf(id, func(a *account) []string { return []string{a.recovery.at} })
	if err := b.record(ctx, id, event{kind: KindRecoveryMade, body: body{Account: id}, content: []byte(strings.Join(hashes, "\n"))}); err != nil {
		return nil, err
	}
	return codes, b.forget(ctx, old...)
}

// secretsOf names the secrets in the vault that a command is about to replace.
func (b *Book) secretsOf(id string, which func(*account) []string) []string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return which(b.accounts[id])
}
