package main

import (
	"context"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/office"
)

// deskSpots are the places at the desk as the office's pages name them.
func deskSpots(s *server.Server) []office.Spot {
	var list []office.Spot
	for _, spot := range spotsOf(s) {
		list = append(list, office.Spot{ID: spot.ID, Name: spot.Label})
	}
	return list
}

// deskCustody is the school's custody as the office's pages see it.
type deskCustody struct{ *server.Server }

// Devices are those in custody, those here longest first.
func (d deskCustody) Devices() []office.Device {
	var list []office.Device
	for _, i := range d.Custody.Items() {
		if i.Why == desk.OfVisitor { // they have pages of their own
			continue
		}
		device := deviceOf(i)
		if file, err := d.Custody.Case(i.Case); err == nil {
			device.Due = d.Custody.ForAdult(file, d.Now().Wall)
		}
		list = append(list, device)
	}
	return list
}

// Device finds one, in custody or not.
func (d deskCustody) Device(id string) (office.Device, error) {
	i, err := d.Custody.Item(id)
	if err == nil && i.Why == desk.OfVisitor {
		err = errs.New(errs.NotFound, "This is a visitor’s device.", "Look at the page Visitors’ devices.")
	}
	return deviceOf(i), err
}

// Restricted reports whether the case of a device is not for somebody to see.
func (d deskCustody) Restricted(who kit.Who, device office.Device) bool {
	file, err := d.Custody.Case(device.Case)
	return err == nil && !asStaff(who).Sees(file, d.Custody.Stamp().Wall)
}

// Condition is what was written when a device came.
func (d deskCustody) Condition(ctx context.Context, id string) (string, error) {
	i, err := d.Custody.Item(id)
	if err != nil {
		return "", err
	}
	return d.Custody.Condition(ctx, i)
}

// Take takes a device in.
func (d deskCustody) Take(ctx context.Context, who kit.Who, in office.Intake) (string, error) {
	i, err := d.Custody.Take(ctx, asStaff(who), desk.Intake{What: desk.What(in.What), Why: desk.Why(in.Why), Whose: in.Whose,
		Place: desk.At(in.Spot), Condition: in.Condition})
	return i.ID, err
}

// Own says whose a found device is.
func (d deskCustody) Own(ctx context.Context, who kit.Who, id, person string) error {
	return d.Custody.Own(ctx, asStaff(who), id, person)
}

// GiveBack hands a device back.
func (d deskCustody) GiveBack(ctx context.Context, who kit.Who, id string, to office.To) error {
	return d.Custody.GiveBack(ctx, asStaff(who), id, desk.To(to))
}

// ToPolice hands a device to the police.
func (d deskCustody) ToPolice(ctx context.Context, who kit.Who, id, officer, reference string) error {
	return d.Custody.HandToPolice(ctx, asStaff(who), id, desk.Receipt{Officer: officer, Reference: reference})
}

// Police is what the police left for a device.
func (d deskCustody) Police(ctx context.Context, id string) (string, error) {
	i, err := d.Custody.Item(id)
	if err != nil {
		return "", err
	}
	r, err := d.Custody.Receipt(ctx, i)
	if err != nil || r.Officer == "" {
		return "", err
	}
	return r.Officer + ", reference " + r.Reference, nil
}

func asStaff(who kit.Who) desk.By { return desk.By{Actor: who.Actor, Roles: who.Roles} }

// deviceOf is an item in the office's words. What staff put in at a bank waits for
// its case like what was confiscated.
func deviceOf(i desk.Item) office.Device {
	d := office.Device{ID: i.ID, What: string(i.What), Why: office.Why(i.Why), Whose: i.Whose, Case: i.Case, Since: i.Since,
		Place: office.Place{Spot: i.Place.Spot, Hands: i.Place.Person, Bank: i.Place.Bank, Door: i.Place.Door, Gone: office.To(i.Place.To), Since: i.Place.Since}}
	if i.Why == desk.PutInAtBank {
		d.Why = office.Confiscated
	}
	if len(i.Trail) > 0 {
		d.By = i.Trail[0].By
		if !i.Open() {
			d.Ended = i.Trail[len(i.Trail)-1].By
		}
	}
	return d
}
