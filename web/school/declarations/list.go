package declarations

import (
	"net/http"
	"time"

	"github.com/bellkeep/bellkeep/internal/declarations"
	"github.com/bellkeep/bellkeep/internal/school/approvers"
	"github.com/labstack/echo/v4"
)

// line is a declaration in a list.
type line struct {
	declarations.Declaration
	Name, Kind, Date, State, Colour string
}

type listData struct {
	Own, Wait, All []line
	MayAll         bool
	Told           string
}

func (p *pages) list(c echo.Context) error {
	d := listData{MayAll: p.mayAll(c), Told: p.told()}
	for _, one := range p.Reader.All() {
		l := p.line(one)
		switch {
		case one.Person == p.Who(c).Person:
			d.Own = append(d.Own, l)
		case !d.MayAll:
		case p.answers(c, one):
			d.Wait = append(d.Wait, l)
		default:
			d.All = append(d.All, l)
		}
	}
	return p.Page(c, http.StatusOK, "declarations", "Declarations", d)
}

// told says who has to know of a tie, by the school's rules.
func (p *pages) told() string {
	pair := declarations.Pair(p.Rules(), nil)
	if declarations.Needed(p.Rules()) == 2 {
		return "By the school’s rules " + approvers.Words(pair[:], "and") + " have to know of ties to pupils and parents."
	}
	return "By the school’s rules " + approvers.Words(pair[:], "or") + " has to know of ties to pupils and parents."
}

func (p *pages) line(d declarations.Declaration) line {
	l := line{Declaration: d, Name: p.NameOf(d.Person), Date: p.day(d.At), Kind: "Tie to a pupil or parent"}
	if d.Kind == declarations.Contact {
		l.Kind = "Private contact, until " + p.day(d.Until.Add(-time.Nanosecond))
	}
	switch {
	case p.Reader.Over(d):
		l.State, l.Colour = "Over", "grey"
	case p.Reader.Waiting(d) && d.Kind == declarations.Contact:
		l.State, l.Colour = "Waits for "+p.Reader.Decider(d).Words(), "yellow"
	case p.Reader.Waiting(d):
		l.State, l.Colour = "Waits for "+approvers.Words(p.Reader.Wanted(d), "or"), "yellow"
	case d.Decided != nil && !d.Decided.Approved:
		l.State, l.Colour = "Refused", "red"
	case d.Decided != nil:
		l.State, l.Colour = "Approved", "green"
	default:
		l.State, l.Colour = "Known", "green"
	}
	return l
}

func (p *pages) day(t time.Time) string { return t.In(p.Now().Location()).Format("2 January 2006") }

// answers reports whether something is wanted of the reader.
func (p *pages) answers(c echo.Context, d declarations.Declaration) bool {
	who := p.Who(c)
	if !p.Reader.Waiting(d) || d.Person == who.Person {
		return false
	}
	for _, a := range d.Acknowledged {
		if a.Person == who.Person {
			return false
		}
	}
	posts := approvers.Posts(who.Roles, p.Now())
	if d.Kind == declarations.Contact {
		return approvers.Fills(p.Rules(), p.Reader.Decider(d), posts)
	}
	return approvers.Any(p.Rules(), p.Reader.Wanted(d), posts)
}
