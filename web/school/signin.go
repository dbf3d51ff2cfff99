package school

import (
	"net/http"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

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
}

func (o *office) signInForm(c echo.Context) error {
	if o.sessions.Exists(c.Request().Context(), userKey) {
		return c.Redirect(http.StatusSeeOther, "/")
	}
	return o.page(c, http.StatusOK, "sign-in", "Sign in", signInData{})
}

func (o *office) signIn(c echo.Context) error {
	r := c.Request()
	form, err := readForm(c)
	if err != nil {
		return err
	}
	user, password := accountName(form.Get("user")), form.Get("password")
	switch {
	case user == "":
		return o.refuse(c, http.StatusUnprocessableEntity, signInData{Fault: "Enter your account name", Field: "user"})
	case password == "":
		return o.refuse(c, http.StatusUnprocessableEntity, signInData{user, "Enter your password", "password"})
	case len(user) > maxUser || len(password) > maxPassword:
		return o.refuse(c, http.StatusUnauthorized, signInData{Fault: wrongSignIn, Field: "user"})
	case !o.tries.address.Allow(c.RealIP()) || !o.tries.account.Allow(user):
		c.Response().Header().Set("Retry-After", "30")
		return o.refuse(c, http.StatusTooManyRequests,
			signInData{user, "Too many attempts. Wait half a minute, then try again", "user"})
	}
	role, ok := o.Accounts.Check(user, password)
	if !ok {
		o.Log.Warn("sign-in refused", "peer", c.RealIP())
		return o.refuse(c, http.StatusUnauthorized, signInData{user, wrongSignIn, "user"})
	}
	ctx := r.Context()
	if err := o.sessions.RenewToken(ctx); err != nil {
		return err
	}
	o.sessions.Put(ctx, userKey, user)
	o.sessions.Put(ctx, roleKey, role)
	o.Log.Info("signed in", "role", role, "peer", c.RealIP())
	return c.Redirect(http.StatusSeeOther, "/")
}

// accountName is what somebody typed as accounts are named: in small letters,
// without blanks around.
func accountName(typed string) string { return strings.ToLower(strings.TrimSpace(typed)) }

const wrongSignIn = "The account name or the password is not right"

func (o *office) refuse(c echo.Context, status int, data signInData) error {
	return o.page(c, status, "sign-in", "Error: Sign in", data)
}

func (o *office) signOut(c echo.Context) error {
	if err := o.sessions.Destroy(c.Request().Context()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/sign-in")
}
