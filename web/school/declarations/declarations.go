// Package declarations is the pages on which members of staff declare their ties to
// pupils and parents, and ask before private contact; and on which those who have to
// know take note, and the headteacher decides. Nobody else sees a declaration.
package declarations

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"time"

	"github.com/bellkeep/bellkeep/internal/declarations"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/approvers"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/board"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// Reader gives declarations and of whom something is wanted.
type Reader interface {
	All() []declarations.Declaration
	Declaration(id string) (declarations.Declaration, error)
	Waiting(d declarations.Declaration) bool
	Wanted(d declarations.Declaration) []policy.Approver
	Decider(d declarations.Declaration) policy.Approver
}

// Making is what whoever declares does.
type Making interface {
	Declare(ctx context.Context, by declarations.By, d declarations.Draft) (declarations.Declaration, error)
	End(ctx context.Context, by declarations.By, id string) error
}

// Answering is what others do about it.
type Answering interface {
	Acknowledge(ctx context.Context, by declarations.By, id string) error
	Decide(ctx context.Context, by declarations.By, id string, approved bool, why string) error
}

// Config is what the pages work with.
type Config struct {
	Reader    Reader
	Making    Making
	Answering Answering
	Rules     func() policy.Rules
}

//go:embed templates
var templateFiles embed.FS

type pages struct {
	Config
	*kit.Kit
}

// Pages are the pages about declarations.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	p := &pages{cfg, k}
	templates, err := fs.Sub(templateFiles, "templates")
	own := func(r kit.Route) kit.Route { return r.About(kit.Anything) } // about whoever asks
	return kit.Feature{
		Templates: templates,
		Menu:      []kit.MenuItem{{Href: "/declarations", Text: "Declarations", Under: kit.School, Permission: roles.OwnAccount}},
		Routes: []kit.Route{
			own(kit.Get("/declarations", roles.OwnAccount, p.list)),
			own(kit.Get("/declarations/relationship", roles.OwnAccount, p.relationship)),
			own(kit.Post("/declarations/relationship", roles.OwnAccount, p.declareRelationship)),
			own(kit.Get("/declarations/contact", roles.OwnAccount, p.contact)),
			own(kit.Post("/declarations/contact", roles.OwnAccount, p.declareContact)),
			own(kit.Get("/declaration/:id", roles.OwnAccount, p.show)),
			own(kit.Post("/declaration/:id/end", roles.OwnAccount, p.end)),
			kit.Post("/declaration/:id/acknowledge", roles.SeeDeclarations, p.acknowledge),
			kit.Post("/declaration/:id/approve", roles.SeeDeclarations, p.approve),
			kit.Post("/declaration/:id/refuse", roles.SeeDeclarations, p.refuse),
		},
	}, err
}

func (p *pages) by(c echo.Context) declarations.By {
	who := p.Who(c)
	return declarations.By{Actor: who.Actor, Roles: who.Roles}
}

func (p *pages) mayAll(c echo.Context) bool {
	return p.May(c, roles.SeeDeclarations, roles.Target{})
}

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
	l := line{Declaration: d, Name: p.name(d.Person), Date: p.day(d.At), Kind: "Tie to a pupil or parent"}
	if d.Kind == declarations.Contact {
		l.Kind = "Private contact, until " + p.day(d.Until.Add(-time.Nanosecond))
	}
	over := d.Kind == declarations.Contact && !p.Now().Before(d.Until)
	switch {
	case !d.Ended.IsZero(), over:
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

func (p *pages) name(person string) string {
	if name, _, ok := p.Kit.People.Name(person); ok {
		return name
	}
	return "Somebody whose name is not kept any more"
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
		return declarations.Declaration{}, errs.New(errs.NotFound, "There is no such declaration, or it is not for you to see.", "Look at the list of declarations.")
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
	s := showData{Form: f, line: p.line(d), MayAnswer: p.answers(c, d), MayEnd: d.Person == p.Who(c).Person && d.Ended.IsZero()}
	for _, a := range d.Acknowledged {
		s.Known = append(s.Known, p.name(a.Person)+", "+p.day(a.At))
	}
	if d.Decided != nil {
		s.DecidedBy = p.name(d.Decided.Person) + ", " + p.day(d.Decided.At)
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

// Tasks are what the start page says waits. It names nobody, for it may hang on a wall.
func (cfg Config) Tasks() []board.Task {
	waiting := 0
	for _, d := range cfg.Reader.All() {
		if cfg.Reader.Waiting(d) {
			waiting++
		}
	}
	if waiting == 0 {
		return nil
	}
	return []board.Task{{Key: "declarations", What: fmt.Sprintf("Declarations of staff that wait: %d.", waiting), Next: "Those who have to know read them.", Href: "/declarations", Link: "Declarations", Permission: roles.SeeDeclarations}}
}
