package agreements

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/agreements"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// visitLine is a visit in the list.
type visitLine struct {
	ID, Name, Host, At, Last, By string
	Version                      int
	Why                          string // why they may have nothing now; "" if they may
}

type visitorsData struct {
	At        string
	Version   int
	Here      []visitLine // who may have a device or a day pass now
	Past      []visitLine
	More      int
	MayPass   bool
	MayDevice bool // lend one

	SeeDevices bool
}

// mostVisits are shown that are over.
const mostVisits = 200

// visitors lists who signed, those who are here first, each the last first.
func (p *pages) visitors(c echo.Context) error {
	v, _ := p.current(agreements.Visitors)
	d := visitorsData{At: p.Now().Format("Monday 2 January 2006, 15:04"), Version: v.N, MayPass: p.may(c, roles.GivePasses), MayDevice: p.may(c, roles.ManageDevices), SeeDevices: p.may(c, roles.SeeDevices)}
	for _, visit := range slices.Backward(p.Visits.Visits()) {
		line := p.visitLine(visit)
		switch {
		case line.Why == "":
			d.Here = append(d.Here, line)
		case len(d.Past) < mostVisits:
			d.Past = append(d.Past, line)
		default:
			d.More++
		}
	}
	return p.Page(c, http.StatusOK, "visitors", "Visitors", d)
}

func (p *pages) visitLine(v agreements.Visit) visitLine {
	line := visitLine{ID: v.ID, Name: v.Called(), Host: p.host(v.Host), At: v.At.In(p.zone()).Format("2 January 2006, 15:04"), Last: p.day(v.Until.Add(-1)), By: v.By, Version: v.Version}
	if err := p.Visits.MayEnter(v.ID); err != nil {
		line.Why = err.Error()
	}
	return line
}

func (p *pages) host(id string) string {
	if person, ok := p.People.Person(id); ok && person.Name() != "" {
		return person.Name()
	}
	return id
}

// receiveData is the text with the form a visitor fills in.
type receiveData struct {
	Form *kit.Form
	agreements.Version
	Title     string
	Published string
	Hosts     []kit.Option
	MostDays  int
}

func (p *pages) receiveData(f *kit.Form) (receiveData, error) {
	v, ok := p.current(agreements.Visitors)
	if !ok {
		return receiveData{}, errs.New(errs.NotFound, "The school has not published its agreement for visitors yet.", "The headteacher publishes it on the page Agreements.")
	}
	d := receiveData{Form: f, Version: v, Title: title(agreements.Visitors), Published: p.day(v.At), Hosts: []kit.Option{{Value: "", Text: "Choose"}}, MostDays: agreements.MostDays}
	for _, person := range p.People.People() {
		if person.Kind == register.Staff && person.OnRoll() {
			d.Hosts = append(d.Hosts, kit.Option{Value: person.ID, Text: person.Name()})
		}
	}
	slices.SortFunc(d.Hosts[1:], func(a, b kit.Option) int { return strings.Compare(a.Text, b.Text) })
	return d, nil
}

func (p *pages) receiveForm(c echo.Context) error {
	f := p.NewForm(c, nil)
	f.Values.Set("last", school.DateOf(p.Now()).String())
	d, err := p.receiveData(f)
	if err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "visitor-sign", d.Title, d)
}

func (p *pages) receive(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d, err := p.receiveData(f)
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		g := agreements.Guest{Name: f.Get("name"), Organisation: f.Get("organisation"), Host: f.Get("host")}
		if day := f.Get("last"); day != "" {
			if g.Last, err = school.ParseDate(day); err != nil {
				return "", errs.At("last", "That is not a day", "Give a day such as 2027-01-04.")
			}
		}
		_, err := p.Visits.Receive(c.Request().Context(), p.Who(c).Actor, version(f), g)
		return "/agreements/visitors", err
	})
	if err != nil {
		return p.Refuse(c, f, err, "visitor-sign", d.Title, d)
	}
	return nil
}
