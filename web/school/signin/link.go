package signin

import (
	"net/http"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// linkPath is where somebody comes with a one-time link, or types its code.
const linkPath = "/link"

// codeField is the code's name, also in links.
const codeField = "code"

// Link is the address of a code, from where the pages are.
func Link(base string, c accounts.Code) string {
	return base + linkPath + "?" + codeField + "=" + c.Text
}

type linkData struct {
	*kit.Form
	Account string // "" while the code is not known, and for a school's first
	First   bool   // makes the school's first account
	Known   bool   // the code is good

	Staff []kit.Option // for a school's first, once there are staff in the register
}

func (s *Sessions) linkForm(c echo.Context) error {
	f := s.kit.NewForm(c, nil)
	code := c.QueryParam(codeField)
	f.Values.Set(codeField, code)
	if code == "" {
		return s.kit.Page(c, http.StatusOK, "one-time", "Use a one-time code", linkData{Form: f})
	}
	data, err := s.linked(c, f)
	if err != nil {
		return s.kit.Refuse(c, f, err, "one-time", "Use a one-time code", data)
	}
	return s.kit.Page(c, http.StatusOK, "one-time", "Choose a password", data)
}

// linked finds what the code in a form is good for. Guessing is limited.
func (s *Sessions) linked(c echo.Context, f *kit.Form) (linkData, error) {
	data := linkData{Form: f}
	if !s.tries.address.Allow(c.RealIP()) {
		return data, errs.At(codeField, tooMany, "")
	}
	account, purpose, err := s.Accounts.Linked(f.Get(codeField))
	if err != nil {
		s.refused(c, "", accounts.ByLink)
		return data, errs.At(codeField, errs.All(err)[0].Message, errs.HintOf(err))
	}
	data.Account, data.First, data.Known = account, purpose == accounts.FirstOwner, true
	if data.First {
		data.Staff = s.staff()
	}
	return data, nil
}

func (s *Sessions) useLink(c echo.Context) error {
	f, err := s.kit.ReadForm(c)
	if err != nil {
		return err
	}
	data, err := s.linked(c, f)
	if err == nil && f.Values.Has("password") {
		err = samePassword(f)
		var account string
		if err == nil {
			first := accounts.NewAccount{ID: accountName(f.Get("id")), Person: f.Get("person"), Name: f.Get("name")}
			account, err = s.Accounts.UseLink(c.Request().Context(), f.Get(codeField), first, f.Values.Get("password"))
		}
		if err == nil {
			return s.fromLink(c, account)
		}
	}
	forgetPasswords(f)
	if err != nil {
		return s.kit.Refuse(c, f, err, "one-time", "Choose a password", data)
	}
	return s.kit.Page(c, http.StatusOK, "one-time", "Choose a password", data)
}

// fromLink signs in whoever has just chosen a password, unless the account still
// waits for a role or asks for more than a password.
func (s *Sessions) fromLink(c echo.Context, account string) error {
	if _, live := s.Accounts.Standing(account); !live || s.Accounts.Second(account) {
		return s.kit.Page(c, http.StatusOK, "password-set", "Your password is set", live)
	}
	return s.enter(c, account, accounts.Proof{How: accounts.ByLink}, false)
}

// staff are the members of staff to choose oneself from; none for a school
// without any.
func (s *Sessions) staff() []kit.Option {
	if s.Staff == nil {
		return nil
	}
	list := s.Staff()
	if len(list) == 0 {
		return nil
	}
	return append([]kit.Option{{Text: "Choose yourself"}}, list...)
}

// samePassword refuses a new password that was not typed twice alike.
func samePassword(f *kit.Form) error {
	if f.Values.Get("password") != f.Values.Get("again") {
		return errs.At("again", "The two passwords differ", "Type the same one twice.")
	}
	return nil
}

// forgetPasswords keeps passwords out of a page that is shown again.
func forgetPasswords(f *kit.Form) {
	for _, name := range []string{"password", "again", "current"} {
		f.Values.Del(name)
	}
}
