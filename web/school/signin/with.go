package signin

import (
	"encoding/json"
	"net/http"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/accounts/sso"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// awayKey holds what a session remembers of somebody who is away at another
// service: the answer counts in the browser that asked.
const awayKey = "away"

type away struct {
	sso.Attempt
	Account string // whose login is being linked; "" to sign in
	Next    string
	Shared  bool
}

func (s *Sessions) providerNames() []string {
	var names []string
	for _, p := range s.Providers {
		names = append(names, p.Name)
	}
	return names
}

func (s *Sessions) provider(name string) *sso.Provider {
	for _, p := range s.Providers {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// signInWith sends somebody to another service to sign in.
func (s *Sessions) signInWith(c echo.Context) error {
	if !s.tries.address.Allow(c.RealIP()) {
		return s.refuse(c, http.StatusTooManyRequests, fields{Fault: tooMany, Field: "user"})
	}
	ctx := c.Request().Context()
	if s.locked(c) != "" {
		return c.Redirect(http.StatusSeeOther, to(kit.SignInPath, kit.Next(c))) // another service may be open on this computer
	}
	if s.kit.Who(c).Account == "" {
		if err := s.Clear(ctx); err != nil {
			return err
		}
		if err := s.RenewToken(ctx); err != nil {
			return err
		}
	}
	return s.send(c, away{Next: kit.Next(c), Shared: c.FormValue("shared") != ""})
}

// linkLogin sends the reader to another service whose account is to be theirs
// here too.
func (s *Sessions) linkLogin(c echo.Context) error {
	return s.send(c, away{Account: s.kit.Who(c).Account, Next: kit.AccountPath})
}

func (s *Sessions) send(c echo.Context, a away) error {
	p := s.provider(c.FormValue("provider"))
	if p == nil {
		return errs.New(errs.NotFound, "There is no such service.", "Sign in another way.")
	}
	there, attempt, err := p.Begin(c.Request().Context())
	if err != nil {
		return err
	}
	a.Attempt = attempt
	data, err := json.Marshal(a)
	if err != nil {
		return err
	}
	s.Put(c.Request().Context(), awayKey, data)
	// A page and not a redirect: forms here may lead to no other site.
	c.Response().Header().Set("Refresh", "0; url="+there)
	return s.kit.Page(c, http.StatusOK, "leaving", "To "+p.Name, struct{ Name, Address string }{p.Name, there})
}

// back takes somebody in who returns from another service.
func (s *Sessions) back(c echo.Context) error {
	ctx := c.Request().Context()
	var a away
	if data := s.PopBytes(ctx, awayKey); len(data) == 0 || json.Unmarshal(data, &a) != nil {
		return errs.New(errs.Denied, "Nobody here was waiting for that answer.", "Try again from the sign-in page.")
	}
	p := s.provider(a.Provider)
	if p == nil {
		return errs.New(errs.NotFound, "There is no such service.", "Sign in another way.")
	}
	login, err := p.Finish(ctx, a.Attempt, c.QueryParams())
	if err != nil {
		s.refused(c, "", accounts.ByLogin)
		return err
	}
	if a.Account != "" {
		return s.linkBack(c, a, login)
	}
	account, known := s.Accounts.ByLogin(login.Issuer, login.Subject)
	if known {
		known = s.Accounts.SignIn(ctx, account, accounts.Proof{How: accounts.ByLogin}) == nil
	}
	if !known {
		s.refused(c, "", accounts.ByLogin)
		return s.refuse(c, http.StatusUnauthorized, fields{Field: "user",
			Fault: "That account is not linked to one here. Sign in another way, then link it on the page Your account"})
	}
	if err := s.begin(c.Request(), account, c.RealIP(), a.Shared, accounts.ByLogin); err != nil {
		return err
	}
	s.kit.Log.Info("signed in", "how", accounts.ByLogin, "peer", c.RealIP())
	return c.Redirect(http.StatusSeeOther, kit.Here(a.Next))
}

// linkBack links a login to the account that asked for it, if that is still who
// is signed in.
func (s *Sessions) linkBack(c echo.Context, a away, login accounts.Login) error {
	if s.kit.Who(c).Account != a.Account {
		return errs.New(errs.Denied, "You were signed out meanwhile.", "Sign in, and link the account once more.")
	}
	if err := s.Accounts.LinkLogin(c.Request().Context(), a.Account, login); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, kit.AccountPath)
}

func (s *Sessions) unlinkLogin(c echo.Context) error {
	account := s.kit.Who(c).Account
	if err := s.Accounts.UnlinkLogin(c.Request().Context(), account, account, c.FormValue("login")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, kit.AccountPath)
}
