package trays

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/labstack/echo/v4"
)

// classLine is one class in the list of all.
type classLine struct {
	Name, Where, Href string
	Taken, Closed     bool
	Warn              string // "" for nothing
	Phones, Others    int
	Left              int
}

type allData struct {
	Used    bool
	Classes []classLine
	Phones  int
	Others  int
	Open    int // not closed
}

// all lists the classes whose trays the reader may keep.
func (p *pages) all(c echo.Context) error {
	scope, own := p.Reach(c, roles.KeepTray)
	forms := own
	if scope == roles.School {
		forms = p.forms()
	} else if len(forms) == 1 {
		return c.Redirect(http.StatusSeeOther, Path+"/"+url.PathEscape(forms[0]))
	}
	d := allData{Used: p.Used == nil || p.Used()}
	for _, form := range forms {
		l := p.classLine(form)
		d.Phones, d.Others = d.Phones+l.Phones, d.Others+l.Others
		if l.Taken && !l.Closed {
			d.Open++
		}
		d.Classes = append(d.Classes, l)
	}
	return p.Page(c, http.StatusOK, "trays", "Class trays", d)
}

func (p *pages) classLine(form string) classLine {
	l := classLine{Name: form, Href: Path + "/" + url.PathEscape(form)}
	t, taken := p.current(form)
	if l.Taken = taken; !taken {
		return l
	}
	l.Where, l.Closed, l.Left = p.where(t), t.Closed(), len(t.Left)
	l.Phones = t.Count()[desk.Phone]
	l.Others = t.Count().Total() - l.Phones
	switch n := len(t.Conflicts()); {
	case l.Closed:
	case t.Day != school.DateOf(p.Now()):
		l.Warn = "Not closed since " + t.Day.At(school.Clock{}, p.Now().Location()).Format("Monday 2 January")
	case n > 0:
		l.Warn = "Two tablets say different things"
	case t.Recount():
		l.Warn = "Ticks came after it was counted"
	}
	return l
}

// forms are all that have pupils, in order.
func (p *pages) forms() []string {
	var list []string
	for _, q := range p.People.People() {
		if q.Kind == register.Pupil && q.OnRoll() && q.Form != "" {
			list = append(list, q.Form)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
