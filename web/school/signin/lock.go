package signin

import (
	"net/http"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// A locked session names nobody and shows nothing until its holder says who they
// are: by password, PIN of the lockers, code or passkey. What was typed waits.
const (
	lockPath   = "/lock"
	unlockPath = "/unlock"
)

// wrongKey counts wrong answers to a lock.
const (
	wrongKey  = "wrong"
	mostWrong = 5
)

// lock locks what is in front of the reader. A page with scripts sends along
// what was typed into it.
func (s *Sessions) lock(c echo.Context) error {
	if s.kit.Who(c).Account == "" {
		return c.Redirect(http.StatusSeeOther, to(kit.SignInPath, kit.Next(c)))
	}
	back := s.kit.KeepDraft(c, kit.Next(c))
	s.Put(c.Request().Context(), lockedKey, true)
	return c.Redirect(http.StatusSeeOther, to(kit.SignInPath, back))
}

// locked is the account whose session is locked; "" when none is.
func (s *Sessions) locked(c echo.Context) string {
	ctx := c.Request().Context()
	if !s.GetBool(ctx, lockedKey) {
		return ""
	}
	return s.GetString(ctx, userKey)
}

func (s *Sessions) unlock(c echo.Context) error {
	form, err := s.kit.ReadForm(c)
	if err != nil {
		return err
	}
	ctx, account := c.Request().Context(), s.locked(c)
	typed := form.Values.Get("password")
	data := fields{Locked: true, Field: "password", Next: kit.Next(c)}
	switch {
	case account == "":
		return c.Redirect(http.StatusSeeOther, to(kit.SignInPath, kit.Next(c)))
	case typed == "":
		data.Fault = "Enter your password or PIN"
		return s.refuse(c, http.StatusUnprocessableEntity, data)
	case len(typed) > maxPassword || !s.tries.session.Allow(s.GetString(ctx, idKey)):
		data.Fault = tooMany
		return s.refuse(c, http.StatusTooManyRequests, data)
	}
	if !s.opens(account, typed) {
		return s.stillLocked(c, data)
	}
	if err := s.RenewToken(ctx); err != nil {
		return err
	}
	for _, key := range []string{lockedKey, wrongKey} {
		s.Remove(ctx, key)
	}
	s.Put(ctx, lastKey, time.Now().Unix())
	return c.Redirect(http.StatusSeeOther, kit.Next(c))
}

// opens reports whether a PIN or password opens the lock of an account. It does
// not count as proof of who one is: a PIN is short.
func (s *Sessions) opens(account, typed string) bool {
	a, _ := s.Accounts.Get(account)
	if s.PIN != nil && s.PIN(a.Person, typed) {
		return true
	}
	return s.Accounts.Password(account, typed)
}

// stillLocked counts a wrong answer; too many sign out.
func (s *Sessions) stillLocked(c echo.Context, data fields) error {
	ctx := c.Request().Context()
	s.refused(c, s.locked(c), accounts.ByPassword)
	wrong := s.GetInt(ctx, wrongKey) + 1
	s.Put(ctx, wrongKey, wrong)
	if wrong >= mostWrong {
		return s.signOut(c)
	}
	data.Fault = "That is not right"
	return s.refuse(c, http.StatusUnauthorized, data)
}
