package office

import (
	"net/http"
	"net/url"
	"time"

	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// leaveData is the form that lets a pupil leave early.
type leaveData struct {
	*kit.Form
	Who     register.Person
	Phone   string
	Until   string // when the permission ends
	Reasons []kit.Option
	Mark    []kit.Option
}

func (o *pages) leaveData(f *kit.Form, p register.Person, until time.Time) leaveData {
	return leaveData{Form: f, Who: p, Phone: phoneWords(o.now(), p.ID), Until: o.clock(until), Reasons: leaveReasons,
		Mark: []kit.Option{{Value: "yes", Text: "Mark them as left early in today’s attendance"}}}
}

func (o *pages) clock(t time.Time) string { return t.In(o.Calendar.Zone).Format("15:04") }

// endOfDay is when today's collection ends. Errors: not_now.
func (o *pages) endOfDay() (time.Time, error) {
	now := o.Now()
	d, ok := o.Calendar.Day(school.DateOf(now.In(o.Calendar.Zone)))
	if !ok || !now.Before(d.CollectUntil) {
		return time.Time{}, errs.New(errs.NotNow, "School is over for today.", "A phone that is still in is given back by opening its door on the pupil's page.")
	}
	return d.CollectUntil, nil
}

func (o *pages) leaveForm(c echo.Context) error {
	p, err := o.pupil(c)
	if err != nil {
		return err
	}
	until, err := o.endOfDay()
	if err != nil {
		return err
	}
	f := o.NewForm(c, url.Values{"mark": {"yes"}})
	return o.Page(c, http.StatusOK, "leave-early", "Leaves early", o.leaveData(f, p, until))
}

func (o *pages) giveLeave(c echo.Context) error {
	p, err := o.pupil(c)
	if err != nil {
		return err
	}
	f, err := o.ReadForm(c)
	if err != nil {
		return err
	}
	until, err := o.endOfDay()
	if err != nil {
		return err
	}
	err = o.Do(c, f, func() (string, error) {
		l, err := o.Leaves.LeaveEarly(c.Request().Context(), o.Who(c).Account, attendance.Leave{Person: p.ID,
			Reason: attendance.Reason(f.Get("reason")), Collects: f.Get("collects"), Until: until})
		if err == nil && f.Get("mark") == "yes" {
			err = o.say(c, saying{date: school.DateOf(o.Now()), how: attendance.ByHand, register: map[string]attendance.Mark{p.ID: attendance.Left}})
		}
		return "/leave/" + url.PathEscape(l.Grant), err
	})
	if err != nil {
		return o.Refuse(c, f, err, "leave-early", "Leaves early", o.leaveData(f, p, until))
	}
	return nil
}

// givenData is a permission to leave early, and where it is in force.
type givenData struct {
	attendance.Leave
	Who, Phone, Reason string
	Until, At          string
	Ended              bool
	Force              []forceAt
}

// forceAt is one bank: in force since, or not yet.
type forceAt struct{ Bank, Since, Offline string }

// inForce says where the record at seq of the school's ledger is in force.
func (o *pages) inForce(seq uint64) []forceAt {
	var list []forceAt
	for _, f := range o.Force.InForce(seq) {
		at := forceAt{Bank: kit.BankName(f.Bank.Setup.Bank)}
		switch {
		case !f.Since.IsZero():
			at.Since = f.Since.In(o.Calendar.Zone).Format("15:04:05")
		case !f.Online:
			at.Offline = "offline"
		}
		list = append(list, at)
	}
	return list
}

func (o *pages) leavePage(c echo.Context) error {
	l, ok := o.Leaves.Leave(c.Param("grant"))
	if !ok {
		return errs.New(errs.NotFound, "That permission to leave early is not known any more.", "Look at the pupil's page.")
	}
	d := givenData{Leave: l, Who: o.called(l.Person), Phone: phoneWords(o.now(), l.Person), Reason: reasonWords(l.Reason),
		Until: o.clock(l.Until), At: o.clock(l.At), Ended: o.Grants.Withdrawn(l.Grant), Force: o.inForce(o.Grants.Given(l.Grant))}
	return o.Page(c, http.StatusOK, "leave", "Leaves early", d)
}

func (o *pages) endLeave(c echo.Context) error {
	grant := c.Param("grant")
	err := o.Leaves.EndLeave(c.Request().Context(), o.Who(c).Account, grant)
	if err != nil && !o.Grants.Withdrawn(grant) { // sent twice, it is taken back all the same
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/leave/"+url.PathEscape(grant))
}
