package signin

import (
	"net/http"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

func (s *Sessions) proveForm(c echo.Context) error {
	return s.kit.Page(c, http.StatusOK, "prove", "Is it still you?", fields{Next: kit.Next(c)})
}

// prove takes the password, or a code of the app, of who is signed in.
func (s *Sessions) prove(c echo.Context) error {
	form, err := s.kit.ReadForm(c)
	if err != nil {
		return err
	}
	account := s.kit.Who(c).Account
	data := fields{Next: kit.Next(c), Field: "password"}
	again := func(status int, fault string) error {
		data.Fault = fault
		return s.kit.Page(c, status, "prove", "Error: Is it still you?", data)
	}
	typed := form.Values.Get("password")
	switch {
	case typed == "":
		return again(http.StatusUnprocessableEntity, "Enter your password or a code of your app")
	case len(typed) > maxPassword || !s.tries.allow(c, account):
		return again(http.StatusTooManyRequests, tooMany)
	}
	proof, ok := s.Accounts.Code(account, typed)
	if !ok {
		proof, ok = accounts.Proof{How: accounts.ByPassword}, s.Accounts.Password(account, typed)
	}
	if ok {
		ok = s.Accounts.Prove(c.Request().Context(), account, proof) == nil
	}
	if !ok {
		s.refused(c, accounts.ByPassword)
		return again(http.StatusUnauthorized, "That is not right, or the code has been used")
	}
	return s.proved(c)
}

// proved notes the moment under a new token and leads back.
func (s *Sessions) proved(c echo.Context) error {
	ctx := c.Request().Context()
	if err := s.RenewToken(ctx); err != nil {
		return err
	}
	s.Put(ctx, provedKey, time.Now().Unix())
	return c.Redirect(http.StatusSeeOther, kit.Next(c))
}
