package main

import (
	"context"

	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/cases"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/office"
)

// The named places that an office without a list of its own has.
var (
	caseSpots = []cases.Spot{
		{ID: "office-safe", Label: "Office safe"},
		{ID: "office-drawer", Label: "Locked drawer in the office"},
		{ID: "leadership-safe", Label: "Leadership safe"},
	}
	deskSpots = []office.Spot{
		{ID: "office-safe", Name: "Office safe"},
		{ID: "office-drawer", Name: "Locked drawer in the office"},
	}
)

// drawer is the school's custody as the office's pages see it: without cases.
type drawer struct{ *desk.Custody }

// Devices are those in custody, here longest first.
func (d drawer) Devices() []office.Device {
	var list []office.Device
	for _, i := range d.Items() {
		if i.Why != desk.PutInAtBank { // nobody has said yet what it is
			list = append(list, device(i))
		}
	}
	return list
}

// Device finds one, gone or not.
func (d drawer) Device(id string) (office.Device, error) {
	i, err := d.Item(id)
	return device(i), err
}

// Condition is what was written of one when it came.
func (d drawer) Condition(ctx context.Context, id string) (string, error) {
	i, err := d.Item(id)
	if err != nil {
		return "", err
	}
	return d.Custody.Condition(ctx, i)
}

func (d drawer) Take(ctx context.Context, who kit.Who, in office.Intake) (string, error) {
	i, err := d.Custody.Take(ctx, actor(who), desk.Intake{
		What: desk.What(in.What), Why: desk.Why(in.Why), Whose: in.Whose, Place: desk.At(in.Spot), Condition: in.Condition,
	})
	return i.ID, err
}

func (d drawer) Own(ctx context.Context, who kit.Who, id, person string) error {
	return d.Custody.Own(ctx, actor(who), id, person)
}

func (d drawer) GiveBack(ctx context.Context, who kit.Who, id string, to office.To) error {
	return d.Custody.GiveBack(ctx, actor(who), id, desk.To(to))
}

func actor(who kit.Who) desk.By { return desk.By{Actor: who.Actor, Roles: who.Roles} }

func device(i desk.Item) office.Device {
	p := i.Place
	d := office.Device{ID: i.ID, What: string(i.What), Why: office.Why(i.Why), Whose: i.Whose, Since: i.Since,
		Place: office.Place{Spot: p.Spot, Hands: p.Person, Bank: p.Bank, Door: p.Door, Gone: office.To(p.To), Since: p.Since}}
	if len(i.Trail) > 0 {
		d.By = i.Trail[0].By
	}
	if p.Kind == desk.Gone {
		d.Ended = i.Trail[len(i.Trail)-1].By
	}
	return d
}
