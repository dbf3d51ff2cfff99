// Package signin is how people come in and leave: the sign-in page, their
// session, and its end.
package signin

import (
	"embed"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

// Accounts checks a sign-in and gives the account's role. It takes the same
// time for a wrong password and for an account that does not exist. Account
// names are in small letters: user is, whatever was typed. They are handed on
// as who did something.
type Accounts interface {
	Check(user, password string) (role string, ok bool)
}

// Config is what signing in needs.
type Config struct {
	Accounts Accounts
	Now      func() time.Time // machine time

	// Plain says that the pages are served over http to this computer itself.
	// Everywhere else the session's cookie needs https.
	Plain bool
	// Idle is how long a session lasts without anybody doing anything; 0 means
	// 20 minutes. A live page does not keep it alive.
	Idle time.Duration
}

//go:embed templates
var templateFiles embed.FS

// Sessions are who is signed in.
type Sessions struct {
	Config
	*sessions
	kit   *kit.Kit
	tries tries
}

// New is nobody signed in.
func New(cfg Config) *Sessions {
	return &Sessions{Config: cfg, sessions: newSessions(cfg.Plain, cfg.Idle), tries: newTries(cfg.Now)}
}

// Pages are the pages for signing in and out.
func (s *Sessions) Pages(k *kit.Kit) (kit.Feature, error) {
	s.kit = k
	templates, err := fs.Sub(templateFiles, "templates")
	return kit.Feature{Templates: templates, Routes: []kit.Route{
		kit.Get(kit.SignInPath, kit.Open, s.signInForm),
		kit.Post(kit.SignInPath, kit.Open, s.signIn),
		kit.Post("/sign-out", kit.Open, s.signOut),
	}}, err
}

// Wrap gives every request its session.
func (s *Sessions) Wrap(next http.Handler) http.Handler { return s.wrap(next, s.kit.Failures) }

// tries are the sign-ins allowed, for each account and for each address. A
// school often has one address, so an address is allowed more.
type tries struct {
	account, address *ui.Limiter
}

func newTries(now func() time.Time) tries {
	return tries{
		account: ui.NewLimiter(5, 30*time.Second, 2000, now),
		address: ui.NewLimiter(20, 5*time.Second, 2000, now),
	}
}

// The longest account name and password looked at, in bytes.
const (
	maxUser     = 64
	maxPassword = 256
)

// signInData is the form as it is shown again: the first fault, and its field.
type signInData struct {
	User  string
	Fault string
	Field string // id of the field at fault
	Next  string // the page on the way to which they were
}

func (s *Sessions) signInForm(c echo.Context) error {
	if s.kit.Who(c).Account != "" {
		return c.Redirect(http.StatusSeeOther, kit.Next(c))
	}
	return s.kit.Page(c, http.StatusOK, "sign-in", "Sign in", signInData{Next: kit.Next(c)})
}

func (s *Sessions) signIn(c echo.Context) error {
	r := c.Request()
	form, err := s.kit.ReadForm(c)
	if err != nil {
		return err
	}
	user, password := accountName(form.Get("user")), form.Values.Get("password")
	switch {
	case user == "":
		return s.refuse(c, http.StatusUnprocessableEntity, signInData{Fault: "Enter your account name", Field: "user"})
	case password == "":
		return s.refuse(c, http.StatusUnprocessableEntity, signInData{User: user, Fault: "Enter your password", Field: "password"})
	case len(user) > maxUser || len(password) > maxPassword:
		return s.refuse(c, http.StatusUnauthorized, signInData{Fault: wrongSignIn, Field: "user"})
	case !s.tries.address.Allow(c.RealIP()) || !s.tries.account.Allow(user):
		c.Response().Header().Set("Retry-After", "30")
		return s.refuse(c, http.StatusTooManyRequests,
			signInData{User: user, Fault: "Too many attempts. Wait half a minute, then try again", Field: "user"})
	}
	role, ok := s.Accounts.Check(user, password)
	if !ok {
		s.kit.Log.Warn("sign-in refused", "peer", c.RealIP())
		return s.refuse(c, http.StatusUnauthorized, signInData{User: user, Fault: wrongSignIn, Field: "user"})
	}
	ctx := r.Context()
	if err := s.RenewToken(ctx); err != nil {
		return err
	}
	s.Put(ctx, userKey, user)
	s.Put(ctx, roleKey, role)
	s.Put(ctx, provedKey, time.Now().Unix())
	s.kit.Log.Info("signed in", "role", role, "peer", c.RealIP())
	return c.Redirect(http.StatusSeeOther, kit.Next(c))
}

// accountName is what somebody typed as accounts are named: in small letters,
// without blanks around.
func accountName(typed string) string { return strings.ToLower(strings.TrimSpace(typed)) }

const wrongSignIn = "The account name or the password is not right"

func (s *Sessions) refuse(c echo.Context, status int, data signInData) error {
	data.Next = kit.Next(c)
	return s.kit.Page(c, status, "sign-in", "Error: Sign in", data)
}

func (s *Sessions) signOut(c echo.Context) error {
	if err := s.Destroy(c.Request().Context()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/sign-in")
}
