package fleet

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm/fleet"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// deviceData is one device's page.
type deviceData struct {
	Form *kit.Form
	line
	Flags       string
	Listed      string
	Retired     string
	Lost        string
	Passcode    string
	Lines       []entry // of the register, the newest first
	MayManage   bool
	Evidence    *evidence
	MayEvidence bool // put it in quarantine
	Move        *waitingMove
	SetUp       string // the page it is set up by, where that is one of its own
}

func (p *pages) listing(c echo.Context) (fleet.Listing, error) {
	l, ok := p.Book.Device(kit.Param(c, "id"))
	if !ok {
		return l, errs.New(errs.NotFound, "The school has no device of that name.", "Look at the device list.")
	}
	return l, nil
}

func devicePath(id string) string { return "/fleet/device/" + id }

func (p *pages) deviceData(c echo.Context, f *kit.Form) (deviceData, error) {
	l, err := p.listing(c)
	if err != nil {
		return deviceData{}, err
	}
	certificates := p.Joining.Certificates()
	d := deviceData{Form: f, line: p.line(l, p.stateOf(l, certificates[l.Device.ID] != ""), p.since(), certificates),
		Flags: flagWords(l.Device.Flags), Listed: p.day(l.Since), Retired: p.day(l.Retired), MayManage: p.May(c, roles.ManageDevices, roles.Target{})}
	if !l.Lost.At.IsZero() {
		d.Lost = p.when(l.Lost.At) + ", by " + l.Lost.By
	}
	if l.Retired.IsZero() {
		d.SetUp = p.Joining.SetUp(l.Device.ID)
		d.Passcode = passcodeWords(p.Checks.Passcode(l.Device.ID))
	}
	for _, i := range slices.Backward(p.Book.Register()) {
		if i.Device == l.Device.ID {
			d.Lines = append(d.Lines, p.entry(i, l.Device.Label))
		}
	}
	d.MayEvidence = l.Quarantine == nil && p.May(c, roles.QuarantineDevice, roles.Target{})
	d.Evidence, d.Move = p.evidence(c, l), p.waitingMove(c, l.Device.ID)
	return d, nil
}

func (p *pages) device(c echo.Context) error {
	d, err := p.deviceData(c, p.NewForm(c, nil))
	if err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "fleet-device", d.Name(), d)
}

// act does what a button on a device's page asks for.
func (p *pages) act(c echo.Context, do func(f *kit.Form, id string) error) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d, err := p.deviceData(c, f)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) { return devicePath(d.Device.ID), do(f, d.Device.ID) })
	if err != nil {
		return p.Refuse(c, f, err, "fleet-device", d.Name(), d)
	}
	return nil
}

func (p *pages) takeBack(c echo.Context) error {
	return p.act(c, func(_ *kit.Form, id string) error {
		return p.Desk.TakeBack(c.Request().Context(), id, p.Who(c).Account)
	})
}

func (p *pages) find(c echo.Context) error {
	return p.act(c, func(_ *kit.Form, id string) error { return p.Desk.Find(c.Request().Context(), id, p.Who(c).Account) })
}

// askData is a page that asks for one thing about a device.
type askData struct {
	Form    *kit.Form
	ID      string
	Name    string
	Holder  string
	Options []kit.Option
	Flags   []kit.Option
	Groups  []kit.Option
	Current string
	Moves   []moveView // what the form would move to other filters
}

func (p *pages) askData(c echo.Context, f *kit.Form) (askData, fleet.Listing, error) {
	l, err := p.listing(c)
	d := askData{Form: f, ID: l.Device.ID, Name: cmp.Or(l.Device.Label, l.Device.ID)}
	if l.Holder != "" {
		d.Holder = p.called(l.Holder)
	}
	return d, l, err
}

// form shows a page that asks for one thing, with what fill adds to it.
func (p *pages) form(c echo.Context, page, title string, start url.Values, fill func(*askData, fleet.Listing)) error {
	d, l, err := p.askData(c, p.NewForm(c, start))
	if err != nil {
		return err
	}
	if fill != nil {
		fill(&d, l)
	}
	return p.Page(c, http.StatusOK, page, title, d)
}

// send does what such a page asks for.
func (p *pages) send(c echo.Context, page, title string, fill func(*askData, fleet.Listing), do func(f *kit.Form, l fleet.Listing) error) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d, l, err := p.askData(c, f)
	if err != nil {
		return err
	}
	if fill != nil {
		fill(&d, l)
	}
	err = p.Do(c, f, func() (string, error) { return devicePath(d.ID), do(f, l) })
	if err != nil {
		return p.Refuse(c, f, err, page, title, d)
	}
	return nil
}

func (p *pages) detailsForm(c echo.Context) error {
	l, err := p.listing(c)
	if err != nil {
		return err
	}
	start := url.Values{"label": {l.Device.Label}, "groups": l.Device.Groups}
	for _, f := range l.Device.Flags {
		start.Add("flags", string(f))
	}
	return p.form(c, "fleet-details", "Change a device", start, p.choices)
}

// choices are the groups and flags that a device may have.
func (p *pages) choices(d *askData, _ fleet.Listing) {
	form := p.deviceForm(d.Form)
	d.Groups, d.Flags = form.Groups, form.Flags
}

// details changes a device, or shows first what a move would filter otherwise.
func (p *pages) details(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d, l, err := p.askData(c, f)
	if err != nil {
		return err
	}
	p.choices(&d, l)
	device, err := p.asked(f, l.Device.ID, l.Device.Platform)
	if err == nil {
		d.Moves, err = p.movesOf(device)
	}
	if err == nil && len(d.Moves) > 0 && f.Get("asks") == "" {
		return p.Page(c, http.StatusOK, "fleet-details", "Change a device", d)
	}
	if err == nil {
		err = p.Do(c, f, func() (string, error) {
			_, err := p.Desk.Change(c.Request().Context(), p.by(c), f.Get("why"), device)
			return devicePath(d.ID), err
		})
	}
	if err != nil {
		return p.Refuse(c, f, err, "fleet-details", "Change a device", d)
	}
	return nil
}

var keepLine = []kit.Option{
	{Value: "cut", Text: "Cut it off now", Hint: "Its certificate does not count any more. If it is found, it joins anew."},
	{Value: "keep", Text: "Keep its line", Hint: "So that it can be locked, located or wiped from here."},
}

// linesOf are what may become of a device's line. One behind a gateway has none of its
// own that could be cut.
func (p *pages) linesOf(l fleet.Listing) []kit.Option {
	if p.Joining.SetUp(l.Device.ID) != "" {
		return keepLine[1:]
	}
	return keepLine
}

func (p *pages) lostForm(c echo.Context) error {
	return p.form(c, "fleet-lost", "A device is lost", nil, func(d *askData, l fleet.Listing) { d.Options = p.linesOf(l) })
}

func (p *pages) lose(c echo.Context) error {
	fill := func(d *askData, l fleet.Listing) { d.Options = p.linesOf(l) }
	return p.send(c, "fleet-lost", "A device is lost", fill, func(f *kit.Form, l fleet.Listing) error {
		how := f.Get("line")
		if how != "cut" && how != "keep" {
			return errs.At("line", "Choose what becomes of its line", "")
		}
		return p.Ends.LoseDevice(c.Request().Context(), p.Who(c).Account, l.Device.ID, how == "keep")
	})
}

func (p *pages) retireForm(c echo.Context) error {
	return p.form(c, "fleet-retire", "Retire a device", nil, nil)
}

func (p *pages) retire(c echo.Context) error {
	return p.send(c, "fleet-retire", "Retire a device", nil, func(f *kit.Form, l fleet.Listing) error {
		return p.Ends.RetireDevice(c.Request().Context(), p.Who(c).Account, l.Device.ID)
	})
}

// spares are the devices that could take another's place.
func (p *pages) spares(d *askData, l fleet.Listing) {
	certificates := p.Joining.Certificates()
	d.Options = []kit.Option{{Value: "", Text: "Choose a device in store"}}
	for _, other := range p.Book.Listings() {
		if other.Device.ID != l.Device.ID && p.stateOf(other, certificates[other.Device.ID] != "") == store {
			text := cmp.Or(other.Device.Label, other.Device.ID)
			if p.filtersOtherwise(l.Device.Groups, other.Device.Groups) {
				text += " (is filtered otherwise: move it first)"
			}
			d.Options = append(d.Options, kit.Option{Value: other.Device.ID, Text: text})
		}
	}
}

func (p *pages) replaceForm(c echo.Context) error {
	return p.form(c, "fleet-replace", "Replace a device", nil, p.spares)
}

func (p *pages) replace(c echo.Context) error {
	return p.send(c, "fleet-replace", "Replace a device", p.spares, func(f *kit.Form, l fleet.Listing) error {
		with := f.Get("with")
		if with == "" {
			return errs.At("with", "Choose the device they get instead", "")
		}
		return p.Ends.ReplaceDevice(c.Request().Context(), p.Who(c).Account, l.Device.ID, fleet.Handover{Device: with, Seen: f.Get("seen") != ""})
	})
}
