package policy

import (
	"net/http"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/rules"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// versionData is the page of one version: what it changes, and what may be done
// about it while it waits.
type versionData struct {
	versionLine
	Form                 *kit.Form
	Changes              []policy.Change
	Change               bool // never: a version stays as it was set
	Groups               []group
	Waits                bool
	Adopt, Approve, Drop bool
}

var errNoVersion = errs.New(errs.NotFound, "There are no such rules.", "Look at the list of the rules.")

func (o *pages) version(c echo.Context) error {
	v, waits, err := o.find(c.Param("id"))
	if err != nil {
		return err
	}
	return o.Page(c, http.StatusOK, "policy-version", title(waits), o.versionData(c, v, waits, o.NewForm(c, nil)))
}

func title(waits bool) string {
	if waits {
		return "A change of the rules that waits"
	}
	return "Rules of another day"
}

func (o *pages) find(id string) (v rules.Version, waits bool, err error) {
	for _, v := range o.Versions.Waiting() {
		if v.ID == id {
			return v, true, nil
		}
	}
	for _, v := range o.Versions.Versions() {
		if v.ID == id {
			return v, false, nil
		}
	}
	return rules.Version{}, false, errNoVersion
}

func (o *pages) versionData(c echo.Context, v rules.Version, waits bool, f *kit.Form) versionData {
	d := versionData{versionLine: o.versionLine(v, waits), Form: f, Waits: waits, Groups: o.groups(v.Rules, nil), Changes: policy.Diff(o.before(v, waits), v.Rules)}
	if waits {
		change := o.may(c, roles.ChangePolicy)
		d.Adopt, d.Drop = change && d.Suggested, change
		d.Approve = !d.Suggested && o.may(c, roles.ApprovePolicy) && o.Who(c).Person != v.Person
	}
	return d
}

// before are the rules that a version takes the place of.
func (o *pages) before(v rules.Version, waits bool) policy.Rules {
	at := v.From.Add(-time.Nanosecond)
	if now := o.Now(); waits && v.From.Before(now) {
		at = now
	}
	before, ok := o.Versions.VersionAt(at)
	if !ok {
		return policy.Default()
	}
	return before.Rules
}

func (o *pages) adopt(c echo.Context) error {
	return o.decide(c, func(id string) error {
		_, _, err := o.Proposals.Adopt(c.Request().Context(), o.Who(c).Actor, id)
		return err
	})
}

func (o *pages) approve(c echo.Context) error {
	return o.decide(c, func(id string) error {
		_, err := o.Decisions.Approve(c.Request().Context(), o.Who(c).Actor, id)
		return err
	})
}

func (o *pages) drop(c echo.Context) error {
	return o.decide(c, func(id string) error { return o.Decisions.Drop(c.Request().Context(), o.Who(c).Actor, id) })
}

// decide does something about a version that waits. A refusal is shown on its
// page.
func (o *pages) decide(c echo.Context, do func(id string) error) error {
	f, err := o.ReadForm(c)
	if err != nil {
		return err
	}
	err = o.Do(c, f, func() (string, error) { return "/policy", do(c.Param("id")) })
	if err == nil {
		return nil
	}
	v, waits, missing := o.find(c.Param("id"))
	if missing != nil {
		return err
	}
	return o.Refuse(c, f, err, "policy-version", title(waits), o.versionData(c, v, waits, f))
}
