package signin

import (
	"html/template"
	"net/http"
	"strings"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

// appKey holds the secret of an app while it is being set up.
const appKey = "app"

type appData struct {
	*kit.Form
	Secret string
	QR     template.HTML
	Codes  []accounts.Code // shown once, after it is set up
}

func (s *Sessions) appForm(c echo.Context) error {
	key, uri, err := s.Accounts.NewTOTP(s.kit.Who(c).Account)
	if err != nil {
		return err
	}
	s.Put(c.Request().Context(), appKey, key+" "+uri)
	return s.appPage(c, s.kit.NewForm(c, nil), nil)
}

// appPage shows the secret that waits in the session, and what is wrong.
func (s *Sessions) appPage(c echo.Context, f *kit.Form, wrong error) error {
	key, uri, _ := strings.Cut(s.GetString(c.Request().Context(), appKey), " ")
	qr, err := ui.QR(uri, "Code for your app; the key is written below")
	if err != nil {
		return err
	}
	data := appData{Form: f, Secret: key, QR: qr}
	if wrong != nil {
		f.Values.Del("code")
		return s.kit.Refuse(c, f, wrong, "own-app", "Set up an app", data)
	}
	return s.kit.Page(c, http.StatusOK, "own-app", "Set up an app", data)
}

func (s *Sessions) setApp(c echo.Context) error {
	f, err := s.kit.ReadForm(c)
	if err != nil {
		return err
	}
	ctx, account := c.Request().Context(), s.kit.Who(c).Account
	key, _, _ := strings.Cut(s.GetString(ctx, appKey), " ")
	switch {
	case key == "":
		return c.Redirect(http.StatusSeeOther, appPath)
	case f.Get("code") == "":
		return s.appPage(c, f, errNoCode)
	}
	if err := s.Accounts.SetTOTP(ctx, account, key, f.Get("code")); err != nil {
		return s.appPage(c, f, err)
	}
	s.Remove(ctx, appKey)
	return s.newCodes(c)
}

// newCodes makes recovery codes and shows them, once.
func (s *Sessions) newCodes(c echo.Context) error {
	codes, err := s.Accounts.NewRecovery(c.Request().Context(), s.kit.Who(c).Account)
	if err != nil {
		return err
	}
	return s.kit.Page(c, http.StatusOK, "own-codes", "Your recovery codes", codes)
}

func (s *Sessions) removeApp(c echo.Context) error {
	account := s.kit.Who(c).Account
	if err := s.Accounts.RemoveTOTP(c.Request().Context(), account, account); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, kit.AccountPath)
}
