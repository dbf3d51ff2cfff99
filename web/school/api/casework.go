package api

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// NewCase is what the caller took from a pupil. The device is in their hands, unless
// it is one that staff put in at a bank.
type NewCase struct {
	Item       string    `json:"item,omitempty" doc:"one that lies behind a bank's door, and nobody has said whose it is"`
	What       string    `json:"what" enum:"phone,watch,earbuds,second-phone,tracker,other"`
	Reason     string    `json:"reason" enum:"breach,behaviour,bullying,possible-image,exam,other"`
	Zone       string    `json:"zone" enum:"classroom,corridor,hall,canteen,outside,exam-room,off-site,elsewhere,toilets,changing-room,pool,medical-room"`
	Taken      time.Time `json:"taken" doc:"within the last 7 days"`
	Considered bool      `json:"considered,omitempty" doc:"age, needs and disability were"`
	Despite    bool      `json:"despite,omitempty" doc:"the pupil may keep their phone, and the caller knows"`
	Outside    bool      `json:"outside,omitempty" doc:"phones were not banned at that time, and the caller knows"`
	Room       string    `json:"room,omitempty"`
	Happened   string    `json:"happened,omitempty"`
	Condition  string    `json:"condition,omitempty"`
	Witness    string    `json:"witness,omitempty"`
}

// Move says where a device is now: one of the two.
type Move struct {
	Hands bool   `json:"hands,omitempty" doc:"in the caller's own"`
	Spot  string `json:"spot,omitempty" doc:"in one of the school's named places"`
}

// Put asks a bank for a door for a device.
type Put struct {
	Bank  string `json:"bank"`
	Class string `json:"class" enum:"confiscation,evidence"`
}

// NewRelease hands a device over.
type NewRelease struct {
	To       string `json:"to" enum:"parent,owner" doc:"the pupil only where the school's rules say so"`
	Contact  string `json:"contact,omitempty" doc:"the adult, by the register's id"`
	Identity string `json:"identity,omitempty" enum:"known,photo-id,code" doc:"how the caller knows who they are"`
	Code     string `json:"code,omitempty" doc:"the one-time code that was shown"`
	Name     string `json:"name,omitempty" doc:"the adult's signature, typed"`
	Path     string `json:"path,omitempty" doc:"or drawn: SVG path data, M and L with whole numbers, in a box of 600 by 200"`
}

// Handled is a case after something was done with its device.
type Handled struct {
	Case  Case  `json:"case"`
	Order Order `json:"order,omitzero" doc:"what became of the order to the bank; none where no door has to open"`
}

func (a *api) caseworkOperations() []operation {
	return []operation{
		change("/cases/:case/move", roles.MoveItem, ok, "Record that a device is in the caller's hands or in a named place", Move{Spot: "office-safe"}, a.move).by(kit.ForAll),
		change("/cases/:case/put", roles.OpenDoor, ok, "Put a device behind a door", Put{"c", "confiscation"}, a.put).by(kit.ForPeople),
		change("/cases/:case/take-out", roles.OpenDoor, ok, "Let a device out of its door, to the adult it was released to or into the caller's hands", Nothing{}, a.takeOut).by(kit.ForPeople),
		change("/cases/:case/release", roles.ReleaseItem, ok, "Release a device to a listed adult, and let it out of its door",
			NewRelease{To: "parent", Contact: "C-0012", Identity: "photo-id", Name: "Ruth Amis"}, a.release).by(kit.ForPeople),
		change("/cases/:case/withdraw", roles.ReleaseItem, ok, "Take back a release whose device is still behind its door", Nothing{}, a.withdraw).by(kit.ForPeople),
	}
}

func (a *api) confiscate(c echo.Context, in NewCase) (Case, error) {
	id := kit.Param(c, "id")
	if p, known := a.People.Person(id); !known || p.Kind != register.Pupil {
		return Case{}, errNobody
	}
	by := a.staff(c)
	file, err := a.Custody.Confiscate(c.Request().Context(), by, desk.Confiscation{
		Item: in.Item, Whose: id, What: desk.What(in.What), Reason: desk.Reason(in.Reason), Zone: desk.Zone(in.Zone), Taken: in.Taken, Considered: in.Considered, Despite: in.Despite, Outside: in.Outside,
		Account: desk.Account{Room: in.Room, Happened: in.Happened, Condition: in.Condition, Witness: in.Witness},
	})
	if err != nil {
		return Case{}, err
	}
	item, err := a.Custody.Item(file.Item)
	return a.caseOf(file, item, by.Follows(file, a.Now())), err
}

func (a *api) giveBack(c echo.Context, _ Nothing) (Case, error) {
	file, _, err := a.outside(c)
	by := a.staff(c)
	if err == nil && !by.Follows(file, a.Now()) {
		err = errNoCase
	}
	if err == nil {
		err = a.Custody.Return(c.Request().Context(), by, file.ID)
	}
	if err != nil {
		return Case{}, err
	}
	file, item, err := a.outside(c)
	return a.caseOf(file, item, by.Follows(file, a.Now())), err
}

func (a *api) move(c echo.Context, in Move) (Case, error) {
	_, item, err := a.outside(c)
	if err != nil {
		return Case{}, err
	}
	to := desk.At(in.Spot)
	if in.Hands {
		to = desk.InHandsOf(a.Who(c).Person)
	}
	switch {
	case in.Hands && a.Who(c).Program:
		err = errs.At("hands", "A program has no hands.", "Say in which place the device is.")
	case in.Hands == (in.Spot != ""):
		err = errs.At("spot", "A device is in the caller's hands or in a named place.", "Send one of hands and spot.")
	case !in.Hands:
		err = a.isSpot(in.Spot)
	}
	if err == nil {
		err = a.Custody.Move(c.Request().Context(), a.staff(c), item.ID, to)
	}
	if err != nil {
		return Case{}, err
	}
	return a.again(c)
}

// isSpot refuses what is none of the school's named places.
func (a *api) isSpot(id string) error {
	if !slices.Contains(a.Spots, id) {
		return errs.At("spot", "The school has no such place.", "Ask for /api/v1/spots.")
	}
	return nil
}

func (a *api) put(c echo.Context, in Put) (Handled, error) {
	_, item, err := a.outside(c)
	if err == nil && !a.hasDoors(in) {
		err = errs.At("bank", "There is no bank with such doors.", "Ask for /api/v1/banks.")
	}
	if err != nil {
		return Handled{}, err
	}
	what, err := a.Custody.Put(c.Request().Context(), a.staff(c), item.ID, in.Bank, locker.Class(in.Class))
	return a.handled(c, what, err)
}

func (a *api) hasDoors(in Put) bool {
	for _, b := range a.Banks.Banks() {
		if b.Setup.Bank == in.Bank {
			return in.Class == string(locker.ClassEvidence) && len(b.Setup.Evidence) > 0 || in.Class == string(locker.ClassConfiscation) && len(b.Setup.Confiscation) > 0
		}
	}
	return false
}

func (a *api) takeOut(c echo.Context, _ Nothing) (Handled, error) {
	_, item, err := a.outside(c)
	if err != nil {
		return Handled{}, err
	}
	what, err := a.Custody.TakeOut(c.Request().Context(), a.staff(c), item.ID)
	return a.handled(c, what, err)
}

func (a *api) release(c echo.Context, in NewRelease) (Handled, error) {
	file, err := a.inside(c)
	if err != nil {
		return Handled{}, err
	}
	what, err := a.Custody.HandOver(c.Request().Context(), a.staff(c), desk.Release{Case: file.ID, To: desk.To(in.To), Contact: in.Contact,
		Identity: desk.Identity(in.Identity), Code: in.Code, Signed: desk.Signature{Name: in.Name, Path: in.Path}})
	return a.handled(c, what, err)
}

func (a *api) withdraw(c echo.Context, _ Nothing) (Case, error) {
	file, err := a.inside(c)
	if err == nil {
		err = a.Custody.Withdraw(c.Request().Context(), a.staff(c), file.ID)
	}
	if err != nil {
		return Case{}, err
	}
	return a.again(c)
}

// handled gives an order that is on record, if there is one, and tells how the case
// stands then.
func (a *api) handled(c echo.Context, what desk.Ordered, err error) (Handled, error) {
	if err != nil {
		return Handled{}, err
	}
	var out Handled
	if what.Bank != "" {
		out.Order = a.order(c.Request().Context(), what)
	}
	out.Case, err = a.again(c)
	return out, err
}
