// Package school is the office's side of the web: the school as it is now, for
// staff who signed in. Problems come first, each with a next step; then every
// bank, every form and the devices. From there a page leads to each bank, form,
// person, door and device, and to what staff may do about them. Every page works
// without scripts; with them it follows the school by server-sent events.
//
// What staff change is answered by a page that says where it is in force, and
// where not yet. Names are joined in here and nowhere else. No page may be
// stored, and no name is logged.
package school

import (
	"embed"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

// Config is what the office pages need. What may be nil is left out of the
// pages then.
type Config struct {
	School   string // its name, for the header
	Banks    Banks
	Rules    Rules
	Force    Force
	Orders   Orders
	People   People
	Desk     Desk
	Accounts Accounts

	Devices   Devices   // or nil
	History   History   // or nil
	Badges    Badges    // or nil
	BadgeDesk BadgeDesk // or nil; needs Badges
	Cards     Cards     // or nil

	Demo func() Demo      // nil outside a demonstration
	Now  func() time.Time // machine time
	Log  *slog.Logger

	// Plain says that the pages are served over http to this computer itself.
	// Everywhere else the session's cookie needs https.
	Plain bool
	// Idle is how long a session lasts without anybody doing anything; 0 means
	// 20 minutes. A live page does not keep it alive.
	Idle time.Duration
}

//go:embed assets
var assetFiles embed.FS

//go:embed templates
var templateFiles embed.FS

type office struct {
	Config
	sessions *sessions
	tries    tries
	pages    map[string]*template.Template
	failures ui.Failures
	endings  endings
	openings openings

	mu   sync.Mutex
	last *scene
	own  uint64 // changes made through these pages
}

// New makes the handler of the office pages. It fails only when what is compiled
// in is broken.
func New(cfg Config) (http.Handler, error) {
	own, err := fs.Sub(assetFiles, "assets")
	if err != nil {
		return nil, err
	}
	assets, err := ui.NewAssets(ui.Shared(), own)
	if err != nil {
		return nil, err
	}
	o := &office{Config: cfg, tries: newTries(cfg.Now)}
	if o.pages, err = parsePages(o.funcs(assets)); err != nil {
		return nil, err
	}
	o.failures = ui.Failures{Log: cfg.Log, Page: o.failurePage}
	o.sessions = newSessions(cfg.Plain, cfg.Idle, o.failures)
	pages := ui.Protect(o.sessions.wrap(o.routes(assets)), o.failures)
	if cfg.Plain {
		return ui.OnlyLoopback(pages, o.failures), nil
	}
	return pages, nil
}

func (o *office) routes(assets http.Handler) http.Handler {
	e := ui.NewEcho(o.failures)
	e.GET("/assets/*", echo.WrapHandler(assets))
	e.GET("/healthz", o.health)
	e.GET("/sign-in", o.signInForm)
	e.POST("/sign-in", o.signIn)
	e.POST("/sign-out", o.signOut)
	e.GET("/events", o.events) // ends by itself for somebody not signed in

	in := e.Group("", o.signedIn)
	in.GET("/", o.live(dayPage))
	in.GET("/bank/:id", o.live(bankPage))
	in.GET("/door/:n", o.live(doorPage))
	in.GET("/form/:name", o.live(formPage))
	in.GET("/person/:id", o.live(o.personPage))
	in.GET("/print", o.print)
	o.routeDesk(in)
	if o.Devices != nil {
		in.GET("/devices", o.live(devicesPage))
		in.GET("/device/:id", o.live(devicePage))
	}
	if o.Cards != nil {
		in.GET("/badges", o.badgesForm)
		in.POST("/badges", o.printBadges)
	}
	if o.Badges != nil && o.BadgeDesk != nil {
		in.GET("/person/:id/badge", o.replaceForm)
		in.POST("/person/:id/badge", o.replaceBadge)
	}
	return e
}

// routeDesk adds what changes something about a person's custody.
func (o *office) routeDesk(in *echo.Group) {
	in.GET("/bars", o.live(barsPage))
	in.GET("/bar/:id", o.live(o.barPage))
	in.POST("/bar/:id/end", o.endBar)
	in.GET("/person/:id/stop", o.stopForm)
	in.POST("/person/:id/stop", o.placeStop)
	in.GET("/person/:id/hold", o.holdForm)
	in.POST("/person/:id/hold", o.placeHold)
	in.GET("/person/:id/open", o.openForm)
	in.POST("/person/:id/open", o.open)
	in.GET("/opened/:key", o.live(o.openedPage))
}

// health says that the pages can be served; it reveals nothing of the school.
func (o *office) health(c echo.Context) error {
	return c.String(http.StatusOK, "ok\n")
}
