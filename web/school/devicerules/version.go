package devicerules

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// versionData is the page of one version.
type versionData struct {
	versionLine
	Form        *kit.Form
	Diff, Edits []change.Line
	Rules       rulesView
	RollBack    bool   // whoever reads may undo it
	WhyNot      string // they could, were it not for this
}

var errNoVersion = errs.New(errs.NotFound, "There is no such version of the device rules.", "Look at the list of versions.")

func (p *pages) find(c echo.Context) (change.Version, error) {
	n, err := strconv.Atoi(c.Param("n"))
	v, ok := p.Versions.Version(n)
	if err != nil || !ok {
		return v, errNoVersion
	}
	return v, nil
}

func (p *pages) version(c echo.Context) error {
	v, err := p.find(c)
	if err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "device-rules-version", versionTitle(v), p.versionData(c, v, p.NewForm(c, nil)))
}

func versionTitle(v change.Version) string { return fmt.Sprintf("Device rules, version %d", v.N) }

func (p *pages) versionData(c echo.Context, v change.Version, f *kit.Form) versionData {
	d := versionData{versionLine: p.versionLine(v), Form: f, Rules: p.rulesView(v.Rules, false)}
	if before, ok := p.Versions.Before(v.N); ok {
		d.Diff, d.Edits = p.Effects.Diff(before.Rules, v.Rules), change.Edits(before.Rules, v.Rules)
	}
	now := p.Now()
	inForce, _ := p.Versions.VersionAt(now)
	d.InForce = inForce.N == v.N
	if d.InForce && !d.IsFirst && p.may(c, roles.ManageDevices) {
		err := p.Deciding.MayRollBack(now)
		if d.RollBack = err == nil; !d.RollBack {
			e := errs.All(err)[0]
			d.WhyNot = e.Message + " " + e.Hint
		}
	}
	return d
}

// file is a version as a school's folder would say it.
func (p *pages) file(c echo.Context) error {
	v, err := p.find(c)
	if err != nil {
		return err
	}
	data, err := change.WriteFile(v.Rules)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", `attachment; filename="`+change.FileName+`"`)
	return c.Blob(http.StatusOK, "application/yaml; charset=utf-8", data)
}

func (p *pages) rollBack(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	v, err := p.find(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		if last, _ := p.Versions.Last(); last.N != v.N {
			return "", errs.New(errs.Conflict, "Another version has been published since.", "Look at the list of versions.")
		}
		made, err := p.Deciding.RollBack(c.Request().Context(), p.by(c), f.Get("words"))
		return fmt.Sprintf("/device-rules/version/%d", made.N), err
	})
	if err != nil {
		return p.Refuse(c, f, err, "device-rules-version", versionTitle(v), p.versionData(c, v, f))
	}
	return nil
}
