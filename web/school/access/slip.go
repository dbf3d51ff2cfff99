package access

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/signin"
	"github.com/labstack/echo/v4"
)

// slip is a one-time link on paper. It is shown once.
type slip struct {
	Name, Account string
	Forms         []string
	Until         time.Time // of a day pass, school time; zero for another link
	Code          accounts.Code
	Link          string
	QR            signin.QR
}

func (p *pages) slip(c echo.Context, s slip) error {
	s.Link = signin.Link(p.Base, s.Code)
	var err error
	if s.QR, err = signin.NewQR(s.Link); err != nil {
		return err
	}
	return p.kit.Page(c, http.StatusOK, "access-slip", "One-time link", s)
}

// reset makes a link by which the holder of an account chooses a password.
func (p *pages) reset(c echo.Context) error {
	id := c.Param("id")
	code, err := p.Accounts.Reset(c.Request().Context(), p.kit.Who(c).Account, id)
	if err != nil {
		return err
	}
	a, _ := p.Accounts.Get(id)
	return p.slip(c, slip{Name: a.Name, Account: id, Code: code})
}

// pass is the form for a day pass.
type pass struct {
	*kit.Form
	Forms []kit.Option
}

func (p *pages) passForm(c echo.Context) error {
	f := p.kit.NewForm(c, nil)
	if f.Get("until") == "" {
		f.Values.Set("until", p.DayEnds(p.kit.Now()).Format("15:04"))
	}
	return p.kit.Page(c, http.StatusOK, "day-pass", "Day pass", pass{f, p.forms()})
}

// forms are the forms of the school, each once.
func (p *pages) forms() []kit.Option {
	var names []string
	for _, person := range p.People.People() {
		if person.Kind == register.Pupil && person.Form != "" {
			names = append(names, person.Form)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	var list []kit.Option
	for _, name := range slices.Compact(names) {
		list = append(list, kit.Option{Value: name, Text: name})
	}
	return list
}

func (p *pages) givePass(c echo.Context) error {
	f, err := p.kit.ReadForm(c)
	if err != nil {
		return err
	}
	refuse := func(err error) error { return p.kit.Refuse(c, f, err, "day-pass", "Day pass", pass{f, p.forms()}) }
	now := p.kit.Now()
	at, err := time.ParseInLocation("15:04", f.Get("until"), now.Location())
	if err != nil {
		return refuse(errs.At("until", "Enter a time, such as 16:00", ""))
	}
	until := time.Date(now.Year(), now.Month(), now.Day(), at.Hour(), at.Minute(), 0, 0, now.Location())
	given, err := p.Accounts.GivePass(c.Request().Context(), p.kit.Who(c).Account, f.Get("name"), f.Values["forms"], until)
	if err != nil {
		return refuse(err)
	}
	return p.slip(c, slip{Name: given.Name, Account: given.Account, Forms: given.Forms, Until: until, Code: given.Code})
}
