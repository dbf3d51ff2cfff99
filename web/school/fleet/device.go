package fleet

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

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
}

// evidence is a quarantine as far as its reader may see it.
type evidence struct {
	Since, By  string
	Secret     bool // the reader has a part in it, or may not read reasons
	Why, About string
	Advice     []note
	AskedBy    string // waits for a second person; "" for nobody
	MayAdvise  bool
	MayEnd     bool
}

type note struct{ At, By, Text string }

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
		d.Passcode = passcodeWords(p.Checks.Passcode(l.Device.ID))
	}
	for _, i := range slices.Backward(p.Book.Register()) {
		if i.Device == l.Device.ID {
			d.Lines = append(d.Lines, p.entry(i, l.Device.Label))
		}
	}
	d.MayEvidence = l.Quarantine == nil && p.May(c, roles.QuarantineDevice, roles.Target{})
	d.Evidence = p.evidence(c, l)
	return d, nil
}

// evidence is a quarantine for whoever asks. Whom it concerns sees that there is one
// and no more; so does who may not read reasons, unless they gave this one.
func (p *pages) evidence(c echo.Context, l fleet.Listing) *evidence {
	q := l.Quarantine
	if q == nil {
		return nil
	}
	who := p.Who(c)
	e := &evidence{Since: p.when(q.Since), By: q.By}
	if q.Concerns(who.Person) || !p.May(c, roles.SeeReasons, roles.Target{}) && q.By != who.Account {
		e.Secret = true
		return e
	}
	e.Why, e.MayAdvise, e.MayEnd = q.Why, p.May(c, roles.QuarantineDevice, roles.Target{}), p.May(c, roles.EndHold, roles.Target{})
	if q.About != "" {
		e.About = p.called(q.About)
	}
	for _, a := range q.Advice {
		e.Advice = append(e.Advice, note{p.when(a.At), a.By, a.Text})
	}
	e.AskedBy = q.Asked.By
	return e
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

func (p *pages) advise(c echo.Context) error {
	return p.act(c, func(f *kit.Form, id string) error {
		return p.Evidence.Advise(c.Request().Context(), p.Who(c).Actor, id, f.Get("advice"))
	})
}

func (p *pages) endQuarantine(c echo.Context) error {
	return p.act(c, func(_ *kit.Form, id string) error {
		_, err := p.Evidence.EndQuarantine(c.Request().Context(), p.Who(c).Actor, p.posts(c), id)
		return err
	})
}

// posts are the roles that whoever asks holds now.
func (p *pages) posts(c echo.Context) []roles.Role {
	var list []roles.Role
	for _, a := range p.Who(c).Roles {
		if a.Role != "" && a.Holds(p.Now()) {
			list = append(list, a.Role)
		}
	}
	return list
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

func (p *pages) details(c echo.Context) error {
	return p.send(c, "fleet-details", "Change a device", p.choices, func(f *kit.Form, l fleet.Listing) error {
		d, err := p.asked(f, l.Device.ID, l.Device.Platform)
		if err != nil {
			return err
		}
		return p.Desk.List(c.Request().Context(), p.Who(c).Account, d)
	})
}

var keepLine = []kit.Option{
	{Value: "cut", Text: "Cut it off now", Hint: "Its certificate does not count any more. If it is found, it joins anew."},
	{Value: "keep", Text: "Keep its line", Hint: "So that it can be locked, located or wiped from here."},
}

func (p *pages) lostForm(c echo.Context) error {
	return p.form(c, "fleet-lost", "A device is lost", nil, func(d *askData, _ fleet.Listing) { d.Options = keepLine })
}

func (p *pages) lose(c echo.Context) error {
	fill := func(d *askData, _ fleet.Listing) { d.Options = keepLine }
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
			d.Options = append(d.Options, kit.Option{Value: other.Device.ID, Text: cmp.Or(other.Device.Label, other.Device.ID)})
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

func (p *pages) quarantineForm(c echo.Context) error {
	return p.form(c, "fleet-quarantine", "Put a device in quarantine", nil, p.subjects)
}

// subjects are whom an allegation may be about, as far as a form can offer them:
// whoever has the device, or somebody found by name.
func (p *pages) subjects(d *askData, l fleet.Listing) {
	d.Options = []kit.Option{{Value: "", Text: "Nobody in particular, or not known"}}
	if l.Holder != "" {
		d.Options = append(d.Options, kit.Option{Value: l.Holder, Text: p.called(l.Holder), Hint: "Who has the device now."})
	}
	d.Options = append(d.Options, kit.Option{Value: "other", Text: "Somebody else, named below"})
}

func (p *pages) quarantine(c echo.Context) error {
	return p.send(c, "fleet-quarantine", "Put a device in quarantine", p.subjects, func(f *kit.Form, l fleet.Listing) error {
		subject, err := p.subject(f, l)
		if err != nil {
			return err
		}
		return p.Evidence.Quarantine(c.Request().Context(), p.Who(c).Actor, l.Device.ID, f.Get("why"), subject)
	})
}

// subject is whom a form says it is about.
func (p *pages) subject(f *kit.Form, l fleet.Listing) (string, error) {
	switch about := f.Get("about"); about {
	case "", l.Holder:
		return about, nil
	case "other":
		var ids []string
		for _, person := range p.People.Search(f.Get("name")) {
			if strings.EqualFold(person.Name(), f.Get("name")) {
				ids = append(ids, person.ID)
			}
		}
		if len(ids) == 1 {
			return ids[0], nil
		}
		return "", errs.At("name", "Nobody, or more than one person, has that name", "Enter given and family name as the register has them.")
	}
	return "", errs.At("about", "Choose whom it is about", "")
}
