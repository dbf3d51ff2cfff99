// Package school is the office's side of the web: a board of one bank as it is
// now, for staff who signed in. Problems come first, each with a next step;
// then the figures, the lists and the plan of doors. Every page works without
// scripts; with them it follows the bank by server-sent events.
//
// Names are joined in here and nowhere else. No page may be stored, and no name
// is logged.
package school

import (
	"context"
	"embed"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

// Boards gives the bank as its record has it. Wait returns nil once
// Board().Size is more than size, or ctx's error; it may return early.
type Boards interface {
	Board() view.Board
	Wait(ctx context.Context, size uint64) error
}

// Names tells who a person is. It must be quick: a board asks for everybody.
type Names interface {
	Name(personID string) (name, form string, ok bool)
}

// Accounts checks a sign-in and gives the account's role. It takes the same
// time for a wrong password and for an account that does not exist. Account
// names are in small letters: user is, whatever was typed.
type Accounts interface {
	Check(user, password string) (role string, ok bool)
}

// Demo is what a demonstration says of itself.
type Demo struct {
	Now   time.Time // school time
	Speed float64   // school seconds in one real second
}

// Config is what the office pages need.
type Config struct {
	School   string // its name, for the header
	Boards   Boards
	Names    Names
	Accounts Accounts
	Demo     func() Demo      // nil outside a demonstration
	Now      func() time.Time // machine time
	Log      *slog.Logger

	// Plain says that the pages are served over http to this computer itself.
	// Everywhere else the session's cookie needs https.
	Plain bool
	// Idle is how long a session lasts without anybody doing anything; 0 means
	// 20 minutes. The live board does not keep it alive.
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
	funcs := ui.Funcs(assets)
	funcs["doorWords"] = doorWords
	pages, err := parsePages(funcs)
	if err != nil {
		return nil, err
	}
	o := &office{Config: cfg, pages: pages, tries: newTries(cfg.Now)}
	o.failures = ui.Failures{Log: cfg.Log, Page: o.failurePage}
	o.sessions = newSessions(cfg.Plain, cfg.Idle, o.failures)
	pagesHandler := ui.Protect(o.sessions.wrap(o.routes(assets)), o.failures)
	if cfg.Plain {
		return ui.OnlyLoopback(pagesHandler, o.failures), nil
	}
	return pagesHandler, nil
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
	in.GET("/", o.live(boardPage))
	in.GET("/person/:id", o.live(personPage))
	in.GET("/door/:n", o.live(doorPage))
	in.GET("/print", o.print)
	return e
}

// health says that the pages can be served; it reveals nothing of the school.
func (o *office) health(c echo.Context) error {
	return c.String(http.StatusOK, "ok\n")
}

// parsePages reads every page of its own set: layout, sections and the page.
func parsePages(funcs template.FuncMap) (map[string]*template.Template, error) {
	common, err := template.New("").Funcs(funcs).
		ParseFS(templateFiles, "templates/layout.html", "templates/sections/*.html")
	if err != nil {
		return nil, err
	}
	pages := map[string]*template.Template{}
	for _, name := range []string{"board", "person", "door", "print", "sign-in", "failure"} {
		set, err := common.Clone()
		if err != nil {
			return nil, err
		}
		if pages[name], err = set.ParseFS(templateFiles, "templates/"+name+".html"); err != nil {
			return nil, err
		}
	}
	return pages, nil
}
