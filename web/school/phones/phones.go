// Package phones is the pages for staff phones that run the stock Headwind agent:
// which there are, the code by which one is set up, and what such a phone cannot
// tell.
package phones

import (
	"embed"
	"html/template"
	"io/fs"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm/headwind"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

//go:embed templates
var templateFiles embed.FS

// Phone is one phone, in words.
type Phone struct {
	ID, Label string
	State     string // such as "fetched 08:55:03, not confirmed"
}

// Name is its label, or its id.
func (p Phone) Name() string {
	if p.Label != "" {
		return p.Label
	}
	return p.ID
}

// Config is what the pages need.
type Config struct {
	Phones func() []Phone                        // in the order shown
	Code   func(id string) headwind.Provisioning // nil where no gateway is set up
}

type pages struct {
	*kit.Kit
	Config
}

// Pages are the pages of this package. A menu without a gateway does not name
// them.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	p := &pages{k, cfg}
	templates, err := fs.Sub(templateFiles, "templates")
	f := kit.Feature{
		Templates: templates,
		Routes: []kit.Route{
			kit.Get("/phones", roles.ManageDevices, p.list),
			kit.Get("/phones/:id", roles.ManageDevices, k.Proved(p.code)),
		},
	}
	if cfg.Code != nil {
		f.Menu = []kit.MenuItem{{Href: "/phones", Text: "Staff phones", Under: kit.Devices, Permission: roles.ManageDevices}}
	}
	return f, err
}

type listData struct {
	Phones []Phone
	SetUp  bool // there is a gateway
}

func (p *pages) list(c echo.Context) error {
	return p.Page(c, http.StatusOK, "phones", "Staff phones", listData{p.Phones(), p.Config.Code != nil})
}

type codeData struct {
	Phone
	Side int // modules
	Path template.HTMLAttr
	WiFi string
}

// code shows a phone's set-up code. Whoever reads it can be that phone, so it is
// shown to one who has just proved who they are.
func (p *pages) code(c echo.Context) error {
	if p.Config.Code == nil {
		return errs.New(errs.NotFound, "This server knows no gateway to phones.", "Write a headwind part into the server's file: bellkeep serve --help")
	}
	id := kit.Param(c, "id")
	for _, phone := range p.Phones() {
		if phone.ID != id {
			continue
		}
		setUp := p.Config.Code(id)
		qr, err := setUp.QR()
		if err != nil {
			return err
		}
		side, path := qr.Path()
		p.Log.Info("set-up code shown", "device", id, "by", p.Who(c).Account)
		return p.Page(c, http.StatusOK, "phone", "Set up "+phone.Name(), codeData{phone, side, template.HTMLAttr(`d="` + path + `"`), setUp.WiFi.SSID}) // letters and digits
	}
	return errs.New(errs.NotFound, "There is no staff phone of that name.", "List it first: bellkeep device add "+id+" --platform headwind")
}
