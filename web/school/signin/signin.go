// Package signin is how people come in, prove who they are once more, and leave:
// the sign-in pages, their sessions, their own account. It asks the book of
// accounts about everything that lasts.
package signin

import (
	"embed"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

// Config is what signing in needs.
type Config struct {
	Accounts *accounts.Book
	Now      func() time.Time // machine time

	// Plain says that the pages are served over http to this computer itself.
	// Everywhere else the session's cookie needs https.
	Plain bool
	// Idle is how long a session lasts without anybody doing anything; 0 means
	// 20 minutes. A live page does not keep it alive.
	Idle time.Duration
	// Loose lets everybody work with a password alone, for demonstrations.
	Loose bool
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
	return &Sessions{Config: cfg, sessions: newSessions(cfg), tries: newTries(cfg.Now)}
}

// Pages are the pages for signing in and out.
func (s *Sessions) Pages(k *kit.Kit) (kit.Feature, error) {
	s.kit = k
	templates, err := fs.Sub(templateFiles, "templates")
	return kit.Feature{Templates: templates, Routes: []kit.Route{
		kit.Get(kit.SignInPath, kit.Open, s.signInForm),
		kit.Post(kit.SignInPath, kit.Open, s.signIn),
		kit.Get(codePath, kit.Open, s.codeForm),
		kit.Post(codePath, kit.Open, s.code),
		kit.Get(linkPath, kit.Open, s.linkForm),
		kit.Post(linkPath, kit.Open, s.useLink),
		kit.Post("/sign-out", kit.Open, s.signOut),
		s.own(kit.Get(kit.ProvePath, roles.OwnAccount, s.proveForm)),
		s.own(kit.Post(kit.ProvePath, roles.OwnAccount, s.prove)),
	}}, err
}

// own is a route about one's own account.
func (s *Sessions) own(r kit.Route) kit.Route {
	return r.About(func(c echo.Context) roles.Target { return roles.Target{Person: s.kit.Who(c).Person} })
}

// Wrap gives every request its session.
func (s *Sessions) Wrap(next http.Handler) http.Handler { return s.wrap(next, s.kit.Failures) }

// tries are the attempts allowed, for each account and for each address. A
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

func (t tries) allow(c echo.Context, account string) bool {
	return t.address.Allow(c.RealIP()) && t.account.Allow(account)
}

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
	Shared bool
	Locked bool // a session waits behind this page
}

func (s *Sessions) signInForm(c echo.Context) error {
	if s.kit.Who(c).Account != "" {
		return c.Redirect(http.StatusSeeOther, kit.Next(c))
	}
	return s.kit.Page(c, http.StatusOK, "sign-in", "Sign in", fields{Next: kit.Next(c)})
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
		data.Fault = tooMany
		return s.refuse(c, http.StatusTooManyRequests, data)
	case !s.Accounts.Password(user, password):
		s.refused(c, accounts.ByPassword)
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
	if err := s.begin(c.Request(), account, c.RealIP(), shared); err != nil {
		return err
	}
	s.kit.Log.Info("signed in", "how", p.How, "peer", c.RealIP())
	return c.Redirect(http.StatusSeeOther, kit.Next(c))
}

// refused notes a failed attempt without what was typed: people type their
// passwords into the wrong field.
func (s *Sessions) refused(c echo.Context, how accounts.How) {
	s.kit.Log.Warn("sign-in refused", "how", how, "peer", c.RealIP())
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
	data.Next = kit.Next(c)
	return s.kit.Page(c, status, "sign-in", "Error: Sign in", data)
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
	return c.Redirect(http.StatusSeeOther, kit.SignInPath)
}
