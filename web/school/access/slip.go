package access

import (
	"cmp"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/signin"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

// slip is a one-time link on paper. It is shown once.
type slip struct {
	Name, Account string
	Forms         []string
	Until         time.Time // of a day pass, school time; zero for another link
	Code          accounts.Code
	Link          string
	QR            template.HTML
}

func (p *pages) slip(c echo.Context, s slip) error {
	s.Link = signin.Link(p.Base, s.Code)
	var err error
	if s.QR, err = ui.QR(s.Link, "The link as a code to scan"); err != nil {
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
	Years []yearForms
	Who   []kit.Option
}

func (p *pages) pass(f *kit.Form) pass { return pass{f, p.years(), p.Visitors()} }

// yearForms are the forms of one year.
type yearForms struct {
	Name  string
	Forms []string
}

func (p *pages) passForm(c echo.Context) error {
	f := p.kit.NewForm(c, nil)
	if f.Get("until") == "" {
		f.Values.Set("until", p.DayEnds(p.kit.Now()).Format("15:04"))
	}
	if visit := c.QueryParam("visit"); visit != "" {
		f.Values.Set("visit", visit)
	}
	return p.kit.Page(c, http.StatusOK, "day-pass", "Day pass", p.pass(f))
}

// years are the forms of the school, each once, by year: 10B is of Year 10.
func (p *pages) years() []yearForms {
	var names []string
	for _, person := range p.People.People() {
		if person.Kind == register.Pupil && person.Form != "" {
			names = append(names, person.Form)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	var list []yearForms
	for _, name := range slices.Compact(names) {
		year := "Others"
		if digits := strings.TrimRightFunc(name, func(r rune) bool { return r < '0' || r > '9' }); digits != "" {
			year = "Year " + digits
		}
		if len(list) == 0 || list[len(list)-1].Name != year {
			list = append(list, yearForms{Name: year})
		}
		last := &list[len(list)-1]
		last.Forms = append(last.Forms, name)
	}
	return list
}

func (p *pages) givePass(c echo.Context) error {
	f, err := p.kit.ReadForm(c)
	if err != nil {
		return err
	}
	refuse := func(err error) error { return p.kit.Refuse(c, f, err, "day-pass", "Day pass", p.pass(f)) }
	now := p.kit.Now()
	at, err := time.ParseInLocation("15:04", f.Get("until"), now.Location())
	if err != nil {
		return refuse(errs.At("until", "Enter a time, such as 16:00", ""))
	}
	until := time.Date(now.Year(), now.Month(), now.Day(), at.Hour(), at.Minute(), 0, 0, now.Location())
	given, err := p.Accounts.GivePass(c.Request().Context(), p.kit.Who(c).Account, f.Get("visit"), f.Values["forms"], until)
	if err != nil {
		return refuse(err)
	}
	return p.slip(c, slip{Name: given.Name, Account: given.Account, Forms: given.Forms, Until: until, Code: given.Code})
}
