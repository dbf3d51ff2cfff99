package kit

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

// Open marks a route for everybody, signed in or not.
const Open roles.Permission = "open"

// Route is one address and what it takes to reach it.
type Route struct {
	Method, Path string
	Permission   roles.Permission
	// On says what the request is about, from its path. nil is the school as a
	// whole, and Anything a page that shows each reader what they may see.
	On      func(c echo.Context) roles.Target
	Handle  echo.HandlerFunc
	MaxBody int64 // bytes of a form with a file; 0 for what every form may have
	Program bool  // it answers programs: they get a refusal, and are never led to another page
	For     Callers
}

// Callers are who may send a request, if it is allowed to them.
type Callers int

// The callers.
const (
	ForAll      Callers = iota // people and, where Route.Program, programs
	ForPrograms                // with a token: people do this on pages
	ForPeople                  // with a session: what a program cannot do, for it is nobody
)

// Anything is for pages that narrow themselves to the reader's reach: it is
// enough to have the permission in some scope.
func Anything(echo.Context) roles.Target { return anything }

var anything = roles.Target{Person: "*", Form: "*"}

// Get and Post are routes about the school as a whole.
func Get(path string, p roles.Permission, h echo.HandlerFunc) Route {
	return Route{Method: http.MethodGet, Path: path, Permission: p, Handle: h}
}

// Post is a form that is sent.
func Post(path string, p roles.Permission, h echo.HandlerFunc) Route {
	return Route{Method: http.MethodPost, Path: path, Permission: p, Handle: h}
}

// UpTo is r for a form of up to so many bytes.
func (r Route) UpTo(bytes int64) Route {
	r.MaxBody = bytes
	return r
}

// About is r for what on finds in the request's path.
func (r Route) About(on func(c echo.Context) roles.Target) Route {
	r.On = on
	return r
}

// Param is what stands for name in the request's path, as it was meant: while a
// slash in it is escaped, the router hands out the rest escaped too.
func Param(c echo.Context, name string) string {
	v := c.Param(name)
	if c.Request().URL.RawPath != "" {
		if plain, err := url.PathUnescape(v); err == nil {
			return plain
		}
	}
	return v
}

// OnPerson finds the person whose id is in the path.
func (k *Kit) OnPerson(param string) func(c echo.Context) roles.Target {
	return func(c echo.Context) roles.Target { return k.Person(Param(c, param)) }
}

func (r Route) check() error {
	if _, known := roles.Table[r.Permission]; !known && r.Permission != Open {
		return fmt.Errorf("%s %s needs %q, which is no permission", r.Method, r.Path, r.Permission)
	}
	return nil
}

// ProofLasts is how long somebody who has proved who they are need not do so
// again, in machine time.
const ProofLasts = 5 * time.Minute

// The pages that other pages lead to.
const (
	SignInPath  = "/sign-in"
	ProvePath   = "/prove"   // give the password or passkey once more
	AccountPath = "/account" // one's own password, passkeys and sessions
)

var (
	errWho   = errs.New(errs.Unknown, "This address needs a token that works.", "Send one as: Authorization: Bearer bkt_...")
	errProve = errs.New(errs.Denied, "This needs somebody's password, so no program may do it.", "Do it on a page.")
	errFirst = errs.New(errs.Denied, "This needs your password or passkey once more.", "Give it at "+ProvePath+", and send this again within five minutes.")

	errForPrograms = errs.New(errs.Denied, "Only a program changes something here, with its token.", "Do it on a page.")
	errForPeople   = errs.New(errs.Denied, "Only a person may do this, not a program.", "Do it with your own session, or on a page.")
)

// mayNot refuses somebody, and says as whom.
func (k *Kit) mayNot(who Who) error {
	return errs.New(errs.Denied, "You may not do that.", k.standing(who)+" Ask somebody whose work it is; IT can tell you who.")
}

// standing is a sentence about what somebody's roles do not allow.
func (k *Kit) standing(who Who) string {
	if who.Program {
		return "This token does not allow it."
	}
	var names []string
	for _, a := range who.Roles {
		if a.Holds(k.Now()) {
			names = append(names, RoleName(a.Role))
		}
	}
	switch len(names) {
	case 0:
		return "You are signed in as " + who.called() + ", without a role today."
	case 1:
		return "You are signed in as " + who.called() + " with the role " + names[0] + ", which does not allow it."
	}
	return "You are signed in as " + who.called() + " with the roles " + strings.Join(names, ", ") + ", which do not allow it."
}

// guard lets through whoever may. Others are sent to sign in or to prove who
// they are; a form they sent is kept for them meanwhile.
func (k *Kit) guard(r Route) echo.HandlerFunc {
	if r.Permission == Open {
		return r.Handle
	}
	return func(c echo.Context) error {
		who := k.Who(c)
		switch {
		case who.Account == "" && r.Program:
			return errWho
		case who.Account == "":
			return k.sendTo(c, SignInPath)
		case who.Confined && r.Permission != roles.OwnAccount && !r.Program:
			return k.sendTo(c, AccountPath)
		case !k.Reaches(who, r.Permission, r.On, c):
			if first := k.first(who); r.Path == "/" && first != "" {
				return c.Redirect(http.StatusSeeOther, first)
			}
			k.Log.Warn("refused", "account", who.Account, "needs", r.Permission, "method", r.Method, "route", r.Path)
			return k.mayNot(who)
		case r.For == ForPrograms && !who.Program:
			return errForPrograms
		case r.For == ForPeople && who.Program:
			return errForPeople
		case r.Program && k.unproved(who, r.Permission):
			return unproved(who)
		case k.unproved(who, r.Permission):
			return k.sendTo(c, ProvePath)
		}
		if r.MaxBody > 0 {
			ui.AllowBody(c.Response(), c.Request(), r.MaxBody)
		}
		return r.Handle(c)
	}
}

// first is the page that somebody begins with who may not see the start page: the
// first of their menu. It is "" when there is none.
func (k *Kit) first(who Who) string {
	for _, item := range k.menu {
		if item.Href != "/" && item.isFor(who, k.Now()) {
			return item.Href
		}
	}
	return ""
}

// Proved lets h be reached only by somebody who has proved who they are lately,
// whatever its permission says: for what changes how they sign in.
func (k *Kit) Proved(h echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if time.Since(k.Who(c).Proved) > ProofLasts {
			return k.sendTo(c, ProvePath)
		}
		return h(c)
	}
}

// unproved refuses a request to the API: nobody asks a program for a password.
func unproved(who Who) error {
	if who.Program {
		return errProve
	}
	return errFirst
}

// unproved reports whether p asks for the credential again, and who has not given
// it lately.
func (k *Kit) unproved(who Who, p roles.Permission) bool {
	return roles.Table[p].StepUp && time.Since(who.Proved) > ProofLasts
}

// Reaches reports whether who may do p to what on finds in the request.
func (k *Kit) Reaches(who Who, p roles.Permission, on func(echo.Context) roles.Target, c echo.Context) bool {
	target := roles.Target{}
	if on != nil {
		target = on(c)
	}
	if target == anything {
		return roles.Reach(who.held(p), p, k.Now()) != roles.Nothing
	}
	return k.Allows(who, p, target)
}

// sendTo leads to another page first, and back here after it. Of a form that was
// sent, what was typed waits there.
func (k *Kit) sendTo(c echo.Context, path string) error {
	r := c.Request()
	to := url.Values{"next": {r.URL.RequestURI()}}
	if r.Method != http.MethodGet {
		to.Set("next", k.formOf(c))
		if path == ProvePath {
			to.Set(undoneField, "yes")
		}
	}
	address := path + "?" + to.Encode()
	if r.Header.Get("HX-Request") != "" {
		c.Response().Header().Set("HX-Redirect", address)
		return c.NoContent(http.StatusOK)
	}
	return c.Redirect(http.StatusSeeOther, address)
}

// formOf is the page with the form that was sent: of the same address, with what
// was typed, or for a mere button the page it stood on.
func (k *Kit) formOf(c echo.Context) string {
	r := c.Request()
	same := slices.ContainsFunc(k.routes, func(other Route) bool { return other.Method == http.MethodGet && other.Path == c.Path() })
	if !same {
		from, err := url.Parse(r.Referer())
		if err != nil || from.Host != r.Host {
			return "/"
		}
		return Here(from.RequestURI())
	}
	return k.KeepDraft(c, r.URL.RequestURI())
}

// undoneField says, beside the page to come back to, that something was sent there
// and was not done.
const undoneField = "undone"

// Undone reports whether what somebody sent waits to be sent once more.
func Undone(c echo.Context) bool { return c.FormValue(undoneField) != "" }

// Next is the page that somebody was on the way to: an address here, never
// another site's. It is the start page when there is none.
func Next(c echo.Context) string { return Here(c.FormValue("next")) }

// Here is next if it is an address here, and else the start page.
func Here(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Opaque != "" || len(next) > maxNext || len(next) < 1 || next[0] != '/' ||
		len(next) > 1 && (next[1] == '/' || next[1] == '\\') {
		return "/"
	}
	return u.RequestURI()
}

const maxNext = 512 // bytes
