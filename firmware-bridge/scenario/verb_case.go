package scenario

import (
	"context"
	"slices"
	"strconv"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// choices turns named strings into what a parameter may be.
func choices[S ~string](list []S) []string {
	var texts []string
	for _, s := range list {
		texts = append(texts, string(s))
	}
	return texts
}

var (
	ofPupil  = param{name: "of", kind: aPerson, needed: true, about: "the pupil whose device it is"}
	ofPupils = param{name: "of", kind: people, needed: true, about: "the pupils whose devices they are"}
	whatIs   = param{name: "what", kind: aChoice, among: choices(desk.Whats), about: "the kind of device; a phone when left out"}
)

// caseVerbs are what staff do with devices outside their owners' routine.
var caseVerbs = []verb{
	{"confiscate", "a member of staff", "Take a device from a pupil and put it on record. What is refused is not taken.",
		[]param{ofPupil, whatIs,
			{name: "reason", kind: aChoice, needed: true, among: choices(desk.Reasons), about: "why"},
			{name: "zone", kind: aChoice, needed: true, among: choices(desk.Zones), about: "where"},
			{name: "taken", kind: aTime, about: "when, if it was a while ago"},
			{name: "condition", kind: aText, about: "how it looks"},
			{name: "despite", kind: yesNo, about: "yes to go on although the pupil may keep it"},
			{name: "outside", kind: yesNo, about: "yes to go on although phones are not banned at that time"},
		}, confiscate},
	{"take-over", "a member of staff", "Take a device in custody over from a colleague.", []param{ofPupil}, takeOver},
	{"put-away", "a member of staff", "Put a device in custody behind a free confiscation door, or an evidence door.", []param{ofPupil,
		{name: "into", kind: oneBank, needed: true, about: "the bank"},
		{name: "behind", kind: aChoice, among: choices([]locker.Class{locker.ClassConfiscation, locker.ClassEvidence}), about: "which sort of door; confiscation when left out"}}, putAway},
	{"take-out", "a member of staff", "Take a device out of its confiscation door.", []param{ofPupil}, takeOut},
	{"return", "a member of staff", "Give a device back to a pupil who may keep it.", []param{ofPupil}, giveItBack},
	{"release", "a member of staff", "Hand a confiscated device to an adult; its door opens once that is on record.", []param{ofPupil,
		{name: "to", kind: aPerson, needed: true, about: "the adult, or the pupil"},
		{name: "identity", kind: aChoice, among: []string{string(desk.KnownToStaff), string(desk.PhotoID)}, about: "how the adult is known; photo-id when left out"},
	}, release},
	{"take-in", "a member of staff", "Take devices in at the desk from their owners, each into a place of its own.", []param{ofPupils, whatIs,
		{name: "spot", kind: aText, needed: true, about: "the named place; of several the first is called envelope-1 when this is envelope"},
		{name: "condition", kind: aText, about: "how they look"}}, takeIn},
	{"give-back", "a member of staff", "Give devices that were taken in at the desk back to their owners.", []param{ofPupils}, giveBack},
}

func (p *person) deskBy() desk.By { return desk.By{Actor: p.actor, Roles: p.roles} }

func confiscate(w *world, c call) error {
	by, of, err := w.pair(c, "of")
	if err != nil {
		return err
	}
	taken := w.now
	if c.text("taken") != "" {
		taken = w.today(c.text("taken"))
	}
	file, err := w.books.Custody.Confiscate(context.Background(), by.deskBy(), desk.Confiscation{
		Whose: of.id, What: desk.What(c.or("what", string(desk.Phone))), Reason: desk.Reason(c.text("reason")), Zone: desk.Zone(c.text("zone")),
		Taken: taken, Considered: true, Despite: c.yes("despite"), Outside: c.yes("outside"), Account: desk.Account{Condition: c.text("condition")},
	})
	if err != nil {
		return err
	}
	w.items[file.Item] = of
	w.moves(of, inHands+by.name)
	return nil
}

// inCustody is the item of a pupil that the school has, or the one it had last.
func (w *world) inCustody(of *person) (desk.Item, error) {
	items := w.books.Custody.ItemsOf(of.id)
	if len(items) == 0 {
		return desk.Item{}, wrong("No device of %s was ever in custody.", of.name)
	}
	if i := slices.IndexFunc(items, desk.Item.Open); i >= 0 {
		return items[i], nil
	}
	return slices.MaxFunc(items, func(a, b desk.Item) int { return a.Since.Compare(b.Since) }), nil
}

// itemOf is who acts, on whose item.
func (w *world) itemOf(c call) (by, of *person, i desk.Item, err error) {
	if by, of, err = w.pair(c, "of"); err == nil {
		i, err = w.inCustody(of)
	}
	return by, of, i, err
}

func takeOver(w *world, c call) error {
	by, of, i, err := w.itemOf(c)
	if err != nil {
		return err
	}
	if err := w.books.Custody.Move(context.Background(), by.deskBy(), i.ID, desk.InHandsOf(by.id)); err != nil {
		return err
	}
	w.moves(of, inHands+by.name)
	return nil
}

func putAway(w *world, c call) error {
	by, of, i, err := w.itemOf(c)
	if err != nil {
		return err
	}
	ordered, err := w.books.Custody.Put(context.Background(), by.deskBy(), i.ID, c.text("into"), locker.Class(c.or("behind", string(locker.ClassConfiscation))))
	if err != nil {
		return err
	}
	return w.obey(ordered, func(d door) { w.moves(of, atDoor+d.String()) })
}

// obey gives an order that is on record to its bank, and has somebody do at the
// open door what it was opened for.
func (w *world) obey(o desk.Ordered, do func(door)) error {
	b, err := w.bank(o.Bank)
	if err != nil {
		return err
	}
	result, err := b.order(o.Order)
	if err != nil {
		return err
	}
	if result.Answer != "" {
		return refusedBy(b, result.Answer)
	}
	w.after(toDoor, func() {
		if b.open[result.Door] {
			do(door{b.id, result.Door})
		}
	})
	w.after(toDoor+atWork, func() { b.shut(result.Door) })
	return nil
}

func takeOut(w *world, c call) error {
	by, of, i, err := w.itemOf(c)
	if err != nil {
		return err
	}
	ordered, err := w.books.Custody.TakeOut(context.Background(), by.deskBy(), i.ID)
	if err != nil {
		return err
	}
	return w.obey(ordered, func(door) { w.moves(of, inHands+by.name) })
}

func giveItBack(w *world, c call) error {
	by, of, i, err := w.itemOf(c)
	if err != nil {
		return err
	}
	if err := w.books.Custody.Return(context.Background(), by.deskBy(), i.Case); err != nil {
		return err
	}
	w.moves(of, inHands+of.name)
	return nil
}

func release(w *world, c call) error {
	by, of, i, err := w.itemOf(c)
	if err != nil {
		return err
	}
	to := w.people[c.text("to")]
	if to == nil {
		return wrong("%q is not at this school.", c.text("to"))
	}
	r := desk.Release{Case: i.Case, To: desk.ToParent, Contact: to.id, Identity: desk.Identity(c.or("identity", string(desk.PhotoID))), Signed: desk.Signature{Name: to.name}}
	if to == of {
		r.To, r.Contact = desk.ToOwner, ""
	}
	if err := w.books.Custody.Hand(context.Background(), by.deskBy(), r); err != nil {
		return err
	}
	gone := func(door) { w.moves(of, isGone+to.name) }
	if i.Place.Kind != desk.Behind {
		gone(door{})
		return nil
	}
	ordered, err := w.books.Custody.TakeOut(context.Background(), by.deskBy(), i.ID)
	if err != nil {
		return err
	}
	return w.obey(ordered, gone)
}

func takeIn(w *world, c call) error {
	by, err := w.staff(c.who)
	if err != nil {
		return err
	}
	pupils := w.all(c.names("of"))
	for n, of := range pupils {
		spot := c.text("spot")
		if len(pupils) > 1 {
			spot += "-" + strconv.Itoa(n+1)
		}
		if !school.ValidID(spot) {
			return wrong("A spot is called by small letters, digits and hyphens, like envelope-12.")
		}
		i, err := w.books.Custody.Take(context.Background(), by.deskBy(), desk.Intake{What: desk.What(c.or("what", string(desk.Phone))), Why: desk.GivenIn,
			Whose: of.id, Place: desk.At(spot), Condition: c.text("condition")})
		if err != nil {
			return err
		}
		w.items[i.ID] = of
		w.moves(of, atSpot+spot)
	}
	return nil
}

func giveBack(w *world, c call) error {
	by, err := w.staff(c.who)
	if err != nil {
		return err
	}
	for _, of := range w.all(c.names("of")) {
		i, err := w.inCustody(of)
		if err != nil {
			return err
		}
		if err := w.books.Custody.GiveBack(context.Background(), by.deskBy(), i.ID, desk.ToOwner); err != nil {
			return err
		}
		w.moves(of, inHands+of.name)
	}
	return nil
}

// custody is where the school's own records have a device: with its owner unless
// it is an item.
func (w *world) custody(owner *person) string {
	items := w.books.Custody.ItemsOf(owner.id)
	if len(items) == 0 {
		return inHands + owner.name
	}
	newest := slices.MaxFunc(items, func(a, b desk.Item) int { return a.Since.Compare(b.Since) })
	switch p := newest.Place; p.Kind {
	case desk.Behind:
		return atDoor + door{p.Bank, p.Door}.String()
	case desk.Hands:
		return inHands + w.nameOf(p.Person)
	case desk.AtSpot:
		return atSpot + p.Spot
	default:
		return w.gone(newest, owner)
	}
}

// gone is where a device went that left the school's custody.
func (w *world) gone(i desk.Item, owner *person) string {
	file, err := w.books.Custody.Case(i.Case)
	if err != nil || i.Place.To == desk.ToOwner {
		return inHands + owner.name
	}
	to, err := w.books.Custody.Receiver(context.Background(), file)
	if err != nil {
		w.broken("who got the device of %s cannot be read: %v", owner.name, err)
	}
	for _, p := range w.people {
		if p.is == oneContact && p.id == to.Contact {
			return isGone + p.name
		}
	}
	return isGone + string(i.Place.To)
}
