package signin

import (
	"net/http"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

func (s *Sessions) proveForm(c echo.Context) error {
	return s.provePage(c, http.StatusOK, "")
}

func (s *Sessions) provePage(c echo.Context, status int, fault string) (err error) {
	data, title := fields{Next: kit.Next(c), Undone: kit.Undone(c), Field: "password", Fault: fault}, "Is it still you?"
	if fault != "" {
		title = "Error: " + title
	}
	a, _ := s.Accounts.Get(s.kit.Who(c).Account)
	if len(a.Passkeys) > 0 {
		if data.Key, err = s.beginUse(c); err != nil {
			return err
		}
	}
	return s.kit.Page(c, status, "prove", title, data)
}

// prove takes the password, or a code of the app, of who is signed in.
func (s *Sessions) prove(c echo.Context) error {
	form, err := s.kit.ReadForm(c)
	if err != nil {
		return err
	}
	account := s.kit.Who(c).Account
	typed := form.Values.Get("password")
	switch {
	case typed == "" && form.Get("passkey") == "":
		return s.provePage(c, http.StatusUnprocessableEntity, "Enter your password or a code of your app")
	case len(typed) > maxPassword || !s.tries.session.Allow(s.GetString(c.Request().Context(), idKey)):
		return s.provePage(c, http.StatusTooManyRequests, tooMany)
	}
	proof, ok := s.proof(c, account, typed)
	if ok {
		ok = s.Accounts.Prove(c.Request().Context(), account, proof) == nil
	}
	if !ok {
		s.refused(c, account, proof.How)
		return s.provePage(c, http.StatusUnauthorized, "That is not right, or the code has been used")
	}
	return s.proved(c)
}

// proof is what somebody shows: a passkey, a code of an app or the password.
func (s *Sessions) proof(c echo.Context, account, typed string) (accounts.Proof, bool) {
	if typed == "" {
		whose, p, ok := s.shown(c)
		return p, ok && whose == account
	}
	if p, ok := s.Accounts.Code(account, typed); ok {
		return p, true
	}
	return accounts.Proof{How: accounts.ByPassword}, s.Accounts.Password(account, typed)
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
