package api

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// Notice is a letter to an adult about a case, without its text.
type Notice struct {
	ID      string    `json:"id"`
	Contact string    `json:"contact,omitempty" doc:"by the register's id"`
	Way     string    `json:"way" enum:"email,slip"`
	State   string    `json:"state" enum:"prepared,queued,deferred,sending,sent,failed,unsure,printed,cancelled"`
	Since   time.Time `json:"since"`
}

// NewNotice asks an adult to come for a device.
type NewNotice struct {
	Contact string `json:"contact" doc:"by the register's id"`
	Paper   bool   `json:"paper,omitempty" doc:"on a slip even if there is an address"`
}

// AdultList is a pupil's contacts who may be told, and whom a device may be released
// to. Of restrictions it says nothing.
type AdultList struct {
	Items []Adult `json:"items"`
}

// Adult is one contact.
type Adult struct {
	Contact      string `json:"contact" doc:"by the register's id"`
	Name         string `json:"name"`
	Relationship string `json:"relationship"`
}

// noticeOperations prepare letters, which a person sends.
func (a *api) noticeOperations() []operation {
	return []operation{
		read("/cases/:case/adults", roles.SendNotice, "Whom a notice may go to, and a release", a.adults).by(kit.ForPeople),
		change("/cases/:case/notices", roles.SendNotice, created, "Prepare a notice to an adult; it is sent by another request", NewNotice{Contact: "C-0012"}, a.prepare).by(kit.ForAll),
		change("/cases/:case/notices/:notice/send", roles.SendNotice, ok, "Send a notice that was prepared", Nothing{}, a.sendNotice).by(kit.ForPeople),
	}
}

func noticeOf(n notify.Notice) Notice {
	return Notice{n.ID, n.Contact, string(n.Way), string(n.State), n.ChangedAt}
}

func (a *api) noticesOf(file desk.Case) []Notice {
	list := []Notice{}
	if a.Notices != nil {
		for _, n := range a.Notices.Of(file.ID) {
			list = append(list, noticeOf(n))
		}
	}
	return list
}

func (a *api) adults(c echo.Context) (AdultList, error) {
	file, err := a.inside(c)
	if err != nil {
		return AdultList{}, err
	}
	list, contacts := AdultList{Items: []Adult{}}, a.People.Contacts(file.Whose)
	for _, adult := range contacts {
		if desk.MayReceive(contacts, adult.ID) == nil {
			list.Items = append(list.Items, Adult{adult.ID, register.Details{Given: adult.Given, Family: adult.Family}.Name(), adult.Relationship})
		}
	}
	return list, nil
}

func (a *api) prepare(c echo.Context, in NewNotice) (Notice, error) {
	file, err := a.inside(c)
	if err != nil {
		return Notice{}, err
	}
	if in.Contact == "" {
		return Notice{}, errs.At("contact", "It is not said who is to be told.", "Choose an adult of the pupil's.")
	}
	end, _ := a.Custody.Ends(file.Opened)
	n, err := a.Notices.Prepare(c.Request().Context(), a.Who(c).Account,
		notify.Request{About: file.ID, Template: "come-to-office", Pupil: file.Whose, Contact: in.Contact, Time: end, Paper: in.Paper})
	return noticeOf(n), err
}

func (a *api) sendNotice(c echo.Context, _ Nothing) (Notice, error) {
	file, err := a.inside(c)
	if err != nil {
		return Notice{}, err
	}
	about := func(n notify.Notice) bool { return n.ID == kit.Param(c, "notice") }
	if !slices.ContainsFunc(a.Notices.Of(file.ID), about) {
		return Notice{}, errs.New(errs.NotFound, "There is no such notice about this case.", "Look at the case.")
	}
	if err := a.Notices.Send(c.Request().Context(), a.Who(c).Actor, kit.Param(c, "notice")); err != nil {
		return Notice{}, err
	}
	list := a.Notices.Of(file.ID)
	return noticeOf(list[slices.IndexFunc(list, about)]), nil
}
