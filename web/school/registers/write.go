package registers

import (
	"net/http"
	"net/url"

	"github.com/bellkeep/bellkeep/internal/registers"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/labstack/echo/v4"
)

func (p *pages) newForm(c echo.Context) error {
	k, err := p.register(c)
	if err != nil {
		return err
	}
	if !p.mayWrite(c, k) {
		return registers.ErrDenied
	}
	f := p.NewForm(c, url.Values{"on": {school.DateOf(p.Now()).String()}})
	return p.Page(c, http.StatusOK, "register-form", k.Title+": new entry", p.formData(k, f, ""))
}

func (p *pages) add(c echo.Context) error {
	k, err := p.register(c)
	if err != nil {
		return err
	}
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		said, err := p.read(c, k, f)
		if err != nil {
			return "", err
		}
		_, err = p.Desk.Add(c.Request().Context(), p.by(c), k.ID, said...)
		return "/registers/" + k.ID, err
	})
	if err != nil {
		return p.Refuse(c, f, err, "register-form", k.Title+": new entry", p.formData(k, f, ""))
	}
	return nil
}

func (p *pages) correctForm(c echo.Context) error {
	e, k, err := p.find(c)
	if err != nil {
		return err
	}
	if !p.mayWrite(c, k) {
		return registers.ErrDenied
	}
	start := url.Values{"on": {e.On.String()}}
	if e.Due != (school.Date{}) {
		start.Set("due", e.Due.String())
	}
	for _, f := range k.Fields {
		v := e.Values[f.ID]
		if f.Type == registers.Pupil && v != "" {
			v = p.name(v)
		}
		start.Set(f.ID, v)
	}
	return p.Page(c, http.StatusOK, "register-form", k.Title+": correct an entry", p.formData(k, p.NewForm(c, start), e.ID))
}

func (p *pages) correct(c echo.Context) error {
	e, k, err := p.find(c)
	if err != nil {
		return err
	}
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		said, err := p.read(c, k, f)
		if err != nil {
			return "", err
		}
		return "/entries/" + e.ID, p.Desk.Correct(c.Request().Context(), p.by(c), e.ID, said[0], f.Get("why"))
	})
	if err != nil {
		return p.Refuse(c, f, err, "register-form", k.Title+": correct an entry", p.formData(k, f, e.ID))
	}
	return nil
}
