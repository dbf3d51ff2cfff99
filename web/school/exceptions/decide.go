package exceptions

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// about does something with the exception in the path, once, and leads to its
// page. What is wrong is shown there, with what was typed.
func (p *pages) about(c echo.Context, do func(id string, f *kit.Form) error) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	e, err := p.find(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) { return "/exception/" + url.PathEscape(e.ID), do(e.ID, f) })
	if err != nil {
		e, _ := p.Book.Exception(e.ID)
		return p.Refuse(c, f, err, "exception", "Exception", p.showData(c, e, f))
	}
	return nil
}

func (p *pages) approve(c echo.Context) error {
	return p.about(c, func(id string, _ *kit.Form) error { return p.Book.Approve(c.Request().Context(), p.by(c), id) })
}

func (p *pages) refuse(c echo.Context) error {
	return p.about(c, func(id string, f *kit.Form) error {
		return p.Book.Refuse(c.Request().Context(), p.by(c), id, f.Get("why"))
	})
}

func (p *pages) withdraw(c echo.Context) error {
	return p.about(c, func(id string, _ *kit.Form) error { return p.Book.Withdraw(c.Request().Context(), p.by(c), id) })
}

func (p *pages) end(c echo.Context) error {
	return p.about(c, func(id string, f *kit.Form) error {
		return inField(p.Book.End(c.Request().Context(), p.by(c), id, f.Get("end-why")), "end-why")
	})
}

// inField puts a fault of a text beside the field it stood in: the page has two.
func inField(err error, field string) error {
	var e *errs.Error
	if errors.As(err, &e) && e.Field != "" {
		return errs.At(field, e.Message, e.Hint)
	}
	return err
}

type extendData struct {
	line
	Form *kit.Form
}

func (p *pages) extendForm(c echo.Context) error {
	e, err := p.find(c)
	if err != nil {
		return err
	}
	year := p.Now().AddDate(1, 0, 0).Format(time.DateOnly)
	f := p.NewForm(c, url.Values{"until": {year}, "review": {year}})
	return p.Page(c, http.StatusOK, "exception-extend", "Extend an exception", extendData{p.line(c, p.sight(c), e), f})
}

func (p *pages) extend(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	e, err := p.find(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		until, review, err := p.longer(f)
		if err == nil {
			err = p.Book.Extend(c.Request().Context(), p.by(c), e.ID, until, review, f.Get("why"))
		}
		return "/exception/" + url.PathEscape(e.ID), err
	})
	if err != nil {
		return p.Refuse(c, f, err, "exception-extend", "Extend an exception", extendData{p.line(c, p.sight(c), e), f})
	}
	return nil
}

func (p *pages) longer(f *kit.Form) (until, review time.Time, err error) {
	r := reader{form: f, zone: p.Calendar.Zone}
	return r.lastDay("until", "when it ends"), r.lastDay("review", "when it is reviewed"), r.err()
}
