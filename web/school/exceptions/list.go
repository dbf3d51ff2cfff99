package exceptions

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/bellkeep/bellkeep/internal/exceptions"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// line is an exception in a list, as far as its reader may see it.
type line struct {
	exception.Exception
	Who     string // name and form, or the class
	State   string
	Colour  string
	Dates   string
	Scope   string
	Due     string // when somebody looks at it again
	Renewal string // until when it is to be extended; "" for not at all
	Secret  bool   // kind and reasons are not for this reader
	Approve string // where the reader approves it; "" where they may not
}

// mostOver is how many exceptions that are over a list shows, newest first.
const mostOver = 50

type listData struct {
	Form                              *kit.Form
	Decide, Review, Open, Asked, Over []line
	All                               bool
	More                              int // that are over and not shown
}

func (p *pages) list(c echo.Context) error {
	see := p.sight(c)
	d := listData{Form: p.NewForm(c, nil), All: see.All}
	for _, e := range p.Book.All() {
		if see.Sees(e) {
			d.add(e, p.Book.State(e), p.Book.Due(e), p.line(c, see, e))
		}
	}
	slices.Reverse(d.Over)
	d.More = max(0, len(d.Over)-mostOver)
	d.Over = d.Over[:len(d.Over)-d.More]
	slices.SortStableFunc(d.Review, func(a, b line) int { return a.Lapses().Compare(b.Lapses()) })
	slices.SortStableFunc(d.Open, func(a, b line) int { return cmp.Compare(a.Who, b.Who) })
	return p.Page(c, http.StatusOK, "exceptions", "Exceptions", d)
}

// add puts a line where it belongs: what the reader may decide comes first.
func (d *listData) add(e exception.Exception, s exception.State, due exception.Due, l line) {
	switch {
	case l.Approve != "":
		d.Decide = append(d.Decide, l)
	case s == exception.Waiting || s.Open() && e.Renewal != nil:
		d.Asked = append(d.Asked, l)
	case due != exception.NotDue:
		d.Review = append(d.Review, l)
	case s.Open():
		d.Open = append(d.Open, l)
	default:
		d.Over = append(d.Over, l)
	}
}

func (p *pages) line(c echo.Context, see exceptions.Sight, e exception.Exception) line {
	state := p.Book.State(e)
	l := line{Exception: e, Who: p.who(e.Terms), Dates: p.dates(e.Terms), Scope: scopeWords(e.Terms)}
	l.State, l.Colour = stateWords(state)
	if e.Scope != exception.Once {
		l.Due = p.lastDay(e.Review)
	}
	if e.Renewal != nil {
		l.Renewal = p.lastDay(e.Renewal.Until)
	}
	if path := p.signs(c, e, state); path != "" {
		l.Approve = "/exception/" + e.ID + "/" + path
	}
	l.Secret = e.Person != "" && !see.Reasons && l.Approve == ""
	if l.Secret { // what a page must not show it does not get
		l.Exception = exceptions.Bare(e)
	}
	return l
}

// signs says by which form the reader may approve what waits, if at all. What
// they asked for themselves, or what is for them, they may not.
func (p *pages) signs(c echo.Context, e exception.Exception, s exception.State) string {
	asked := e.Asked
	if e.Renewal != nil {
		asked = e.Renewal.Asked
	}
	me, whole := p.Who(c).Person, roles.Target{}
	switch {
	case s != exception.Waiting && !(s.Open() && e.Renewal != nil), me == asked.Person, me == e.Person:
		return ""
	case p.May(c, roles.ApproveException, whole):
		return "approve"
	case asked.Head && e.Kind == exception.Staff && p.Rules().Countersign && p.May(c, roles.Countersign, whole):
		return "countersign"
	}
	return ""
}

// who names whose exception it is.
func (p *pages) who(t exception.Terms) string {
	if t.Person == "" {
		return "Class " + t.Form
	}
	name, form, ok := p.Kit.People.Name(t.Person)
	switch {
	case !ok:
		return "Name not known (" + t.Person + ")"
	case form == "":
		return name
	}
	return name + " (" + form + ")"
}
