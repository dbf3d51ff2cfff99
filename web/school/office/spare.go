package office

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// spareData is the form that gives a pre-printed spare in place of a badge.
type spareData struct {
	*kit.Form
	Who    register.Person
	Old    int  // serial of the badge that ends; 0 for none
	Prints bool // the reader may print badges
	Whys   []kit.Option
}

func (o *pages) spareData(c echo.Context, f *kit.Form, p register.Person) spareData {
	d := spareData{Form: f, Who: p, Prints: o.May(c, roles.PrintBadges, roles.Target{}), Whys: []kit.Option{{Value: string(badges.Lost), Text: "It is lost"},
		{Value: string(badges.Damaged), Text: "It cannot be read"}, {Value: string(badges.Other), Text: "Another reason"}}}
	if old, err := o.Badges.Live(p.ID); err == nil {
		d.Old = old.Serial
	}
	return d
}

func (o *pages) spareForm(c echo.Context) error {
	p, err := o.pupil(c)
	if err != nil {
		return err
	}
	f := o.NewForm(c, url.Values{"why": {string(badges.Lost)}})
	return o.Page(c, http.StatusOK, "spare", "Lost badge", o.spareData(c, f, p))
}

// giveSpare ends the badge they have and gives the one just scanned, in one step,
// and leads to where that is in force.
func (o *pages) giveSpare(c echo.Context) error {
	p, err := o.pupil(c)
	if err != nil {
		return err
	}
	f, err := o.ReadForm(c)
	if err != nil {
		return err
	}
	err = o.Do(c, f, func() (string, error) {
		spare, err := o.Badges.Scanned(c.Request().Context(), f.Get("badge"))
		if err != nil {
			return "", beside("badge", err)
		}
		why := badges.Why(f.Get("why"))
		if _, err := o.Badges.Live(p.ID); err != nil {
			why = "" // there is none to end
		} else if why == "" {
			return "", errs.At("why", "Choose what became of the old badge.", "")
		}
		if err := o.Badges.Hand(c.Request().Context(), o.Who(c).Account, spare.Hash, p.ID, why); err != nil {
			return "", beside("badge", err)
		}
		return personPath(p.ID) + "#badge-title", nil
	})
	if err != nil {
		return o.Refuse(c, f, err, "spare", "Lost badge", o.spareData(c, f, p))
	}
	return nil
}

// beside is an error about one field of a form.
func beside(field string, err error) error {
	var e *errs.Error
	if !errors.As(err, &e) || e.Code == errs.Internal {
		return err
	}
	at := *e
	at.Field = field
	return &at
}
