// Package kit is what every page for staff stands on: who asks, what they may
// do, how a form is read, refused beside its fields and sent once, and how a
// page is drawn. It knows no page; the packages beside it hold those, a few
// pages about one kind of work each.
//
// Every page and every form is a Route, and every Route names the permission it
// needs: a handler is never reached by somebody who may not, and one without a
// permission cannot be added.
package kit

import (
	"crypto/rand"
	"embed"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

//go:embed templates
var templateFiles embed.FS

//go:embed assets
var assetFiles embed.FS

// Gate tells who sent a request.
type Gate interface {
	Who(r *http.Request) (Who, bool)
}

// People tells a person's name and form.
type People interface {
	Name(id string) (name, form string, ok bool)
}

// Demo is what a demonstration says of itself.
type Demo struct {
	Now   time.Time // school time
	Speed float64   // school seconds in one real second
}

// Config is what a Kit needs.
type Config struct {
	School string // its name, for the header
	Gate   Gate
	People People
	Now    func() time.Time // school time, in the school's zone
	Demo   func() Demo      // nil outside a demonstration
	Alarm  func() string    // what everybody signed in should know; may be nil
	Log    *slog.Logger

	// Moved reports whether somebody's pages are another Kit's by now: what follows the
	// school for them here ends, and begins anew there. nil: nobody's are.
	Moved func(person string) bool

	// Like is another Kit whose forms, and what was typed into them, are this one's
	// too; nil for none.
	Like *Kit
}

// Kit is shared by all pages.
type Kit struct {
	Config
	Failures ui.Failures

	pages  map[string]*template.Template
	menu   []MenuItem
	routes []Route
	drafts *drafts
	once   *once
}

// MenuItem is a page that is not about one thing. Who may not see it is not
// shown it.
type MenuItem struct {
	Href, Text string
	Under      MenuGroup
	Permission roles.Permission
	OwnClass   bool // only for those whose permission reaches their own class and no further

	When func() bool // whether there is such work at this school; nil: there is
}

// MenuGroup is a heading in the menu, "" for what stands before all of them.
type MenuGroup string

// The headings.
const (
	Pupils  MenuGroup = "Pupils"
	Kept    MenuGroup = "Devices kept"
	Devices MenuGroup = "School devices"
	School  MenuGroup = "School"
)

// menuGroups are the headings in the order of the menu.
var menuGroups = []MenuGroup{"", Pupils, Kept, Devices, School}

// isFor reports whether somebody finds the item in their menu at t.
func (m MenuItem) isFor(who Who, t time.Time) bool {
	scope := roles.Reach(who.held(m.Permission), m.Permission, t)
	return scope != roles.Nothing && (m.When == nil || m.When()) && (!m.OwnClass || scope == roles.OwnClass)
}

// Feature is the pages of one kind of work.
type Feature struct {
	Routes    []Route
	Menu      []MenuItem
	Templates fs.FS // *.html: a page each, by its file's name; sections/*.html are shared by the pages of this feature
	Funcs     template.FuncMap
}

// New makes a Kit whose only page is the one that shows a failure.
func New(cfg Config) *Kit {
	k := &Kit{Config: cfg, pages: map[string]*template.Template{}, drafts: &drafts{secret: []byte(rand.Text())}, once: &once{}}
	if cfg.Like != nil {
		k.drafts, k.once = cfg.Like.drafts, cfg.Like.once
	}
	k.Failures = ui.Failures{Log: cfg.Log, Page: k.failurePage}
	return k
}

// Serve puts features together: their pages, their menu, their routes. It fails
// only when what is compiled in is broken.
func (k *Kit) Serve(features ...Feature) (*echo.Echo, error) {
	e := ui.NewEcho(k.Failures)
	own, err := fs.Sub(templateFiles, "templates/pages")
	if err != nil {
		return nil, err
	}
	files, err := fs.Sub(assetFiles, "assets")
	if err != nil {
		return nil, err
	}
	assets, err := ui.NewAssets(ui.Shared(), files)
	if err != nil {
		return nil, err
	}
	e.GET("/assets/*", echo.WrapHandler(assets))
	for _, f := range append(features, Feature{Templates: own}) {
		if err := k.parse(assets, f); err != nil {
			return nil, err
		}
		k.menu = append(k.menu, f.Menu...)
		for _, r := range f.Routes {
			if err := r.check(); err != nil {
				return nil, err
			}
			e.Add(r.Method, r.Path, k.guard(r))
			k.routes = append(k.routes, r)
		}
	}
	return e, nil
}

// Routes are all that Serve has taken up.
func (k *Kit) Routes() []Route { return k.routes }

// parse reads every page of a feature with the layout, the fields of forms and
// the feature's own sections.
func (k *Kit) parse(assets *ui.Assets, f Feature) error {
	common, err := template.New("").Funcs(ui.Funcs(assets)).Funcs(funcs).Funcs(f.Funcs).ParseFS(templateFiles, "templates/*.html")
	if err != nil || f.Templates == nil {
		return err
	}
	if sections, _ := fs.Glob(f.Templates, "sections/*.html"); len(sections) > 0 {
		if common, err = common.ParseFS(f.Templates, sections...); err != nil {
			return err
		}
	}
	names, err := fs.Glob(f.Templates, "*.html")
	if err != nil {
		return err
	}
	for _, file := range names {
		set, err := common.Clone()
		if err != nil {
			return err
		}
		name := file[:len(file)-len(".html")]
		if k.pages[name], err = set.ParseFS(f.Templates, file); err != nil {
			return err
		}
	}
	return nil
}
