package signin

import (
	"net/http"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// codePath is where somebody whose password was right gives a code of their app.
const codePath = "/sign-in/code"

// The keys of a session on the way in.
const (
	halfKey      = "half"       // account whose password was right
	halfUntilKey = "half-until" // Unix seconds
	halfShareKey = "half-shared"
)

// halfLasts is how long a right password waits for its code.
const halfLasts = 5 * time.Minute

// askCode remembers, under a new token, that a password was right.
func (s *Sessions) askCode(c echo.Context, account string, shared bool) error {
	ctx := c.Request().Context()
	if err := s.Clear(ctx); err != nil {
		return err
	}
	if err := s.RenewToken(ctx); err != nil {
		return err
	}
	s.Put(ctx, halfKey, account)
	s.Put(ctx, halfShareKey, shared)
	s.Put(ctx, halfUntilKey, time.Now().Add(halfLasts).Unix())
	return c.Redirect(http.StatusSeeOther, to(codePath, kit.Next(c)))
}

// half is the account whose password was right a moment ago.
func (s *Sessions) half(c echo.Context) string {
	ctx := c.Request().Context()
	if time.Now().Unix() >= s.GetInt64(ctx, halfUntilKey) {
		return ""
	}
	return s.GetString(ctx, halfKey)
}

func (s *Sessions) codeForm(c echo.Context) error {
	if s.half(c) == "" {
		return c.Redirect(http.StatusSeeOther, to(kit.SignInPath, kit.Next(c)))
	}
	return s.kit.Page(c, http.StatusOK, "sign-in-code", "Enter a code", fields{Next: kit.Next(c)})
}

func (s *Sessions) code(c echo.Context) error {
	form, err := s.kit.ReadForm(c)
	if err != nil {
		return err
	}
	account := s.half(c)
	data := fields{Next: kit.Next(c), Field: "code"}
	again := func(status int, fault string) error {
		data.Fault = fault
		return s.kit.Page(c, status, "sign-in-code", "Error: Enter a code", data)
	}
	switch {
	case account == "":
		return c.Redirect(http.StatusSeeOther, to(kit.SignInPath, kit.Next(c)))
	case form.Get("code") == "":
		return again(http.StatusUnprocessableEntity, "Enter the code of your app")
	case !s.tries.allow(c, account):
		s.refused(c, account, accounts.ByCode)
		return again(http.StatusTooManyRequests, tooMany)
	}
	proof, ok := s.Accounts.Code(account, form.Get("code"))
	if ok {
		ok = s.Accounts.SignIn(c.Request().Context(), account, proof) == nil
	}
	if !ok {
		s.refused(c, account, accounts.ByCode)
		return again(http.StatusUnauthorized, "That code is not right, or has been used")
	}
	return s.arrive(c, account, proof, s.GetBool(c.Request().Context(), halfShareKey))
}
