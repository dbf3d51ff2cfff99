package declarations

import (
	"context"
	"net/http"

	"github.com/bellkeep/bellkeep/internal/declarations"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

type showData struct {
	Form *kit.Form
	line
	Known             []string
	DecidedBy         string
	MayAnswer, MayEnd bool
}

// find gives a declaration that the reader may see: their own, or all.
func (p *pages) find(c echo.Context) (declarations.Declaration, error) {
	d, err := p.Reader.Declaration(c.Param("id"))
	if err == nil && d.Person != p.Who(c).Person && !p.mayAll(c) {
		return declarations.Declaration{}, declarations.ErrNone
	}
	return d, err
}

func (p *pages) show(c echo.Context) error {
	d, err := p.find(c)
	if err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "declaration", "Declaration", p.showData(c, p.NewForm(c, nil), d))
}

func (p *pages) showData(c echo.Context, f *kit.Form, d declarations.Declaration) showData {
	s := showData{Form: f, line: p.line(d), MayAnswer: p.answers(c, d), MayEnd: d.Person == p.Who(c).Person && !p.Reader.Over(d)}
	for _, a := range d.Acknowledged {
		s.Known = append(s.Known, p.NameOf(a.Person)+", "+p.day(a.At))
	}
	if d.Decided != nil {
		s.DecidedBy = p.NameOf(d.Decided.Person) + ", " + p.day(d.Decided.At)
	}
	return s
}

// does something about a declaration, from its page.
func (p *pages) does(c echo.Context, do func(ctx context.Context, f *kit.Form, id string) error) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d, err := p.find(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) { return "/declaration/" + d.ID, do(c.Request().Context(), f, d.ID) })
	if err != nil {
		return p.Refuse(c, f, err, "declaration", "Declaration", p.showData(c, f, d))
	}
	return nil
}

func (p *pages) acknowledge(c echo.Context) error {
	return p.does(c, func(ctx context.Context, _ *kit.Form, id string) error {
		return p.Answering.Acknowledge(ctx, p.by(c), id)
	})
}

func (p *pages) approve(c echo.Context) error {
	return p.does(c, func(ctx context.Context, _ *kit.Form, id string) error {
		return p.Answering.Decide(ctx, p.by(c), id, true, "")
	})
}

func (p *pages) refuse(c echo.Context) error {
	return p.does(c, func(ctx context.Context, f *kit.Form, id string) error {
		return p.Answering.Decide(ctx, p.by(c), id, false, f.Get("refusal"))
	})
}

func (p *pages) end(c echo.Context) error {
	return p.does(c, func(ctx context.Context, _ *kit.Form, id string) error { return p.Making.End(ctx, p.by(c), id) })
}
