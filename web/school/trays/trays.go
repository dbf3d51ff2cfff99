// Package trays is the pages on which class teachers, and supply teachers for a day,
// keep their class's tray: tick who handed in what, count, put away, hand on, give
// back. The ticks need no network while they are made: a script keeps them on the
// tablet and sends them in order when there is one again; without scripts the same
// page is a form with a button.
//
// What is on the tablet meanwhile: the ticks, which hold ids, until they are sent; and
// the page as it was last shown, so that it can be loaded again without a network. The
// page goes when the tray is closed, at signing out or locking, and when the pass or
// the day ends.
package trays

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/tray"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// Trays is the book of trays; see package tray.
type Trays interface {
	Trays() []tray.Tray
	Today(form string) (tray.Tray, bool)
	Take(ctx context.Context, by desk.By, form string) (tray.Tray, error)
	Tick(ctx context.Context, by desk.By, id string, ticks []tray.Tick) ([]tray.Refusal, error)
	Moves
}

// Moves bring a tray from one place to another.
type Moves interface {
	Lock(ctx context.Context, by desk.By, id string, c tray.Counted, unticked int) error
	Fetch(ctx context.Context, by desk.By, id string) error
	Hand(ctx context.Context, by desk.By, id string, count tray.Count) error
	Accept(ctx context.Context, by desk.By, id string, count tray.Count) error
	Close(ctx context.Context, by desk.By, id, spot string, count tray.Count) error
}

// People are those of the register, by name.
type People interface {
	People() []register.Person
	Person(id string) (register.Person, bool)
}

// Exempt are all who may have their phones now, by id.
type Exempt interface {
	ExemptNow() []string
}

// Config is what the pages work with.
type Config struct {
	Trays  Trays
	People People
	Exempt Exempt
	Brief  func(person string) error  // says that somebody has to read a note before they have a tray; nil for nobody
	Called func(person string) string // the name of somebody the register does not know
	Spots  []kit.Option               // named places a tray may be put, by id

	Doors  Doors  // with Banks and Orders
	Banks  Banks  // or nil: no bank has doors for trays
	Orders Orders // with Banks

	Used func() bool // whether phones go to class teachers at this school

	// Ends is when the school day of a moment is over, or false on a day without
	// school; nil when nobody knows.
	Ends func(at time.Time) (end time.Time, school bool)
}

// Path is the address of all trays.
const Path = "/trays"

//go:embed templates
var templateFiles embed.FS

//go:embed assets/worker.js
var worker []byte

type pages struct {
	Config
	*kit.Kit
}

// Pages are the pages about trays.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	p := &pages{cfg, k}
	templates, err := fs.Sub(templateFiles, "templates")
	return kit.Feature{
		Templates: templates,
		Menu:      []kit.MenuItem{{Href: Path, Text: "Class trays", Permission: roles.KeepTray, When: cfg.Used}},
		Routes:    p.routes(),
	}, err
}

func (p *pages) routes() []kit.Route {
	list := []kit.Route{
		kit.Get(Path, roles.KeepTray, p.all).About(kit.Anything),
		kit.Get(Path+"/worker.js", kit.Open, p.worker),
	}
	for _, r := range []kit.Route{
		kit.Get(Path+"/:form", roles.KeepTray, p.class),
		kit.Post(Path+"/:form", roles.KeepTray, p.save),
		kit.Post(Path+"/:form/ticks", roles.KeepTray, p.ticks),
		kit.Post(Path+"/:form/take", roles.KeepTray, p.take),
		kit.Post(Path+"/:form/fetch", roles.KeepTray, p.fetch),
		kit.Get(Path+"/:form/count/:for", roles.KeepTray, p.countForm),
		kit.Post(Path+"/:form/count/:for", roles.KeepTray, p.count),
	} {
		list = append(list, r.About(onForm))
	}
	return list
}

// onForm is the class in the path: its own teachers reach it.
func onForm(c echo.Context) roles.Target { return roles.Target{Form: kit.Param(c, "form")} }

// by is whoever asks, as custody knows them.
func (p *pages) by(c echo.Context) desk.By {
	who := p.Who(c)
	return desk.By{Actor: who.Actor, Roles: who.Roles}
}

// name is somebody's name, of a supply teacher too: they are in no register.
func (p *pages) name(person string) string {
	if _, _, listed := p.Kit.People.Name(person); !listed && p.Called != nil {
		if name := p.Called(person); name != "" {
			return name
		}
	}
	return p.NameOf(person)
}

// until is when what is kept on a tablet has to go: with the pass, or the day.
func (p *pages) until(c echo.Context, form string) time.Time {
	now := p.Now()
	until := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, now.Location())
	who := p.Who(c)
	last := time.Time{} // the latest end of those that reach the form
	for _, a := range who.Roles {
		if !roles.May([]roles.Assignment{a}, roles.KeepTray, roles.Target{Form: form}, now) {
			continue
		}
		if a.Until.IsZero() {
			return until
		}
		if a.Until.After(last) {
			last = a.Until
		}
	}
	if !last.IsZero() && last.Before(until) {
		return last
	}
	return until
}

// current is the tray of a form that is to be worked with: one that nobody closed,
// the oldest first, else today's.
func (p *pages) current(form string) (t tray.Tray, taken bool) {
	for _, t := range p.Trays.Trays() {
		if t.Form == form && !t.Closed() {
			return t, true
		}
	}
	return p.Trays.Today(form)
}
