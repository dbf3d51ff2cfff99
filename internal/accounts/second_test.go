package accounts_test

import (
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// A code that was checked before its secret was changed signs nobody in after.
func TestACodeOfAnOlderSecret(t *testing.T) {
	s := open(t)
	key, code := app(t, s.Now())
	must(t, s.SetTOTP(t.Context(), "office", key, code))
	paper, err := s.NewRecovery(t.Context(), "office")
	must(t, err)

	recovery, ok := s.Code("office", paper[0].Text)
	if !ok {
		t.Fatal("a code on paper is not taken")
	}
	_, err = s.NewRecovery(t.Context(), "office")
	must(t, err)
	refused(t, "a code of an older sheet", s.SignIn(t.Context(), "office", recovery), errs.Denied)

	s.Wait(2 * time.Minute)
	later, err := totp.GenerateCode(key, s.Now())
	must(t, err)
	stale, ok := s.Code("office", later)
	if !ok {
		t.Fatal("a code of the app is not taken")
	}
	s.Wait(-time.Minute)
	key, code = app(t, s.Now())
	must(t, s.SetTOTP(t.Context(), "office", key, code))
	refused(t, "a code of the app before", s.SignIn(t.Context(), "office", stale), errs.Denied)
}

// app is a new secret and its code of now.
func app(t *testing.T, now time.Time) (key, code string) {
	t.Helper()
	k, err := totp.Generate(totp.GenerateOpts{Issuer: "Test", AccountName: "x"})
	must(t, err)
	code, err = totp.GenerateCode(k.Secret(), now)
	must(t, err)
	return k.Secret(), code
}
