// Package board is the school as it is now, for staff who signed in. Problems
// come first, each with a next step; then every bank, every form and the devices.
// From there a page leads to each bank, form, person, door and device, and to
// what staff may do about them. Every page works without scripts; with them it
// follows the school by server-sent events.
//
// What staff change is answered by a page that says where it is in force, and
// where not yet. Names are joined in here and nowhere else. No page may be
// stored, and no name is logged.
package board

import (
	"embed"
	"io/fs"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// Config is what the board shows. What may be nil is left out of the pages then.
type Config struct {
	Banks  Banks
	Rules  Rules
	Force  Force
	Orders Orders
	People People
	Desk   Desk
	Items  Items // or nil

	Devices Devices // or nil

	GroupWords func(id string) string // what people call a group of devices; or nil
	History    History                // or nil
	Badges     Badges                 // or nil
	BadgeDesk  BadgeDesk              // or nil; needs Badges
	Cards      Cards                  // or nil

	Day     Day      // or nil
	Actions []Action // what may be done about a pupil on the pages beside these
	Records Records  // or nil

	Machine func() time.Time // machine time
	Tasks   func() []Task    // what waits on other pages; nil for none
}

//go:embed templates
var templateFiles embed.FS

type pages struct {
	Config
	*kit.Kit
	endings  endings
	openings openings
	drawn    deviceCards

	mu   sync.Mutex
	last *scene
	own  uint64 // changes made through these pages
}

// Pages are the board's pages.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	o := &pages{Config: cfg, Kit: k}
	templates, err := fs.Sub(templateFiles, "templates")
	words := maps.Clone(funcs)
	words["deviceGroup"] = cfg.groupWords
	return kit.Feature{Routes: o.routes(), Menu: o.menu(), Templates: templates, Funcs: words}, err
}

// groupWords is what people call a group of devices, or its id.
func (cfg Config) groupWords(id string) string {
	if cfg.GroupWords == nil {
		return id
	}
	return cfg.GroupWords(id)
}

func (o *pages) routes() []kit.Route {
	list := []kit.Route{
		kit.Get("/healthz", kit.Open, o.health),
		kit.Get("/events", kit.Open, o.events), // asks for each page's own permission
		kit.Get("/print", roles.PrintLists, o.print),
	}
	for _, l := range o.livePages() {
		list = append(list, o.route(l))
	}
	list = append(list, o.deskRoutes()...)
	if o.Cards != nil {
		list = append(list, kit.Get("/badges", roles.PrintBadges, o.badgesForm), kit.Post("/badges", roles.PrintBadges, o.printBadges))
	}
	if o.Badges != nil && o.BadgeDesk != nil {
		list = append(list, o.about("/person/:id/badge", roles.ReplaceBadge, o.replaceForm, o.replaceBadge)...)
	}
	return list
}

// deskRoutes are what changes something about a person's custody.
func (o *pages) deskRoutes() []kit.Route {
	list := []kit.Route{kit.Post("/bar/:id/end", roles.StopPerson, o.endStop), kit.Post("/bar/:id/end-hold", roles.EndHold, o.endHold)}
	list = append(list, o.about("/person/:id/stop", roles.StopPerson, o.stopForm, o.placeStop)...)
	list = append(list, o.about("/person/:id/hold", roles.PlaceHold, o.holdForm, o.placeHold)...)
	return append(list, o.about("/person/:id/open", roles.OpenDoor, o.openForm, o.open)...)
}

// about is a form about one person, and its sending.
func (o *pages) about(path string, p roles.Permission, ask, do echo.HandlerFunc) []kit.Route {
	return []kit.Route{kit.Get(path, p, ask).About(o.OnPerson("id")), kit.Post(path, p, do).About(o.OnPerson("id"))}
}

// menu leads to every page that is not about one thing.
func (o *pages) menu() []kit.MenuItem {
	list := []kit.MenuItem{{Href: "/", Text: "Today", Permission: roles.SeeBoard}, {Href: "/bars", Text: "Stops and holds", Under: kit.Pupils, Permission: roles.SeeHolds}}
	if o.Devices != nil {
		list = append(list, kit.MenuItem{Href: "/devices", Text: "Devices", Under: kit.Devices, Permission: roles.SeeDevices})
	}
	if o.Cards != nil {
		list = append(list, kit.MenuItem{Href: "/badges", Text: "Badges", Under: kit.Pupils, Permission: roles.PrintBadges})
	}
	return append(list, kit.MenuItem{Href: "/print", Text: "List to print", Under: kit.Pupils, Permission: roles.PrintLists})
}

// health says that the pages can be served; it reveals nothing of the school.
func (o *pages) health(c echo.Context) error {
	return c.String(http.StatusOK, "ok\n")
}
