// Package apple is the pages by which IT brings the school's iPads under management:
// one page for each step, which looks at how things are as it is opened and says what to
// do where they are not right; the page of each iPad, which follows it live as it
// enrols; and how all of it stands in later years.
package apple

import (
	"context"
	"embed"
	"io"
	"io/fs"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/apple/enrol"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

//go:embed templates
var templateFiles embed.FS

// Device is an iPad on the school's list.
type Device struct {
	mdm.Device
	Want     mdm.Mode  // what it must be in now
	Settled  bool      // by its own report it is all that it must be
	Open     []Open    // what it is not, by its own report
	Reported time.Time // school time; zero for never
}

// Name is its label, or its id.
func (d Device) Name() string {
	if d.Label != "" {
		return d.Label
	}
	return d.ID
}

// Open is a setting that is not as it must be.
type Open struct {
	Setting mdm.Setting
	Outcome mdm.Outcome
}

// Gate is what the pages ask of the gateway.
type Gate interface {
	Status(id string) (s gateway.Status, ok bool, err error)
	Health() (gateway.Health, error)
}

// Desk lists devices.
type Desk interface {
	List(ctx context.Context, by string, devices ...mdm.Device) error
}

// Register puts on record who let devices enrol, and by which certificate they are
// woken.
type Register interface {
	Invite(ctx context.Context, by string, devices ...string) error
	Assign(ctx context.Context, by string, devices ...string) error
	TakePush(ctx context.Context, by, topic string, until time.Time) error
}

// Rehearsals let one device be as in a lesson, for a moment.
type Rehearsals interface {
	Rehearse(ctx context.Context, by, device string) (until time.Time, err error)
	Rehearsed(device string) (until time.Time, ok bool) // school time
}

// Config is what the pages need.
type Config struct {
	Office *enrol.Office // nil where no gateway works in this server
	Gate   Gate

	Devices    func() []Device                    // in the order shown
	Ends       func(device string) []apple.Ending // what changes by the timetable
	Needs      func(d mdm.Device) []mdm.Setting   // asked of it by the rules, and only possible with supervision
	Listed     func(id string) (d mdm.Device, ok bool)
	Groups     func() []string
	GroupWords func(id string) string
	Desk       Desk
	Register   Register
	Lessons    Rehearsals
	Machine    func() time.Time
}

type pages struct {
	Config
	*kit.Kit
}

// largeForm is a list or a certificate with the form around it, in bytes.
const largeForm = 512 << 10

// Pages are the pages of this package.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	p := &pages{cfg, k}
	templates, err := fs.Sub(templateFiles, "templates")
	f := kit.Feature{Templates: templates, Funcs: map[string]any{"setting": settingWords, "pathName": pathName}, Routes: p.routes()}
	if cfg.Office != nil {
		f.Menu = []kit.MenuItem{{Href: "/ipads", Text: "iPads", Under: kit.Devices, Permission: roles.ManageDevices}}
	}
	return f, err
}

func (p *pages) routes() []kit.Route {
	get := func(path string, h echo.HandlerFunc) kit.Route { return kit.Get(path, roles.ManageDevices, p.here(h)) }
	post := func(path string, h echo.HandlerFunc) kit.Route {
		return kit.Post(path, roles.ManageDevices, p.here(h)).UpTo(largeForm)
	}
	return []kit.Route{
		kit.Get("/ipads", roles.ManageDevices, p.overview),
		get("/ipads/preflight", p.preflight),
		get("/ipads/push", p.push),
		post("/ipads/push", p.takePush),
		get("/ipads/push/request.csr", p.requestFile),
		get("/ipads/push/signed.plist", p.signedFile),
		get("/ipads/path", p.path),
		post("/ipads/path", p.choosePath),
		get("/ipads/asm", p.asm),
		post("/ipads/asm", p.changeASM),
		get("/ipads/asm/key.pem", p.keyFile),
		get("/ipads/configurator", p.configurator),
		post("/ipads/configurator", p.await),
		get("/ipads/list", p.list),
		post("/ipads/list", p.bringList),
		get("/ipads/test", p.test),
		post("/ipads/test", p.chooseTest),
		get("/ipads/lesson", p.lesson),
		post("/ipads/lesson", p.rehearse),
		get("/ipads/lesson/events", p.followLesson),
		get("/ipads/health", p.health),
		get("/ipads/device/:id", p.device),
		post("/ipads/device/:id", p.Proved(p.invite)),
		get("/ipads/device/:id/events", p.followDevice),
	}
}

// here refuses what needs a gateway in this server where there is none.
func (p *pages) here(h echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if p.Office == nil {
			return errs.New(errs.NotFound, "This server has no gateway to iPads.", "Write an apple part into the server's file: bellkeep serve --help")
		}
		return h(c)
	}
}

// upload is the file of a form; nil for none. Errors: invalid at name.
func upload(c echo.Context, name string) ([]byte, error) {
	file, _, err := c.Request().FormFile(name)
	if err != nil {
		return nil, errs.At(name, "Choose the file", "")
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, enrol.MaxUpload+1))
	switch {
	case err != nil:
		return nil, err
	case len(b) == 0:
		return nil, errs.At(name, "Choose the file", "The one that was chosen is empty.")
	case len(b) > enrol.MaxUpload:
		return nil, errs.At(name, "That file is far too long to be the right one", "")
	}
	return b, nil
}

// download gives a file.
func download(c echo.Context, name, kind string, b []byte, err error) error {
	if err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Blob(http.StatusOK, kind, b)
}

// done is what a button does that leads back to a page, or shows it again with what is
// wrong.
func (p *pages) done(c echo.Context, page, title string, data func(*kit.Form) (any, error), do func(f *kit.Form) (next string, err error)) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	wrong := p.Do(c, f, func() (string, error) { return do(f) })
	if wrong == nil {
		return nil
	}
	shown, err := data(f)
	if err != nil {
		return err
	}
	return p.Refuse(c, f, wrong, page, title, shown)
}

// moment is a moment of the machine's clock for people; "" for none.
func (p *pages) moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(p.Now().Location()).Format("15:04:05, 2 January 2006")
}

// day is a day for people; "" for none.
func (p *pages) day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(p.Now().Location()).Format("2 January 2006")
}
