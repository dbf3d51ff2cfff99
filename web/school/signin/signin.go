// Package signin is how people come in, prove who they are once more, and leave:
// the sign-in pages, their sessions, their own account. It asks the book of
// accounts about everything that lasts.
package signin

import (
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/accounts/sso"
	"github.com/bellkeep/bellkeep/internal/school/policy"
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
	// Hosts are the names that passkeys may be for: those the pages are reached
	// by. Figures are none.
	Hosts []string
	// PIN checks the PIN by which a person works at the lockers, which also opens
	// a locked page; nil when there are none.
	PIN func(person, pin string) bool
	// Rotation says whether the school wants passwords changed from time to time;
	// nil for a school that does not.
	Rotation func() policy.Rotation
	// Providers are the other services by which people sign in.
	Providers []*sso.Provider
	// Loose lets everybody work with a password alone, for demonstrations.
	Loose bool
}

//go:embed templates
var templateFiles embed.FS

// Sessions are who is signed in.
type Sessions struct {
	Config
	*sessions
	kit        *kit.Kit
	tries      tries
	ceremonies ceremonies
}

// New is nobody signed in.
func New(cfg Config) *Sessions {
	return &Sessions{Config: cfg, sessions: newSessions(cfg), tries: newTries(cfg.Now)}
}

// Pages are the pages for signing in and out.
func (s *Sessions) Pages(k *kit.Kit) (kit.Feature, error) {
	s.kit = k
	templates, err := fs.Sub(templateFiles, "templates")
	return kit.Feature{Templates: templates, Funcs: s.funcs(), Routes: slices.Concat(s.doors(), s.ownRoutes())}, err
}

// passkeyForm is a button that asks for a passkey.
type passkeyForm struct {
	Key          *ceremony
	Action, Next string
}

// funcs are what the templates call.
func (s *Sessions) funcs() template.FuncMap {
	return template.FuncMap{
		"passkey": func(key *ceremony, action, next string) *passkeyForm {
			if key == nil {
				return nil
			}
			return &passkeyForm{key, action, next}
		},
		"local":   func(t time.Time) string { return t.In(s.kit.Now().Location()).Format("2 Jan 2006, 15:04") },
		"machine": func(t time.Time) string { return t.In(s.kit.Now().Location()).Format("2 Jan, 15:04") },
	}
}

// doors are the ways in and out.
func (s *Sessions) doors() []kit.Route {
	return []kit.Route{
		kit.Get(kit.SignInPath, kit.Open, s.signInForm),
		kit.Post(kit.SignInPath, kit.Open, s.signIn),
		kit.Get(codePath, kit.Open, s.codeForm),
		kit.Post(codePath, kit.Open, s.code),
		kit.Post(passkeyPath, kit.Open, s.signInByPasskey),
		kit.Post(withPath, kit.Open, s.signInWith),
		kit.Get(sso.BackPath, kit.Open, s.back),
		kit.Get(linkPath, kit.Open, s.linkForm),
		kit.Post(linkPath, kit.Open, s.useLink),
		kit.Post(lockPath, kit.Open, s.lock),
		kit.Post(unlockPath, kit.Open, s.unlock),
		kit.Post("/sign-out", kit.Open, s.signOut),
	}
}

// The pages of one's own account.
const (
	passkeyPath     = "/sign-in/passkey"
	withPath        = "/sign-in/with"
	passwordPath    = kit.AccountPath + "/password"
	appPath         = kit.AccountPath + "/app"
	appEndPath      = appPath + "/remove"
	codesPath       = kit.AccountPath + "/codes"
	addKeyPath      = kit.AccountPath + "/passkey"
	removeKeyPath   = addKeyPath + "/remove"
	linkLoginPath   = kit.AccountPath + "/login"
	unlinkLoginPath = linkLoginPath + "/remove"
	sessionPath     = kit.AccountPath + "/session"
	everywherePath  = kit.AccountPath + "/sessions"
)

// ownRoutes are about the reader's own account. Whoever changes what they sign
// in with proves who they are first.
func (s *Sessions) ownRoutes() []kit.Route {
	get := func(path string, h echo.HandlerFunc) kit.Route { return s.own(kit.Get(path, roles.OwnAccount, h)) }
	post := func(path string, h echo.HandlerFunc) kit.Route {
		return s.own(kit.Post(path, roles.OwnAccount, h))
	}
	proved := s.kit.Proved
	return []kit.Route{
		get(kit.AccountPath, s.account),
		get(passwordPath, proved(s.passwordForm)), post(passwordPath, proved(s.changePassword)),
		get(appPath, proved(s.appForm)), post(appPath, proved(s.setApp)), post(appEndPath, proved(s.removeApp)),
		post(codesPath, proved(s.newCodes)),
		post(addKeyPath, proved(s.addPasskey)), post(removeKeyPath, proved(s.removePasskey)),
		post(linkLoginPath, proved(s.linkLogin)), post(unlinkLoginPath, proved(s.unlinkLogin)),
		post(sessionPath, s.endSession), post(everywherePath, s.endEverywhere),
		get(kit.ProvePath, s.proveForm), post(kit.ProvePath, s.prove),
	}
}

// own is a route about the reader's own account, whichever that is.
func (s *Sessions) own(r kit.Route) kit.Route { return r.About(kit.Anything) }

// Wrap gives every request its session.
func (s *Sessions) Wrap(next http.Handler) http.Handler { return s.wrap(next, s.kit.Failures) }

// tries are the attempts allowed, for each account and for each address. A
// school often has one address, so an address is allowed more.
type tries struct {
	account, address *ui.Limiter
	session          *ui.Limiter // of who is signed in: strangers do not use these up
}

func newTries(now func() time.Time) tries {
	return tries{
		account: ui.NewLimiter(5, 30*time.Second, 2000, now),
		address: ui.NewLimiter(20, 5*time.Second, 2000, now),
		session: ui.NewLimiter(5, 30*time.Second, 2000, now),
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
	if err := s.begin(c.Request(), account, c.RealIP(), shared, p.How); err != nil {
		return err
	}
	s.kit.Log.Info("signed in", "how", p.How, "peer", c.RealIP())
	if s.due(account) {
		return c.Redirect(http.StatusSeeOther, passwordPath)
	}
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
	return c.Redirect(http.StatusSeeOther, kit.SignInPath)
}
