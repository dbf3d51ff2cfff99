package tray

import (
	"cmp"
	"context"
	"slices"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// Counted is what whoever puts a tray away says of it.
type Counted struct {
	Spot  string // where it is now: the id of a named place
	Count Count
	Asked int // pupils with nothing ticked, who say that they hand in nothing
}

// mine finds a tray that somebody has in their hands. Errors: as open, and denied.
func (b *Book) mine(by desk.By, id string) (Tray, error) {
	t, err := b.open(by, id)
	if err == nil && t.Held() != by.Person {
		err = errs.New(errs.Denied, "You do not have this tray.", "Whoever has it puts it away or hands it on.")
	}
	return t, err
}

// Lock puts a tray away. unticked is how many of the form have nothing ticked. Errors:
// not_found, denied, conflict, invalid by field (count when it is not what is ticked,
// asked, spot), those of the ledger.
func (b *Book) Lock(ctx context.Context, by desk.By, id string, c Counted, unticked int) error {
	b.command.Lock()
	defer b.command.Unlock()
	t, err := b.mine(by, id)
	if err != nil {
		return err
	}
	to, wrong := spot(c.Spot)
	if err := cmp.Or(t.matches(c.Count), wrong); err != nil {
		return err
	}
	if c.Asked != unticked {
		return notAsked(unticked)
	}
	to.Since = b.Stamp().Wall
	return b.record(ctx, by, KindLocked, body{Tray: id, Place: &to, Count: c.Count.plain(), Asked: c.Asked})
}

// Fetch takes a tray out of its place into somebody's hands. Errors: not_found,
// denied, conflict when somebody has it, those of the ledger.
func (b *Book) Fetch(ctx context.Context, by desk.By, id string) error {
	b.command.Lock()
	defer b.command.Unlock()
	t, err := b.open(by, id)
	if err != nil {
		return err
	}
	if err := t.free(); err != nil {
		return err
	}
	if t.Place.Kind == desk.Behind {
		return errs.New(errs.Conflict, "The tray is behind a door of a bank.", "Open its door.")
	}
	return b.record(ctx, by, KindFetched, body{Tray: id})
}

// Hand offers a tray to another teacher of its form, with what is in it now. Errors:
// as Lock.
func (b *Book) Hand(ctx context.Context, by desk.By, id string, count Count) error {
	b.command.Lock()
	defer b.command.Unlock()
	t, err := b.mine(by, id)
	if err == nil {
		err = t.matches(count)
	}
	if err != nil {
		return err
	}
	return b.record(ctx, by, KindOffered, body{Tray: id, Count: count.plain()})
}

// Accept takes a tray that is offered: another person, who has counted too. Whoever
// keeps the trays of the whole school takes one that nobody offers, of somebody who has
// gone home ill. Errors: as Lock, and conflict when nobody offers it.
func (b *Book) Accept(ctx context.Context, by desk.By, id string, count Count) error {
	b.command.Lock()
	defer b.command.Unlock()
	t, err := b.open(by, id)
	switch {
	case err != nil:
		return err
	case t.Held() == "":
		return errs.New(errs.Conflict, "Nobody has this tray in their hands.", "Get it out of its place.")
	case t.Offer == nil && !roles.May(by.Roles, roles.KeepTray, roles.Target{}, b.Stamp().Wall):
		return errs.New(errs.Conflict, "Nobody offers this tray.", "Whoever has it offers it on its page.")
	case t.Held() == by.Person:
		return errs.New(errs.Denied, "Somebody else must take it from you.", "")
	}
	if b.Briefed != nil {
		if err := b.Briefed(by); err != nil {
			return err
		}
	}
	if err := t.matches(count); err != nil {
		return err
	}
	return b.record(ctx, by, KindAccepted, body{Tray: id, From: t.Held(), Count: count.plain()})
}

// Close ends a tray's day. Everything that nobody got back becomes an item of the
// office's in a named place, under its owner's name. Errors: as Lock, those of
// Custody.
func (b *Book) Close(ctx context.Context, by desk.By, id, place string, count Count) error {
	b.command.Lock()
	defer b.command.Unlock()
	t, err := b.mine(by, id)
	if err != nil {
		return err
	}
	left := t.left()
	if _, wrong := spot(place); wrong != nil && len(left) > 0 {
		return wrong
	}
	if err := t.matches(count); err != nil {
		return err
	}
	if t.Counted == nil && len(left) > 0 {
		return errs.New(errs.Conflict, "This tray was never counted and put away.", "Put it away first.")
	}
	for _, l := range left { // before the tray is closed, and each only once: a second try finds what the first did
		thing := desk.LeftThing{ID: l.Item, Form: t.Form, What: l.What, Whose: l.Pupil, Spot: place}
		if err := b.Custody.TakeLeft(ctx, by, thing); err != nil {
			return err
		}
	}
	return b.record(ctx, by, KindClosed, body{Tray: id, Count: count.plain(), Left: left})
}

// left is what is over now, by pupil, each with the item that it becomes.
func (t Tray) left() []Left {
	var list []Left
	for _, pupil := range t.Pupils() {
		for _, what := range t.Here(pupil) {
			list = append(list, Left{pupil, what, itemOf(t.ID, pupil, what)})
		}
	}
	return slices.Clip(list)
}
