package apple

import (
	"html/template"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/ui"
)

type configuratorData struct {
	Form    *kit.Form
	URL     string
	Code    code
	Serials int
	Waited  int
	Until   string
}

// code is an address as a picture.
type code struct {
	Text string
	SVG  template.HTML
}

func codeOf(address string) (code, error) {
	drawn, err := ui.QR(address, "Code of the address")
	return code{address, drawn}, err
}

func (p *pages) configuratorData(f *kit.Form) (configuratorData, error) {
	d := configuratorData{Form: f, URL: p.Office.DeviceURL(), Serials: len(p.Office.Serials())}
	n, until := p.Office.Awaited()
	d.Waited, d.Until = n, p.moment(until)
	var err error
	d.Code, err = codeOf(d.URL)
	return d, err
}

func (p *pages) configurator(c echo.Context) error {
	d, err := p.configuratorData(p.NewForm(c, nil))
	if err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "ipads-configurator", "Apple Configurator", d)
}

// await waits for all devices of the list that are not enrolled.
func (p *pages) await(c echo.Context) error {
	return p.done(c, "ipads-configurator", "Apple Configurator", func(f *kit.Form) (any, error) { return p.configuratorData(f) }, func(*kit.Form) (string, error) {
		if err := p.Office.Ready(); err != nil {
			return "", err
		}
		var ids []string
		for _, d := range p.Devices() {
			s, _, err := p.Gate.Status(d.ID)
			if err != nil {
				return "", err
			}
			if p.Office.Serial(d.ID) != "" && !d.Quarantined && !(s.Managed && s.There) {
				ids = append(ids, d.ID)
			}
		}
		if len(ids) == 0 {
			return "", errs.New(errs.Conflict, "There is no iPad to wait for: none with a serial number on the list is left to enrol.", "Bring the serial numbers of more.")
		}
		if err := p.Register.Invite(c.Request().Context(), p.Who(c).Account, ids...); err != nil {
			return "", err
		}
		return "/ipads/configurator", p.Office.Await(ids...)
	})
}
