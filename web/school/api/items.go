package api

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// ItemList is every device in the school's custody outside its owner's routine,
// those here longest first.
type ItemList struct {
	Items []Item `json:"items"`
	Next  string `json:"next,omitempty"`
}

// Item is one device: found, left over, given in by hand, or taken away.
type Item struct {
	ID    string    `json:"id"`
	What  string    `json:"what" enum:"phone,watch,earbuds,second-phone,tracker,other"`
	Why   string    `json:"why" enum:"confiscated,found,left-over,given-in,at-bank"`
	Whose string    `json:"whose,omitempty" doc:"person; none while nobody knows, or where the case is restricted"`
	Case  string    `json:"case,omitempty"`
	Place Place     `json:"place"`
	Since time.Time `json:"since" doc:"in custody"`
}

// ItemFile is one device and how it was when it came.
type ItemFile struct {
	Item
	Condition string `json:"condition,omitempty" doc:"none of what has a case: it is there"`
}

// SpotList is the school's named places for devices.
type SpotList struct {
	Items []string `json:"items" doc:"ids"`
}

// NewItem is a device that comes to the desk.
type NewItem struct {
	What      string `json:"what" enum:"phone,watch,earbuds,second-phone,tracker,other"`
	Spot      string `json:"spot" doc:"where it is put"`
	Condition string `json:"condition,omitempty"`
}

// Owner says whose a device is.
type Owner struct {
	Whose string `json:"whose" doc:"person"`
}

// Back says who gets a device.
type Back struct {
	To string `json:"to" enum:"owner,parent"`
}

func (a *api) itemOperations() []operation {
	phone := NewItem{"phone", "office-safe", "Crack at the top left."}
	return []operation{
		read("/spots", roles.DepositAtDesk, "The school's named places for devices", a.spotList),
		read("/items", roles.DepositAtDesk, "Devices in custody outside their owner's routine", a.itemList).asking(paging...),
		read("/items/:item", roles.DepositAtDesk, "One device", a.itemFile),
		change("/people/:id/items", roles.DepositAtDesk, created, "Take a device in at the desk", phone, a.takeIn).about(a.OnPerson("id")).by(kit.ForAll),
		change("/items", roles.FoundItem, created, "Take in a device that was found", phone, a.takeFound).by(kit.ForAll),
		change("/items/:item/owner", roles.FoundItem, ok, "Say whose a found device is", Owner{"p-0012"}, a.own).by(kit.ForAll),
		change("/items/:item/back", roles.DepositAtDesk, ok, "Give back a device that nobody confiscated", Back{"owner"}, a.back).by(kit.ForAll),
	}
}

func (a *api) itemOf(c echo.Context, i desk.Item) Item {
	out := Item{i.ID, string(i.What), string(i.Why), i.Whose, i.Case, placeOf(i.Place), i.Since}
	if file, err := a.Custody.Case(i.Case); err == nil && !a.staff(c).Sees(file, a.Now()) {
		out.Whose = ""
	}
	return out
}

func (a *api) spotList(echo.Context) (SpotList, error) { return SpotList{a.Spots}, nil }

func (a *api) itemList(c echo.Context) (ItemList, error) {
	part, next, err := window(c, a.Custody.Items(), func(i desk.Item) string { return i.ID })
	list := ItemList{Items: make([]Item, len(part)), Next: next}
	for i, item := range part {
		list.Items[i] = a.itemOf(c, item)
	}
	return list, err
}

func (a *api) item(c echo.Context) (desk.Item, error) {
	i, err := a.Custody.Item(kit.Param(c, "item"))
	if err != nil {
		err = errs.New(errs.NotFound, "There is no such device on record.", "Ask for /api/v1/items.")
	}
	return i, err
}

func (a *api) itemFile(c echo.Context) (ItemFile, error) {
	i, err := a.item(c)
	if err != nil {
		return ItemFile{}, err
	}
	out := ItemFile{Item: a.itemOf(c, i)}
	if i.Case == "" {
		out.Condition, err = a.Custody.Condition(c.Request().Context(), i)
	}
	return out, err
}

func (a *api) takeIn(c echo.Context, in NewItem) (Item, error) {
	p, known := a.People.Person(kit.Param(c, "id"))
	if !known || p.Kind != register.Pupil {
		return Item{}, errNobody
	}
	why := desk.GivenIn
	if !p.OnRoll() {
		why = desk.LeftOver
	}
	return a.intake(c, in, why, p.ID)
}

func (a *api) takeFound(c echo.Context, in NewItem) (Item, error) {
	return a.intake(c, in, desk.Found, "")
}

func (a *api) intake(c echo.Context, in NewItem, why desk.Why, whose string) (Item, error) {
	if err := a.isSpot(in.Spot); err != nil {
		return Item{}, err
	}
	i, err := a.Custody.Take(c.Request().Context(), a.staff(c), desk.Intake{What: desk.What(in.What), Why: why, Whose: whose, Place: desk.At(in.Spot), Condition: in.Condition})
	return a.itemOf(c, i), err
}

func (a *api) own(c echo.Context, in Owner) (Item, error) {
	return a.changed(c, func(id string) error {
		return a.Custody.Own(c.Request().Context(), a.staff(c), id, in.Whose)
	})
}

func (a *api) back(c echo.Context, in Back) (Item, error) {
	return a.changed(c, func(id string) error {
		return a.Custody.GiveBack(c.Request().Context(), a.staff(c), id, desk.To(in.To))
	})
}

// changed does something with the device in the path and gives it as it is then.
func (a *api) changed(c echo.Context, do func(id string) error) (Item, error) {
	i, err := a.item(c)
	if err == nil {
		err = do(i.ID)
	}
	if err == nil {
		i, err = a.item(c)
	}
	if err != nil {
		return Item{}, err
	}
	return a.itemOf(c, i), nil
}
