package fleet

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/approvers"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm/fleet"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// evidence is a quarantine as far as its reader may see it.
type evidence struct {
	ID, Name   string
	Since, By  string
	Secret     bool // the reader has a part in it, or may not read reasons
	Why, About string
	Advice     []note
	AskedBy    string // waits for a second person; "" for nobody
	For        string // who has the next word about its end
	MayAdvise  bool
	MayEnd     bool
}

type note struct{ At, By, Text string }

// evidence is a quarantine for whoever asks; nil when there is none. Whom it concerns
// sees that there is one and no more; so does who neither ends quarantines nor gave
// this one its reason.
func (p *pages) evidence(c echo.Context, l fleet.Listing) *evidence {
	q := l.Quarantine
	if q == nil {
		return nil
	}
	who := p.Who(c)
	e := &evidence{ID: l.Device.ID, Name: cmp.Or(l.Device.Label, l.Device.ID), Since: p.when(q.Since), By: q.By}
	e.MayEnd = p.May(c, roles.EndHold, roles.Target{})
	if q.Concerns(who.Person) || !e.MayEnd && q.By != who.Account {
		e.Secret, e.MayEnd = true, false
		return e
	}
	e.Why, e.MayAdvise = q.Why, p.May(c, roles.QuarantineDevice, roles.Target{})
	if q.About != "" {
		e.About = p.called(q.About)
	}
	for _, a := range q.Advice {
		e.Advice = append(e.Advice, note{p.when(a.At), a.By, a.Text})
	}
	asked, wanted := p.Evidence.EndWanted(*q)
	e.AskedBy, e.For = asked.By, approvers.Words(wanted, "and")
	if asked.By != "" {
		e.For = approvers.Words(wanted, "or")
	}
	return e
}

type quarantinesData struct {
	Form  *kit.Form
	Lines []*evidence
	See   bool // devices have pages that the reader may see
}

func (p *pages) quarantinesData(c echo.Context, f *kit.Form) quarantinesData {
	d := quarantinesData{Form: f, See: p.May(c, roles.SeeDevices, roles.Target{})}
	for _, l := range p.Book.Listings() {
		if e := p.evidence(c, l); e != nil {
			d.Lines = append(d.Lines, e)
		}
	}
	return d
}

// quarantines are all devices kept as evidence, for those who end that: it says no
// more of them than they need.
func (p *pages) quarantines(c echo.Context) error {
	return p.Page(c, http.StatusOK, "fleet-quarantines", "Devices in quarantine", p.quarantinesData(c, p.NewForm(c, nil)))
}

func (p *pages) endQuarantine(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		who := p.Who(c)
		_, err := p.Evidence.EndQuarantine(c.Request().Context(), who.Actor, who.Roles, kit.Param(c, "id"))
		return "/fleet/quarantine", err
	})
	if err != nil {
		return p.Refuse(c, f, err, "fleet-quarantines", "Devices in quarantine", p.quarantinesData(c, f))
	}
	return nil
}

func (p *pages) advise(c echo.Context) error {
	return p.act(c, func(f *kit.Form, id string) error {
		return p.Evidence.Advise(c.Request().Context(), p.Who(c).Actor, id, f.Get("advice"))
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
