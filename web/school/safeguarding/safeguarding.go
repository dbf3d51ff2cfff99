// Package safeguarding is the pages about concerns: raising one, in one tap where a
// device may hold an indecent image; and for the safeguarding team the files, each
// with its checklist, its plan and its chronology. What is allowed is decided in
// package concern; the pages show it and say why not.
//
// No page takes a file or an image, and none shows one. Whoever a file is about is
// served as if it were not there: not here, but by the books that the pages are
// given.
package safeguarding

import (
	"embed"
	"io/fs"
	"strconv"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/concern"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/board"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

//go:embed templates
var templates embed.FS

// People tells who a person is.
type People interface {
	Search(query string) []register.Person
	Person(id string) (register.Person, bool)
}

// Banks gives every bank as its record has it.
type Banks interface {
	Banks() []banks.Status
}

// Custody is where devices are.
type Custody interface {
	Item(id string) (desk.Item, error)
	Case(id string) (desk.Case, error)
	Items() []desk.Item
}

// Bars are the stops and holds that stand.
type Bars interface {
	Standing() []desk.Bar
}

// Config is what the pages need.
type Config struct {
	Book    *concern.Book
	Custody Custody
	Bars    Bars
	Banks   Banks
	People  People
	Rules   func() policy.Rules
	Called  func(id string) string // the name of an account, by its id or that of its person
	Places  func(id string) string // the name of a place for devices
}

type pages struct {
	*kit.Kit
	Config
}

// Pages makes the pages.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	o := &pages{k, cfg}
	files, err := fs.Sub(templates, "templates")
	return kit.Feature{
		Templates: files,
		Routes: []kit.Route{
			kit.Get("/concern", roles.RaiseConcern, o.raisePage),
			kit.Post("/concern", roles.RaiseConcern, o.raise),
			kit.Get("/concern/raised", roles.RaiseConcern, o.raisedPage),
			kit.Get("/person/:id/concern", roles.RaiseConcern, o.raiseAbout).About(k.OnPerson("id")),

			kit.Get("/safeguarding", roles.Safeguard, o.listPage),
			kit.Get("/safeguarding/:file", roles.Safeguard, o.filePage),
			kit.Get("/safeguarding/:file/print", roles.Safeguard, o.printPage),
			kit.Get("/safeguarding/:file/export/:format", roles.Safeguard, o.export),
			kit.Get("/safeguarding/:file/do/:what", roles.Safeguard, o.formPage),
			kit.Post("/safeguarding/:file/do/:what", roles.Safeguard, o.do),
		},
		Menu: []kit.MenuItem{
			{Href: "/concern", Text: "Raise a concern", Under: kit.Pupils, Permission: roles.RaiseConcern},
			{Href: "/safeguarding", Text: "Safeguarding", Under: kit.Pupils, Permission: roles.Safeguard},
		},
	}, err
}

// Action is what pupils' pages offer.
func Action() board.Action {
	return board.Action{Path: "concern", Text: "Raise a concern", Permission: roles.RaiseConcern}
}

// Tasks are the concerns that nobody has in hand yet, without a word of what they
// are: the page may hang on a wall.
func (cfg Config) Tasks() []board.Task {
	var list []board.Task
	for _, w := range cfg.Book.Waiting() {
		list = append(list, board.Task{Key: "concern-" + w.File, What: "A concern was raised. Nobody has it in hand yet.", Next: "Open it, and say that you have it.",
			Href: "/safeguarding/" + w.File, Link: "The file", Permission: roles.Safeguard, Grave: true, Since: w.Since})
	}
	if cfg.Book.Locked() {
		list = append(list, board.Task{Key: "concern-locked", What: "Safeguarding files are locked: their key is not on this computer.",
			Next: "Two people bring it back from its paper halves; IT starts Bellkeep again.", Href: "/safeguarding", Link: "Safeguarding", Permission: roles.Safeguard, Grave: true})
	}
	return list
}

// by is whoever asks, as the book wants to know it.
func (o *pages) by(c echo.Context) desk.By {
	who := o.Who(c)
	return desk.By{Actor: who.Actor, Roles: who.Roles}
}

// clock is a moment as people here say it.
func (o *pages) clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(o.Now().Location())
	if school.DateOf(t) == school.DateOf(o.Now()) {
		return t.Format("15:04")
	}
	return t.Format("Mon 2 Jan 2006, 15:04")
}

func (o *pages) day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(o.Now().Location()).Format("Mon 2 Jan 2006")
}

// person is somebody by name, or what is known of them.
func (o *pages) person(id string) string {
	if p, ok := o.Config.People.Person(id); ok && p.Name() != "" {
		if p.Form != "" {
			return p.Name() + " (" + p.Form + ")"
		}
		return p.Name()
	}
	if name := o.Called(id); name != "" {
		return name
	}
	return id
}

func number(n int) string { return strconv.Itoa(n) }

// handedIn is where a pupil's own device is behind a door now; "" for nowhere.
func (o *pages) handedIn(person string) string {
	for _, b := range o.Banks.Banks() {
		for _, p := range b.Board.People {
			if p.ID == person && (p.State == view.In || p.State == view.StillIn || p.State == view.Unsure) {
				return kit.BankName(b.Setup.Bank) + ", door " + number(p.Door)
			}
		}
	}
	return ""
}
