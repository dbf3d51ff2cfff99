package declarations

import (
	"net/http"
	"net/url"

	"github.com/bellkeep/bellkeep/internal/declarations"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

type formData struct {
	Form    *kit.Form
	Contact bool
	Told    string
	Action  string
}

const (
	tieTitle     = "Declare a tie to a pupil or parent"
	contactTitle = "Ask before private contact"
)

func (p *pages) relationship(c echo.Context) error {
	return p.Page(c, http.StatusOK, "declaration-form", tieTitle, formData{p.NewForm(c, nil), false, p.told(), "/declarations/relationship"})
}

func (p *pages) contact(c echo.Context) error {
	f := p.NewForm(c, url.Values{"until": {school.DateOf(p.Now().AddDate(0, 6, 0)).String()}})
	return p.Page(c, http.StatusOK, "declaration-form", contactTitle, formData{f, true, "", "/declarations/contact"})
}

func (p *pages) declareRelationship(c echo.Context) error {
	return p.declare(c, declarations.Relationship, tieTitle)
}

func (p *pages) declareContact(c echo.Context) error {
	return p.declare(c, declarations.Contact, contactTitle)
}

func (p *pages) declare(c echo.Context, kind declarations.Kind, title string) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		d := declarations.Draft{Kind: kind, Text: declarations.Text{About: f.Get("about"), Why: f.Get("why")}}
		if kind == declarations.Contact {
			last, err := school.ParseDate(f.Get("until"))
			if err != nil {
				return "", errs.At("until", "Enter until when, as a date", "")
			}
			d.Until = last.Next().At(school.Clock{}, p.Now().Location())
		}
		made, err := p.Making.Declare(c.Request().Context(), p.by(c), d)
		return "/declaration/" + made.ID, err
	})
	if err != nil {
		return p.Refuse(c, f, err, "declaration-form", title, formData{f, kind == declarations.Contact, p.told(), c.Request().URL.Path})
	}
	return nil
}
