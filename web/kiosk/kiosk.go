// Package kiosk is the page on the screen of one bank. The bank serves it to
// itself, on loopback only, so that a scan needs neither the school's server
// nor a network.
//
// What the page shows is a locker.Screen: a word and perhaps a door, never a
// name and never a reason. Programs read the same thing from /screen:
//
//	GET /screen?after=N   waits up to 25 s for a screen newer than N
//	200 {"n":7,"word":"put-in","door":12}
//	204 nothing newer
//
// N is 0 at first, then the last n.
//
// A bank that has not joined a school asks for its joining code instead of
// badges, and says in whole sentences why one was refused.
//
// A staff badge brings up a keypad, and badge and PIN a short menu. What is
// typed there is posted to this page's own server; the answer is a screen.
//
// /health is for whoever looks after the bank: what is the matter with its
// computer and what is plugged into it, each with a next step, to read or print.
//
// The browser of a kiosk must be allowed to
// play sound without a touch (Chromium: --autoplay-policy=no-user-gesture-required);
// /?mute keeps it silent.
package kiosk

import (
	"context"
	"embed"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

// Screens is what the bank's runtime shows. Next blocks until there is a screen
// newer than after and gives its number; numbers only grow while the bank runs
// and begin at 1, and a bank always has a screen, so Next(ctx, 0) answers at
// once. Its error is ctx's, or says that the bank stops.
type Screens interface {
	Next(ctx context.Context, after uint64) (n uint64, s locker.Screen, err error)
}

// Helper calls somebody to the kiosk.
type Helper interface {
	Help(ctx context.Context) error
}

// Config is what one kiosk page needs.
type Config struct {
	Bank    string // what is painted on the cabinet, such as "Bank A"
	Screens Screens
	Helper  Helper
	Staff   Staff            // nil: staff can do nothing at this kiosk
	Health  func() Health    // nil: there is no page of it
	Volume  func() int       // of the sounds now, 0 to 100; nil means 60
	Now     func() time.Time // machine time
	Log     *slog.Logger
}

// A pupil leaning on the Help button is one call for help.
const (
	helpBurst = 2
	helpEvery = 10 * time.Second
)

//go:embed assets
var assetFiles embed.FS

//go:embed templates
var templateFiles embed.FS

type kiosk struct {
	Config
	failures  ui.Failures
	templates *template.Template
	help      *ui.Limiter
	keys      *ui.Limiter
}

// New makes the handler of a kiosk page. It fails only when what is compiled in
// is broken.
func New(cfg Config) (http.Handler, error) {
	own, err := fs.Sub(assetFiles, "assets")
	if err != nil {
		return nil, err
	}
	assets, err := ui.NewAssets(own)
	if err != nil {
		return nil, err
	}
	k := &kiosk{Config: cfg, failures: ui.Failures{Log: cfg.Log},
		help: ui.NewLimiter(helpBurst, helpEvery, 1, cfg.Now),
		keys: ui.NewLimiter(keyBurst, keyEvery, 1, cfg.Now)}
	if k.Volume == nil {
		k.Volume = func() int { return 60 }
	}
	funcs := ui.Funcs(assets)
	funcs["icon"] = icon
	funcs["digits"] = func() []string { return strings.Split("123456789", "") }
	k.templates, err = template.New("").Funcs(funcs).ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return nil, err
	}

	e := ui.NewEcho(k.failures)
	e.GET("/", k.page)
	e.GET("/events", k.events)
	e.GET("/screen", k.screen)
	e.POST("/help", k.askHelp)
	k.staffRoutes(e)
	if k.Health != nil {
		e.GET("/health", k.health)
	}
	e.GET("/assets/*", echo.WrapHandler(assets))
	return ui.OnlyLoopback(ui.Protect(e, k.failures), k.failures), nil
}

// page shows the kiosk as it stands, and carries the screens it can show by
// itself: waiting for a badge, waiting for the bank, and giving it up.
func (k *kiosk) page(c echo.Context) error {
	n, now, err := k.Screens.Next(c.Request().Context(), 0)
	if err != nil {
		return err
	}
	gone := k.face(locker.Screen{Word: locker.Office})
	gone.Sound = silent // nobody scanned
	return ui.Page(c.Response(), http.StatusOK, k.templates, "page.html", map[string]any{
		"Bank": k.Bank,
		"N":    n,
		"Now":  k.face(settled(now)),
		"Scan": k.face(locker.Screen{Word: locker.Scan}),
		"Lost": k.face(locker.Screen{Word: locker.Starting}),
		"Gone": gone,
	})
}

// askHelp calls for help. A call while one is fresh is already answered.
func (k *kiosk) askHelp(c echo.Context) error {
	if k.help.Allow("help") {
		if err := k.Helper.Help(c.Request().Context()); err != nil {
			return err
		}
	}
	return c.Redirect(http.StatusSeeOther, "/")
}
