package apple

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple/enrol"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

type asmData struct {
	Form  *kit.Form
	State enrol.ASM
	Until string
	Over  bool
	Owned []enrol.Owned
	Which []kit.Option
	Known int    // of those, with a serial number on the school's list
	Fault string // why they could not be asked for
	Next  string
}

// most is how many devices a page shows.
const most = 200

func (p *pages) asmData(c echo.Context, f *kit.Form) asmData {
	d := asmData{Form: f, State: p.Office.ASM()}
	d.Until, d.Over = p.day(d.State.Until), !d.State.Until.IsZero() && !p.Machine().Before(d.State.Until)
	if d.State.Until.IsZero() || d.Over {
		return d
	}
	owned, err := p.Office.Owned(c.Request().Context())
	if err != nil {
		d.Fault, d.Next = err.Error(), errs.HintOf(err)
	}
	for _, o := range owned {
		if o.Device != "" {
			d.Known++
		}
	}
	d.Owned, d.Which = owned, assignOptions(p.choices(owned))
	return d
}

// More is how many are not shown.
func (d asmData) More() int { return max(0, len(d.Owned)-most) }

// Shown are those that are.
func (d asmData) Shown() []enrol.Owned { return d.Owned[:min(len(d.Owned), most)] }

func (p *pages) asm(c echo.Context) error {
	return p.Page(c, http.StatusOK, "ipads-asm", "Apple School Manager", p.asmData(c, p.NewForm(c, nil)))
}

// keyFile is the public key, which is made as it is first asked for.
func (p *pages) keyFile(c echo.Context) error {
	b, err := p.Office.PublicKey()
	return download(c, "bellkeep-asm.pem", "application/x-pem-file", b, err)
}

func (p *pages) changeASM(c echo.Context) error {
	return p.done(c, "ipads-asm", "Apple School Manager", func(f *kit.Form) (any, error) { return p.asmData(c, f), nil }, func(f *kit.Form) (string, error) {
		if f.Get("do") == "assign" {
			return "/ipads/asm", p.assign(c, f)
		}
		file, err := upload(c, "token")
		if err != nil {
			return "", err
		}
		return "/ipads/asm", p.Office.TakeToken(c.Request().Context(), file)
	})
}
