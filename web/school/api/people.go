package api

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// Person is somebody on the register and how they stand today.
type Person struct {
	ID    string    `json:"id"`
	Kind  string    `json:"kind" enum:"pupil,staff"`
	Name  string    `json:"name"`
	Form  string    `json:"form,omitempty"`
	Year  string    `json:"year,omitempty"`
	Left  time.Time `json:"left,omitzero" doc:"since when no longer on the roll"`
	Bank  string    `json:"bank,omitempty" doc:"their own bank"`
	Door  int       `json:"door,omitempty" doc:"where their device is, or their own door"`
	State string    `json:"state,omitempty" enum:"not-yet,in,out,exempt,unsure,at-door,still-in" doc:"none for somebody without a locker"`
	Since time.Time `json:"since,omitzero" doc:"of the state; none when nothing happened today"`
	Late  bool      `json:"late,omitempty"`
}

// PersonList is one page of people, by form and name.
type PersonList struct {
	Items []Person `json:"items"`
	Next  string   `json:"next,omitempty"`
}

// Form is the people of one form.
type Form struct {
	Name   string   `json:"name"`
	People []Person `json:"people" doc:"by name"`
}

// BadgeList is every badge a person has or had, by serial number.
type BadgeList struct {
	Items []Badge `json:"items"`
}

// Badge is one badge, without its secrets.
type Badge struct {
	Serial int       `json:"serial"`
	State  string    `json:"state" enum:"spare,live,revoked"`
	Since  time.Time `json:"since"`
	Why    string    `json:"why,omitempty" doc:"it was revoked"`
}

// Events are what banks recorded of a person in the last days, newest first.
type Events struct {
	Items []Event `json:"items"`
}

// Event is one line of a bank's record.
type Event struct {
	At      time.Time `json:"at" doc:"school time"`
	Bank    string    `json:"bank"`
	Door    int       `json:"door,omitempty"`
	Kind    string    `json:"kind"`
	Purpose string    `json:"purpose,omitempty"`
	Answer  string    `json:"answer,omitempty" doc:"why not, or how"`
	By      string    `json:"by,omitempty" doc:"account of the member of staff who asked"`
}

func (a *api) peopleOperations() []operation {
	person := a.OnPerson("id")
	return []operation{
		read("/people", roles.SeePerson, "People on the roll that the caller may see", a.peopleList).about(kit.Anything).
			asking(append([]parameter{{"q", "Beginnings of words of the name and form; leavers are found too.", "string"}}, paging...)...),
		read("/people/:id", roles.SeePerson, "One person", a.person).about(person),
		read("/forms/:name", roles.SeeForm, "One form", a.form).about(func(c echo.Context) roles.Target { return roles.Target{Form: kit.Param(c, "name")} }),
		read("/people/:id/events", roles.SeeHistory, "What banks recorded of a person lately", a.events).about(person),
		read("/people/:id/badges", roles.ReplaceBadge, "A person's badges", a.badgeList).about(person),
		change("/people/:id/badges", roles.ReplaceBadge, created, "Give a pre-printed spare badge, which ends the one they have", Spare{"BK1...", "lost"}, a.handSpare).about(person),
	}
}

func (a *api) peopleList(c echo.Context) (PersonList, error) {
	people := a.People.People
	if q := c.QueryParam("q"); q != "" {
		people = func() []register.Person { return a.People.Search(q) }
	}
	scope, forms := a.Reach(c, roles.SeePerson)
	seen := slices.DeleteFunc(people(), func(p register.Person) bool { return scope != roles.School && !slices.Contains(forms, p.Form) })
	part, next, err := window(c, seen, func(p register.Person) string { return p.ID })
	return PersonList{Items: a.standing(part), Next: next}, err
}

// standing joins how people stand to who they are.
func (a *api) standing(people []register.Person) []Person {
	on := map[string]view.Person{}
	for _, b := range a.Banks.Banks() {
		for _, p := range b.Board.People {
			on[p.ID] = p
		}
	}
	list := make([]Person, len(people))
	for i, p := range people {
		now := on[p.ID]
		list[i] = Person{ID: p.ID, Kind: string(p.Kind), Name: p.Name(), Form: p.Form, Year: p.Year, Left: p.Left,
			Bank: p.Bank, Door: p.Door, State: string(now.State), Since: now.Since, Late: now.Late}
		if now.Door != 0 {
			list[i].Door = now.Door
		}
	}
	return list
}

var errNobody = errs.New(errs.NotFound, "Nobody of that id is known here.", "Ask for /api/v1/people?q=NAME.")

func (a *api) person(c echo.Context) (Person, error) {
	p, ok := a.People.Person(kit.Param(c, "id"))
	if !ok {
		return Person{}, errNobody
	}
	return a.standing([]register.Person{p})[0], nil
}

func (a *api) form(c echo.Context) (Form, error) {
	name := kit.Param(c, "name")
	people := slices.DeleteFunc(a.People.People(), func(p register.Person) bool { return p.Form != name || p.Kind != register.Pupil })
	if len(people) == 0 {
		return Form{}, errs.New(errs.NotFound, "There is no such form.", "Ask for people to see their forms.")
	}
	return Form{name, a.standing(people)}, nil
}

func (a *api) badgeList(c echo.Context) (BadgeList, error) {
	list := BadgeList{Items: []Badge{}}
	if _, known := a.People.Person(kit.Param(c, "id")); !known {
		return list, errNobody
	}
	for _, b := range a.Badges.Of(kit.Param(c, "id")) {
		list.Items = append(list.Items, badgeOf(b))
	}
	return list, nil
}

func badgeOf(b badges.Badge) Badge {
	return Badge{b.Serial, string(b.State), b.Since, string(b.Why)}
}

func (a *api) events(c echo.Context) (Events, error) {
	list := Events{Items: []Event{}}
	if _, known := a.People.Person(kit.Param(c, "id")); !known {
		return list, errNobody
	}
	for _, h := range a.History.History(kit.Param(c, "id")) {
		list.Items = append(list.Items, Event{h.At.Wall, h.Bank, h.Door, string(h.Kind), string(h.Purpose), string(h.Answer), h.By})
	}
	return list, nil
}
