package signin

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// Session is somebody's being signed in, as a list shows it.
type Session struct {
	ID      string
	Browser string
	Peer    string // address it was begun from
	Since   time.Time
	Shared  bool
	Mine    bool // it is the reader's own, in front of them
}

// List is where an account is signed in, newest first.
func (s *Sessions) List(account string) []Session {
	var list []Session
	s.store.sweep(func(v session) bool {
		if v.text(userKey) == account {
			shared, _ := v[sharedKey].(bool)
			list = append(list, Session{ID: v.text(idKey), Browser: v.text(agentKey), Peer: v.text(peerKey), Since: v.time(sinceKey), Shared: shared})
		}
		return false
	})
	slices.SortFunc(list, func(a, b Session) int { return cmp.Or(b.Since.Compare(a.Since), cmp.Compare(a.ID, b.ID)) })
	return list
}

// mine is the page about one's own account.
type mine struct {
	*kit.Form
	accounts.Account
	Confined, Loose bool
	Live            []accounts.Grant // in force or to come
	Sessions        []Session
	Key             *ceremony // for adding a passkey; nil where that cannot be
	Providers       []string  // other services that may be linked
	Codes           []accounts.Code

	Idle  bool         // everything rests until it is said whose account it is
	Staff []kit.Option // from whom the reader says who they are; nil when somebody else does
}

const accountTitle = "Your account"

func (s *Sessions) account(c echo.Context) error {
	data, err := s.mine(c, s.kit.NewForm(c, nil))
	if err != nil {
		return err
	}
	return s.kit.Page(c, http.StatusOK, "own-account", accountTitle, data)
}

func (s *Sessions) mine(c echo.Context, f *kit.Form) (mine, error) {
	who := s.kit.Who(c)
	a, _ := s.Accounts.Get(who.Account)
	data := mine{Form: f, Account: a, Confined: who.Confined, Loose: s.Loose, Sessions: s.here(c, who), Providers: s.providerNames()}
	for _, g := range a.Grants {
		if g.Ended.IsZero() && (g.Until.IsZero() || s.kit.Now().Before(g.Until)) {
			data.Live = append(data.Live, g)
		}
	}
	data.Idle = a.Idle(s.kit.Now())
	if s.Accounts.MayTie(a) {
		data.Staff = s.staff()
	}
	var err error
	data.Key, err = s.beginAdd(c, a)
	return data, err
}

// here is where the reader is signed in, this one first. It is told from the
// request: under a new token it is not in the store before its answer is.
func (s *Sessions) here(c echo.Context, who kit.Who) []Session {
	ctx := c.Request().Context()
	others := slices.DeleteFunc(s.List(who.Account), func(o Session) bool { return o.ID == who.Session })
	own := Session{ID: who.Session, Browser: browser(c.Request().UserAgent()), Peer: s.GetString(ctx, peerKey), Since: time.Unix(s.GetInt64(ctx, sinceKey), 0), Shared: who.Shared, Mine: true}
	return append([]Session{own}, others...)
}

// again shows the page with what is wrong.
func (s *Sessions) again(c echo.Context, f *kit.Form, wrong error) error {
	data, err := s.mine(c, f)
	if err != nil {
		return errors.Join(wrong, err)
	}
	return s.kit.Refuse(c, f, wrong, "own-account", accountTitle, data)
}

// tie says which member of staff the reader is. Errors of the book stand beside
// the form.
func (s *Sessions) tie(c echo.Context) error {
	f, err := s.kit.ReadForm(c)
	if err != nil {
		return err
	}
	account := s.kit.Who(c).Account
	if err := s.Accounts.Link(c.Request().Context(), account, account, f.Get("person"), false); err != nil {
		return s.again(c, f, err)
	}
	return c.Redirect(http.StatusSeeOther, kit.AccountPath)
}

// endSession signs out one of one's own sessions.
func (s *Sessions) endSession(c echo.Context) error {
	who, id := s.kit.Who(c), c.FormValue("session")
	if id == who.Session {
		return s.signOut(c)
	}
	found := false
	s.store.sweep(func(v session) bool {
		ends := v.text(userKey) == who.Account && v.text(idKey) == id
		found = found || ends
		return ends
	})
	if found {
		if err := s.Accounts.SignOut(c.Request().Context(), who.Account); err != nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, kit.AccountPath)
}

func (s *Sessions) passwordForm(c echo.Context) error {
	return s.kit.Page(c, http.StatusOK, "own-password", "Choose a password", s.passwordData(c, s.kit.NewForm(c, nil)))
}

type passwordData struct {
	*kit.Form
	Account string
	Due     bool // the school wants it changed
}

func (s *Sessions) passwordData(c echo.Context, f *kit.Form) passwordData {
	who := s.kit.Who(c)
	return passwordData{f, who.Account, s.due(who.Account)}
}

func (s *Sessions) changePassword(c echo.Context) error {
	f, err := s.kit.ReadForm(c)
	if err != nil {
		return err
	}
	ctx, who := c.Request().Context(), s.kit.Who(c)
	err = samePassword(f)
	if err == nil {
		err = s.Accounts.ChangePassword(ctx, who.Account, f.Values.Get("password"))
	}
	if err != nil {
		forgetPasswords(f)
		return s.kit.Refuse(c, f, err, "own-password", "Choose a password", s.passwordData(c, f))
	}
	if err := s.stay(ctx, who.Account); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, kit.AccountPath)
}

// due reports whether the school's policy wants a password changed by now.
func (s *Sessions) due(account string) bool {
	a, _ := s.Accounts.Get(account)
	return s.Rotation != nil && s.Rotation() == policy.RegularRotation && !a.Password.IsZero() && s.kit.Now().Sub(a.Password) > accounts.RotateAfter
}

// endEverywhere signs the reader out of everything but what is in front of them.
func (s *Sessions) endEverywhere(c echo.Context) error {
	ctx, who := c.Request().Context(), s.kit.Who(c)
	if err := s.Accounts.EndSessions(ctx, who.Account, who.Account); err != nil {
		return err
	}
	if err := s.stay(ctx, who.Account); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, kit.AccountPath)
}

var errNoCode = errs.At("code", "Enter the code that your app shows", "")
