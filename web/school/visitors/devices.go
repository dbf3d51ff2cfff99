package visitors

import (
	"bytes"
	"html/template"
	"net/http"
	"net/url"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/visit"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

// line is a device in a list.
type line struct {
	Item, Name, What, Where, Since, By, Until string
	Left, Behind, Gone                        bool
	visit.Deposit
}

type visitorLine struct{ ID, Name string }

type listData struct {
	Form       *kit.Form
	Left, Here []line
	Visitors   []visitorLine
	MaySign    bool
	Now        string
}

func (p *pages) list(c echo.Context) error {
	return p.Page(c, http.StatusOK, "visitor-devices", "Visitors’ devices", p.listData(c, p.NewForm(c, nil)))
}

func (p *pages) listData(c echo.Context, f *kit.Form) listData {
	d := listData{Form: f, MaySign: p.May(c, roles.KeepAgreements, roles.Target{}), Now: p.Now().Format("15:04")}
	for _, deposit := range p.Devices.Deposits() {
		if l := p.line(deposit); l.Left {
			d.Left = append(d.Left, l)
		} else {
			d.Here = append(d.Here, l)
		}
	}
	for _, v := range p.Visits.Present() {
		d.Visitors = append(d.Visitors, visitorLine{v.ID, v.Called()})
	}
	return d
}

func (p *pages) line(d visit.Deposit) line {
	l := line{Item: d.Item, Name: p.called(d.Visit), Since: p.when(d.At), By: d.By, Until: p.when(d.Last()), Left: p.Devices.Left(d), Gone: !d.Out.IsZero(), Deposit: d}
	if i, err := p.Custody.Item(d.Item); err == nil {
		l.What, l.Where, l.Behind = i.What.Words(), p.where(i), i.Place.Kind == desk.Behind
	}
	return l
}

// slip finds a device by its slip and shows it with the slip filled in. What is on the
// slip never stands in an address.
func (p *pages) slip(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d, err := p.Devices.BySlip(f.Get("slip"))
	if err != nil {
		return p.Refuse(c, f, err, "visitor-devices", "Visitors’ devices", p.listData(c, f))
	}
	return p.Page(c, http.StatusOK, "visitor-device", "A visitor’s device", p.deviceData(c, f, d))
}

type takeData struct {
	Form         *kit.Form
	ID, Name     string
	Whats, Spots []kit.Option
}

func (p *pages) takeData(c echo.Context, f *kit.Form) (takeData, error) {
	v, ok := p.Visits.Visit(c.Param("id"))
	if !ok {
		return takeData{}, errNobody
	}
	d := takeData{Form: f, ID: v.ID, Name: v.Called(), Whats: kit.Options(desk.Whats, desk.What.Words, nil), Spots: []kit.Option{{Text: "Choose a place"}}}
	for _, s := range p.Spots {
		d.Spots = append(d.Spots, kit.Option{Value: s.ID, Text: s.Label})
	}
	return d, nil
}

func (p *pages) takeForm(c echo.Context) error {
	d, err := p.takeData(c, p.NewForm(c, url.Values{"what": {string(desk.Phone)}}))
	if err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "visitor-take", "Take a visitor’s device in", d)
}

type slipData struct {
	School, Name, What, Until, Text, Item string
	QR                                    template.HTML
}

// take takes a device in and shows its slip once, to be printed.
func (p *pages) take(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d, err := p.takeData(c, f)
	if err != nil {
		return err
	}
	html, err := p.Make(c, f, func() ([]byte, error) {
		deposit, token, err := p.Devices.Take(c.Request().Context(), p.by(c), d.ID, desk.Intake{What: desk.What(f.Get("what")), Place: desk.At(f.Get("spot")), Condition: f.Get("condition")})
		if err != nil {
			return nil, err
		}
		return []byte(deposit.Item + " " + token.Badge()), nil
	})
	if err != nil {
		for _, e := range errs.All(err) {
			if e.Field == "place" {
				err = errs.At("spot", "Choose where you put it", "")
			}
		}
		return p.Refuse(c, f, err, "visitor-take", "Take a visitor’s device in", d)
	}
	item, text, _ := bytes.Cut(html, []byte(" "))
	deposit, err := p.Devices.Deposit(string(item))
	if err != nil {
		return err
	}
	l := p.line(deposit)
	drawn, err := ui.QR(string(text), "The slip as a QR code")
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return p.Page(c, http.StatusOK, "visitor-slip", "Slip for a visitor’s device", slipData{p.School, l.Name, l.What, l.Until, string(text), deposit.Item, drawn})
}

type deviceData struct {
	Form    *kit.Form
	Line    line
	MayDoor bool
	Slip    bool // it was scanned
}

func (p *pages) deviceData(c echo.Context, f *kit.Form, d visit.Deposit) deviceData {
	return deviceData{Form: f, Line: p.line(d), MayDoor: p.May(c, roles.OpenDoor, roles.Target{}), Slip: f.Get("slip") != ""}
}

func (p *pages) device(c echo.Context) error {
	d, err := p.Devices.Deposit(c.Param("item"))
	if err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "visitor-device", "A visitor’s device", p.deviceData(c, p.NewForm(c, nil), d))
}

func (p *pages) give(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d, err := p.Devices.Deposit(c.Param("item"))
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		return "/visitors", p.Devices.Give(c.Request().Context(), p.by(c), d.Item, f.Get("slip"), f.Get("known") == "yes")
	})
	if err != nil {
		return p.Refuse(c, f, err, "visitor-device", "A visitor’s device", p.deviceData(c, f, d))
	}
	return nil
}
