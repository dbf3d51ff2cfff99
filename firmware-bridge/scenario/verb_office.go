package scenario

import (
	"context"
	"fmt"

	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// officeVerbs are what staff do about pupils, badges and doors.
var officeVerbs = []verb{
	{"replace-badge", "a member of staff", "Revoke a badge and give its holder another.",
		[]param{{name: "of", kind: aPerson, needed: true, about: "the holder"},
			{name: "why", kind: aChoice, needed: true, among: []string{"lost", "damaged", "other"}, about: "the reason"}}, replaceBadge},
	{"stop", "a member of staff", "Send somebody to the office from now on, whatever they scan.",
		[]param{{name: "person", kind: aPerson, needed: true, about: "whom"}}, func(w *world, c call) error { return bar(w, c, desk.Stop) }},
	{"hold", "a member of staff", "The same, and only two people can end it.",
		[]param{{name: "person", kind: aPerson, needed: true, about: "whom"}}, func(w *world, c call) error { return bar(w, c, desk.Hold) }},
	{"end-bar", "a member of staff", "End a stop or a hold on somebody; for a hold, agree to that.",
		[]param{{name: "person", kind: aPerson, needed: true, about: "on whom"}}, endBar},
	{"open-door", "a member of staff", "Order a pupil's door to open, so that the device can be taken out.",
		[]param{{name: "of", kind: aPerson, needed: true, about: "the pupil"}}, openDoor},
}

// staff is a member of staff of the script.
func (w *world) staff(name string) (*person, error) {
	p := w.people[name]
	if p == nil || p.is != oneStaff {
		return nil, wrong("%q is no member of staff here.", name)
	}
	return p, nil
}

// pair is a member of staff and whom they do something about.
func (w *world) pair(c call, whom string) (by, of *person, err error) {
	if by, err = w.staff(c.who); err != nil {
		return nil, nil, err
	}
	if of = w.people[c.text(whom)]; of == nil {
		return nil, nil, wrong("%q is not at this school.", c.text(whom))
	}
	return by, of, nil
}

func replaceBadge(w *world, c call) error {
	by, of, err := w.pair(c, "of")
	if err != nil {
		return err
	}
	fresh, err := w.books.Badges.Replace(context.Background(), by.actor.Account, of.id, badges.Why(c.text("why")))
	if err == nil {
		of.old, of.badge = of.badge, fresh.Token
	}
	return err
}

func bar(w *world, c call, kind desk.Kind) error {
	by, of, err := w.pair(c, "person")
	if err != nil {
		return err
	}
	_, err = w.books.Desk.Place(context.Background(), by.actor.Account, kind, locker.Subject{Person: of.id})
	return err
}

func endBar(w *world, c call) error {
	by, of, err := w.pair(c, "person")
	if err != nil {
		return err
	}
	for _, b := range w.books.Desk.Standing() {
		if b.On.Person == of.id {
			_, err := w.books.Desk.End(context.Background(), by.deskBy(), b.ID)
			return err
		}
	}
	return errs.New(errs.NotFound, "No bar stands against that person.", "")
}

// openDoor orders a door open and takes the device out for its owner.
func openDoor(w *world, c call) error {
	by, of, err := w.pair(c, "of")
	if err != nil {
		return err
	}
	b, err := w.bank(of.place.Bank)
	if err != nil {
		return err
	}
	result, err := b.order(locker.Order{Kind: locker.OpenDoor, Person: of.id, By: by.actor.Account})
	if err != nil {
		return err
	}
	if result.Answer != "" {
		return refusedBy(b, result.Answer)
	}
	w.after(toDoor, func() {
		if b.open[result.Door] {
			w.moves(of, inHands+of.name)
		}
	})
	w.after(toDoor+atWork, func() { b.shut(result.Door) })
	return nil
}

// refusedBy is a bank's refusal of an order.
func refusedBy(b *bank, why locker.Answer) error {
	return errs.New(errs.Denied, fmt.Sprintf("Bank %s refuses: %s.", b.id, why), "")
}
