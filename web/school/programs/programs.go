// Package programs is the pages on which IT makes the tokens that programs use
// the API with, and ends them. A secret is shown once, on the page that answers
// its making. What IT may not do itself, a second person agrees to.
package programs

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"net/url"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/internal/tokens"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// Tokens is the book of tokens.
type Tokens interface {
	List
	Make(ctx context.Context, by tokens.Maker, w tokens.Wanted) (secret string, t tokens.Token, err error)
	Agree(ctx context.Context, by school.Actor, name string) error
	End(ctx context.Context, by school.Actor, name string) error
}

// List finds tokens.
type List interface {
	All() []tokens.Token
	Get(name string) (tokens.Token, bool)
}

//go:embed templates
var templateFiles embed.FS

type pages struct {
	*kit.Kit
	tokens Tokens
}

// Pages are the pages of programs.
func Pages(k *kit.Kit, t Tokens) (kit.Feature, error) {
	p := &pages{k, t}
	templates, err := fs.Sub(templateFiles, "templates")
	return kit.Feature{
		Templates: templates, Funcs: funcs,
		Menu: []kit.MenuItem{{Href: "/programs", Text: "Programs", Under: kit.School, Permission: roles.UseAPI}},
		Routes: []kit.Route{
			kit.Get("/programs", roles.UseAPI, p.list),
			kit.Get("/programs/new", roles.UseAPI, k.Proved(p.form)),
			kit.Post("/programs/new", roles.UseAPI, k.Proved(p.make)),
			kit.Get("/programs/token/:name", roles.UseAPI, p.one),
			kit.Post("/programs/token/:name/end", roles.UseAPI, p.end),
			kit.Post("/programs/token/:name/agree", roles.GiveRoles, p.agree),
		},
	}, err
}

// line is a token in words.
type line struct {
	tokens.Token
	State, Colour string
	Working       bool // or waiting: it may be ended
	Waiting       bool
	MayAgree      bool
	InPart        bool // some of it rests
}

func (p *pages) line(c echo.Context, t tokens.Token) line {
	l := line{Token: t}
	switch t.State(p.Now()) {
	case tokens.Working:
		l.State, l.Colour, l.Working = "Works", "green", true
		if l.InPart = len(t.Rests) > 0; l.InPart {
			l.State, l.Colour = "Works in part", "yellow"
		}
	case tokens.Resting:
		l.State, l.Colour, l.Working = "Rests", "yellow", true
	case tokens.Waiting:
		l.State, l.Colour, l.Working, l.Waiting = "Waits for a second person", "yellow", true, true
		l.MayAgree = p.May(c, roles.GiveRoles, roles.Target{}) && p.Who(c).Person != t.By.Person
	case tokens.Over:
		l.State, l.Colour = "Over", "grey"
	case tokens.Ended:
		l.State, l.Colour = "Ended", "grey"
	}
	return l
}

func (p *pages) list(c echo.Context) error {
	var lines []line
	for _, t := range p.tokens.All() {
		lines = append(lines, p.line(c, t))
	}
	return p.Page(c, http.StatusOK, "programs", "Programs", lines)
}

var errNone = errs.New(errs.NotFound, "There is no token of that name.", "Look at the list of programs.")

func (p *pages) one(c echo.Context) error {
	t, ok := p.tokens.Get(kit.Param(c, "name"))
	if !ok {
		return errNone
	}
	return p.Page(c, http.StatusOK, "program", t.Name, p.line(c, t))
}

func (p *pages) form(c echo.Context) error {
	until := p.Now().AddDate(1, 0, -1).Format(time.DateOnly)
	return p.Page(c, http.StatusOK, "program-new", "A token for a program", p.NewForm(c, url.Values{"until": {until}}))
}

// make answers with the secret itself: it is nowhere to be led to. The same form
// sent again finds its name taken.
func (p *pages) make(c echo.Context) error {
	form, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	wanted := tokens.Wanted{Name: form.Get("name"), Until: p.endOf(form.Get("until"))}
	for _, s := range form.Values["scopes"] {
		wanted.Scopes = append(wanted.Scopes, roles.Permission(s))
	}
	who := p.Who(c)
	secret, t, err := p.tokens.Make(c.Request().Context(), tokens.Maker{Actor: who.Actor, Roles: who.Roles}, wanted)
	if err != nil {
		return p.Refuse(c, form, err, "program-new", "A token for a program", form)
	}
	p.Log.Info("token made", "token", t.Name, "by", who.Account)
	return p.Page(c, http.StatusCreated, "program-made", "The token of "+t.Name, made{p.line(c, t), secret})
}

type made struct {
	line
	Secret string
}

// endOf is the end of a day of the school; the zero time for what is no day.
func (p *pages) endOf(day string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, day, p.Now().Location())
	if err != nil {
		return time.Time{}
	}
	return t.AddDate(0, 0, 1)
}

func (p *pages) end(c echo.Context) error {
	name := kit.Param(c, "name")
	err := p.tokens.End(c.Request().Context(), p.Who(c).Actor, name)
	return p.back(c, name, err)
}

func (p *pages) agree(c echo.Context) error {
	name := kit.Param(c, "name")
	err := p.tokens.Agree(c.Request().Context(), p.Who(c).Actor, name)
	return p.back(c, name, err)
}

// back leads to the token's page; what is as wanted already is no failure.
func (p *pages) back(c echo.Context, name string, err error) error {
	if err != nil && errs.CodeOf(err) != errs.Conflict {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/programs/token/"+url.PathEscape(name))
}
