package kit

import (
	"cmp"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/labstack/echo/v4"
)

// Who is somebody signed in.
type Who struct {
	school.Actor
	Name    string             // as pages show it
	Roles   []roles.Assignment // all that were given, in force or not
	Session string             // names the session in lists; it is not its secret
	Proved  time.Time          // machine time at which they last proved who they are
	Program bool               // not a person, but a program with a token

	Shared bool // several people use the computer in front of them

	// Confined is somebody whose role needs more than a password. They reach
	// their own account, where they set that up, and nothing else.
	Confined bool
}

// called is how pages name somebody, "" for nobody.
func (w Who) called() string { return cmp.Or(w.Name, w.Account) }

// held are the roles that count for p.
func (w Who) held(p roles.Permission) []roles.Assignment {
	if w.Confined && p != roles.OwnAccount {
		return nil
	}
	return w.Roles
}

const whoKey = "who"

// Who is whoever sent the request; the zero Who on a page that is open to
// everybody when nobody is signed in.
func (k *Kit) Who(c echo.Context) Who {
	if who, ok := c.Get(whoKey).(Who); ok {
		return who
	}
	who, ok := k.Gate.Who(c.Request())
	if !ok {
		return Who{}
	}
	c.Set(whoKey, who)
	return who
}

// Elsewhere reports whether somebody's pages are another Kit's by now.
func (k *Kit) Elsewhere(who Who) bool { return k.Moved != nil && k.Moved(who.Person) }

// May reports whether whoever asks may do p to on: what a page offers.
func (k *Kit) May(c echo.Context, p roles.Permission, on roles.Target) bool {
	return k.Allows(k.Who(c), p, on)
}

// Allows reports whether who may do p to on, now.
func (k *Kit) Allows(who Who, p roles.Permission, on roles.Target) bool {
	on.Self = who.Person
	return roles.May(who.held(p), p, on, k.Now())
}

// Reach is how far p reaches for whoever asks, and for own classes which.
func (k *Kit) Reach(c echo.Context, p roles.Permission) (roles.Scope, []string) {
	who, now := k.Who(c), k.Now()
	return roles.Reach(who.held(p), p, now), roles.Forms(who.held(p), p, now)
}

// NameOf is somebody's name, or what stands for it once it is not kept any more.
func (k *Kit) NameOf(person string) string {
	if name, _, ok := k.People.Name(person); ok {
		return name
	}
	return "somebody whose name is not kept any more"
}

// Person is a person of the register as a target.
func (k *Kit) Person(id string) roles.Target {
	_, form, _ := k.People.Name(id)
	return roles.Target{Person: id, Form: form}
}
