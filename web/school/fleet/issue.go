package fleet

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/fleet"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// mostFound is how many people a search shows.
const mostFound = 20

// issueData is the page on which a device is given to somebody.
type issueData struct {
	Form     *kit.Form
	ID, Name string
	Query    string
	Found    []found
	More     int    // found and not shown
	Rules    string // whose hold for whoever gets it
	To       string // id of whoever gets it; "" while they are looked for
	Who      string
	Signed   bool
	Unsigned string // why they may have none
	Next     string
	Sign     bool // a page can settle that
	Passcode string
	Assumed  bool // somebody has to look
	Ready    bool // the passcode is confirmed or can be
}

func (p *pages) issueData(c echo.Context, f *kit.Form, to string) (issueData, error) {
	l, err := p.listing(c)
	if err != nil {
		return issueData{}, err
	}
	row := line{Listing: l}
	confirmed := p.Checks.Passcode(l.Device.ID)
	d := issueData{Form: f, ID: l.Device.ID, Name: row.Name(), Query: c.QueryParam("q"), To: to,
		Passcode: passcodeWords(confirmed), Assumed: confirmed == fleet.Assumed, Ready: confirmed != fleet.Unconfirmed, Rules: p.groupWords(l.Device.Groups)}
	if to == "" {
		d.Found = p.search(d.Query)
		d.More = max(0, len(d.Found)-mostFound)
		d.Found = d.Found[:len(d.Found)-d.More]
		return d, nil
	}
	d.Who = p.called(to)
	err = p.Checks.MayHave(to)
	if d.Signed = err == nil; !d.Signed {
		_, d.Sign = p.People.Person(to)
		d.Unsigned, d.Next = err.Error(), errs.HintOf(err)
	}
	return d, nil
}

// found is somebody who may be meant.
type found struct{ ID, Name string }

// search finds people on the roll, and visitors who have signed.
func (p *pages) search(query string) (list []found) {
	for _, person := range p.People.Search(query) {
		if person.OnRoll() {
			list = append(list, found{person.ID, p.called(person.ID)})
		}
	}
	for _, v := range p.Visitors.Present() {
		if query != "" && strings.Contains(strings.ToLower(v.Called()), strings.ToLower(query)) {
			list = append(list, found{v.ID, p.called(v.ID)})
		}
	}
	return list
}

func (p *pages) issueForm(c echo.Context) error {
	d, err := p.issueData(c, p.NewForm(c, nil), c.QueryParam("to"))
	if err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "fleet-issue", "Issue "+d.Name, d)
}

func (p *pages) issue(c echo.Context) error {
	f, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	d, err := p.issueData(c, f, f.Get("to"))
	if err != nil {
		return err
	}
	err = p.Do(c, f, func() (string, error) {
		h := fleet.Handover{Device: d.ID, To: f.Get("to"), Seen: f.Get("seen") != ""}
		return devicePath(d.ID), p.Desk.Issue(c.Request().Context(), p.Who(c).Account, h)
	})
	if err != nil {
		return p.Refuse(c, f, err, "fleet-issue", "Issue "+d.Name, d)
	}
	return nil
}
