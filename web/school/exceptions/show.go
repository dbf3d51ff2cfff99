package exceptions

import (
	"net/http"
	"slices"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/exceptions"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

var errNone = errs.New(errs.NotFound, "There is no such exception, or it is not for you to see.", "Look at the list of exceptions.")

// showData is the page of one exception.
type showData struct {
	line
	Form    *kit.Form
	Force   []force
	Devices []Device
	Allowed string
	Staff   bool
	Review  string
	Asked   string // when, in words
	Since   string // when it was approved
	At      string // when it was refused or ended

	MayRefuse, MayEnd, MayExtend, MayWithdraw, MayCard, MayPerson bool
	MayPermission                                                 bool // print what a member of staff may
	OwnRequest                                                    bool // the reader approves such things, but asked for this one
	NeedsWhy                                                      bool // ending it needs a reason
}

// OnItsWay reports whether a bank that can be reached does not go by it yet.
func (d showData) OnItsWay() bool {
	return slices.ContainsFunc(d.Force, func(f force) bool { return f.Since == "" && !f.Offline })
}

// force is one bank: in force since, or not yet.
type force struct {
	Bank    string
	Since   string
	Offline bool
}

// find gives an exception that the reader may see.
func (p *pages) find(c echo.Context) (exception.Exception, error) {
	e, ok := p.Book.Exception(c.Param("id"))
	if !ok || !p.sight(c).Sees(e) && p.signs(c, e, p.Book.State(e)) == "" {
		return e, errNone
	}
	return e, nil
}

func (p *pages) show(c echo.Context) error {
	e, err := p.find(c)
	if err != nil {
		return err
	}
	return p.Page(c, http.StatusOK, "exception", "Exception", p.showData(c, e, p.NewForm(c, nil)))
}

func (p *pages) showData(c echo.Context, e exception.Exception, f *kit.Form) showData {
	state, whole := p.Book.State(e), roles.Target{}
	d := showData{line: p.line(c, p.sight(c), e), Form: f, Allowed: allowed(e.Terms), Staff: e.Kind == exception.Staff, Review: p.lastDay(e.Review), Asked: p.moment(e.Asked.At)}
	waits := state == exception.Waiting || state.Open() && e.Renewal != nil
	approves := p.May(c, roles.ApproveException, whole)
	d.MayRefuse = waits && approves
	d.OwnRequest = waits && approves && d.Approve == ""
	d.MayEnd = state.Open() && p.May(c, roles.EndException, whole)
	d.MayExtend = state.Open() && e.Renewal == nil && e.Kind != exception.Curriculum
	d.MayWithdraw = state == exception.Waiting && e.Asked.Person == p.Who(c).Person
	d.MayCard = state.Open() && e.Person != "" && e.Kind != exception.Staff && p.May(c, roles.PrintLists, whole)
	d.MayPermission = p.maySeePermission(c, e)
	d.MayPerson = e.Person != "" && p.May(c, roles.SeeBoard, whole)
	d.NeedsWhy = e.Kind.Continues()
	if !e.Approved.At.IsZero() {
		d.Since = p.moment(e.Approved.At)
	}
	if note := e.Gone; note != nil {
		d.At = p.moment(note.At)
	} else if note := e.Refused; note != nil {
		d.At = p.moment(note.At)
	}
	if state.Open() || state == exception.Ended {
		d.Force, d.Devices = p.force(e), p.bound(e)
	}
	return d
}

// force says where the last decision about an exception holds.
func (p *pages) force(e exception.Exception) []force {
	if e.Kind == exception.Staff {
		return nil // banks keep no phones of staff
	}
	var list []force
	for _, f := range p.Force.InForce(e.Seq) {
		at := force{Bank: "Bank " + strings.ToUpper(f.Bank.Setup.Bank), Offline: !f.Online}
		if !f.Since.IsZero() {
			at.Since = f.Since.In(p.Calendar.Zone).Format("15:04:05")
		}
		list = append(list, at)
	}
	return list
}

func (p *pages) bound(e exception.Exception) []Device {
	if p.Devices == nil {
		return nil
	}
	return p.Devices.Bound(e)
}

// card is for a pupil to show: that, and until when, and never why.
func (p *pages) card(c echo.Context) error {
	e, err := p.find(c)
	if err != nil {
		return err
	}
	if e.Person == "" || !p.Book.State(e).Open() {
		return errs.New(errs.Conflict, "There is nothing to print: it is not in force.", "Look at the exception’s page.")
	}
	return p.Page(c, http.StatusOK, "exception-card", "Card", p.line(c, exceptions.Sight{}, e))
}
