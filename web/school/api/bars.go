package api

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// Bar is a stop or a hold: on a person, or on a door.
type Bar struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind" enum:"stop,hold"`
	Person  string    `json:"person,omitempty"`
	Bank    string    `json:"bank,omitempty"`
	Door    int       `json:"door,omitempty"`
	From    time.Time `json:"from"`
	By      string    `json:"by" doc:"account"`
	EndBy   string    `json:"end_asked_by,omitempty" doc:"account of who asked for its end; a second person must agree"`
	InForce []InForce `json:"in_force"`
}

// InForce says since when something is in force at a bank.
type InForce struct {
	Bank   string    `json:"bank"`
	Since  time.Time `json:"since,omitzero" doc:"none: not yet"`
	Online bool      `json:"online"`
}

// BarList is every bar that stands, oldest first.
type BarList struct {
	Items []Bar `json:"items"`
}

// Nothing is an empty object.
type Nothing struct{}

func (a *api) barOperations() []operation {
	person := a.OnPerson("id")
	return []operation{
		read("/bars", roles.StopPerson, "Stops and holds that stand", a.barList),
		read("/bars/:id", roles.StopPerson, "One stop or hold, and where it is in force", a.bar),
		change("/people/:id/stop", roles.StopPerson, created, "Send every scan of a person to the office", Nothing{}, a.place(desk.Stop)).about(person),
		change("/people/:id/hold", roles.PlaceHold, created, "Keep what is a person's until two people end the hold", Nothing{}, a.place(desk.Hold)).about(person),
		change("/bars/:id/end", roles.StopPerson, ok, "End a stop; people end holds, on a page", Nothing{}, a.endStop),
	}
}

func (a *api) barOf(b desk.Bar) Bar {
	out := Bar{ID: b.ID, Kind: string(b.Kind), Person: b.On.Person, Bank: b.On.Bank, Door: b.On.Door, From: b.From, By: b.By, EndBy: b.EndBy}
	out.InForce = a.inForce(b.Seq)
	return out
}

// inForce tells where what the record at seq decided holds.
func (a *api) inForce(seq uint64) []InForce {
	list := []InForce{}
	for _, f := range a.Force.InForce(seq) {
		list = append(list, InForce{f.Bank.Setup.Bank, f.Since, f.Online})
	}
	return list
}

func (a *api) barList(echo.Context) (BarList, error) {
	list := BarList{Items: []Bar{}}
	for _, b := range a.Desk.Standing() {
		list.Items = append(list.Items, a.barOf(b))
	}
	return list, nil
}

var errNoBar = errs.New(errs.NotFound, "That stop or hold does not stand any more.", "Ask for /api/v1/bars.")

func (a *api) standingBar(c echo.Context) (desk.Bar, error) {
	for _, b := range a.Desk.Standing() {
		if b.ID == kit.Param(c, "id") {
			return b, nil
		}
	}
	return desk.Bar{}, errNoBar
}

func (a *api) bar(c echo.Context) (Bar, error) {
	b, err := a.standingBar(c)
	if err != nil {
		return Bar{}, err
	}
	return a.barOf(b), nil
}

func (a *api) place(kind desk.Kind) func(c echo.Context, _ Nothing) (Bar, error) {
	return func(c echo.Context, _ Nothing) (Bar, error) {
		id := kit.Param(c, "id")
		if _, known := a.People.Person(id); !known {
			return Bar{}, errNobody
		}
		b, err := a.Desk.Place(c.Request().Context(), a.Who(c).Account, kind, locker.Subject{Person: id})
		if err != nil {
			return Bar{}, err
		}
		return a.barOf(b), nil
	}
}

func (a *api) endStop(c echo.Context, _ Nothing) (Nothing, error) {
	b, err := a.standingBar(c)
	if err == nil && b.Kind != desk.Stop {
		err = errs.New(errs.Denied, "A hold is ended by two people.", "They do it on its page.")
	}
	if err == nil {
		_, err = a.Desk.End(c.Request().Context(), desk.By{Actor: a.Who(c).Actor, Roles: a.Who(c).Roles}, b.ID)
	}
	return Nothing{}, err
}
