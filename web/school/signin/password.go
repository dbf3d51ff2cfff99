package signin

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// The longest account name and password looked at, in bytes.
const (
	maxUser     = 64
	maxPassword = 4 * accounts.MaxPassword
)

// fields is a short form as it is shown again: the first fault, and its field.
type fields struct {
	User   string
	Fault  string
	Field  string // id of the field at fault
	Next   string // the page on the way to which they were
	Undone bool   // what they sent there was not done
	Shared bool
	Locked bool // a session waits behind this page

	Key       *ceremony // for a passkey; nil where there can be none
	Providers []string
}

func (s *Sessions) signInForm(c echo.Context) error {
	if s.kit.Who(c).Account != "" {
		return c.Redirect(http.StatusSeeOther, kit.Next(c))
	}
	return s.signInPage(c, http.StatusOK, fields{Locked: s.locked(c) != ""})
}

// signInPage shows the way in, or the lock that somebody left behind.
func (s *Sessions) signInPage(c echo.Context, status int, data fields) (err error) {
	page, title := "sign-in", "Sign in"
	if data.Locked {
		page, title = "locked", "Locked"
	}
	if data.Fault != "" {
		title = "Error: " + title
	}
	data.Next, data.Providers = kit.Next(c), s.providerNames()
	if data.Key, err = s.beginUse(c); err != nil {
		return err
	}
	return s.kit.Page(c, status, page, title, data)
}

func (s *Sessions) signIn(c echo.Context) error {
	form, err := s.kit.ReadForm(c)
	if err != nil {
		return err
	}
	user, password := accountName(form.Get("user")), form.Values.Get("password")
	shared := form.Get("shared") != ""
	data := fields{User: user, Shared: shared, Field: "user"}
	switch {
	case user == "":
		data.Fault = "Enter your account name"
		return s.refuse(c, http.StatusUnprocessableEntity, data)
	case password == "":
		data.Fault, data.Field = "Enter your password", "password"
		return s.refuse(c, http.StatusUnprocessableEntity, data)
	case len(user) > maxUser || len(password) > maxPassword:
		return s.refuse(c, http.StatusUnauthorized, fields{Fault: wrongSignIn, Field: "user"})
	case !s.tries.allow(c, user):
		s.refused(c, user, accounts.ByPassword)
		data.Fault = tooMany
		return s.refuse(c, http.StatusTooManyRequests, data)
	case !s.Accounts.Password(user, password):
		s.refused(c, user, accounts.ByPassword)
		data.Fault = wrongSignIn
		return s.refuse(c, http.StatusUnauthorized, data)
	case s.Accounts.Second(user):
		return s.askCode(c, user, shared)
	}
	return s.enter(c, user, accounts.Proof{How: accounts.ByPassword}, shared)
}

// enter records that somebody signs in, begins their session and leads to where
// they were going.
func (s *Sessions) enter(c echo.Context, account string, p accounts.Proof, shared bool) error {
	if err := s.Accounts.SignIn(c.Request().Context(), account, p); err != nil {
		return err
	}
	return s.arrive(c, account, p, shared)
}

// arrive begins the session of somebody whose signing in is on record.
func (s *Sessions) arrive(c echo.Context, account string, p accounts.Proof, shared bool) error {
	if err := s.begin(c.Request(), account, c.RealIP(), shared, p.How); err != nil {
		return err
	}
	s.kit.Log.Info("signed in", "how", p.How, "peer", c.RealIP())
	if s.due(account) {
		return c.Redirect(http.StatusSeeOther, passwordPath)
	}
	return c.Redirect(http.StatusSeeOther, kit.Next(c))
}

// accountName is what somebody typed as accounts are named: in small letters,
// without blanks around.
func accountName(typed string) string { return strings.ToLower(strings.TrimSpace(typed)) }

// to is a page with the one to go to after it.
func to(path, next string) string {
	if next == "/" {
		return path
	}
	return path + "?" + url.Values{"next": {next}}.Encode()
}

const (
	wrongSignIn = "The account name or the password is not right"
	tooMany     = "Too many attempts. Wait half a minute, then try again"
)

func (s *Sessions) refuse(c echo.Context, status int, data fields) error {
	if status == http.StatusTooManyRequests {
		c.Response().Header().Set("Retry-After", "30")
	}
	return s.signInPage(c, status, data)
}

func (s *Sessions) signOut(c echo.Context) error {
	ctx := c.Request().Context()
	account := s.GetString(ctx, userKey)
	if err := s.Destroy(ctx); err != nil {
		return err
	}
	if account != "" {
		if err := s.Accounts.SignOut(ctx, account); err != nil {
			return err
		}
	}
	c.Response().Header().Set("Clear-Site-Data", `"storage"`) // a tablet keeps no class's list
	return c.Redirect(http.StatusSeeOther, kit.SignInPath)
}
