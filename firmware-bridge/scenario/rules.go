package scenario

import (
	"strings"

	"github.com/bellkeep/bellkeep/locker"
)

// What must never be is looked at whenever something happens, not only after a
// step. Besides what a script says, these hold always: a door gets no second
// device, and none opens for somebody else than whose device is behind it.

// sprang is a door opening.
func (w *world) sprang(b *bank, n int) {
	d := door{b.id, n}
	w.opened = append(w.opened, d.String())
	for _, rule := range w.never {
		if ref, err := w.door(rule.Opens); rule.Opens != "" && err == nil && ref == d && w.during(rule) {
			w.broken("never (line %d): door %s opens", rule.Line, d)
		}
	}
	owner := w.behind(d)
	if v := b.core.State().VisitAt(n); v != nil && owner != nil && v.Person != owner.id && w.items[v.Item] != owner {
		w.broken("door %s opens for %s, and the device of %s is behind it", d, w.nameOf(v.Person), owner.name)
	}
}

// behind is whose device is behind a door.
func (w *world) behind(d door) *person {
	where := atDoor + d.String()
	for _, p := range w.byID {
		if p.where == where {
			return p
		}
	}
	return nil
}

// moves takes a device somewhere.
func (w *world) moves(owner *person, where string) {
	if d, ok := strings.CutPrefix(where, atDoor); ok {
		if ref, err := parseDoor(d); err == nil {
			if other := w.behind(ref); other != nil && other != owner {
				w.broken("the devices of %s and %s are behind door %s", other.name, owner.name, ref)
			}
		}
	}
	owner.where = where
	for _, rule := range w.never {
		if rule.Device == owner.name && w.isAt(owner, rule.Is) && w.during(rule) {
			w.broken("never (line %d): the device of %s is at %q", rule.Line, owner.name, where)
		}
	}
}

// isAt compares where a device really is with a place of a script.
func (w *world) isAt(owner *person, place string) bool {
	switch place {
	case anyDoor:
		return strings.HasPrefix(owner.where, atDoor)
	case atOwn:
		return owner.where == atDoor+door{owner.place.Bank, owner.place.Door}.String()
	}
	return owner.where == place
}

// shown is a kiosk's screen changing.
func (w *world) shown(b *bank) {
	if b.reader != nil && b.reader.name == w.doer {
		w.screen = b.screen
	}
	for _, rule := range w.never {
		if rule.Shows != "" && b.screen.Word == locker.Word(rule.Shows) && w.during(rule) && (rule.To == "" || b.reader != nil && b.reader.name == rule.To) {
			w.broken("never (line %d): the kiosk of bank %s shows %s", rule.Line, b.id, rule.Shows)
		}
	}
}

// notices looks whether one is prepared that must not be.
func (w *world) notices() {
	for _, rule := range w.never {
		if p := w.people[rule.To]; !rule.Notice || p == nil || !w.during(rule) {
			continue
		}
		for _, n := range w.books.Notices.List() {
			if n.Contact == w.people[rule.To].id {
				w.broken("never (line %d): a notice to %s is prepared", rule.Line, rule.To)
			}
		}
	}
}

func (w *world) during(rule Never) bool {
	return !w.now.Before(rule.After) && (rule.Before.IsZero() || w.now.Before(rule.Before))
}

func (w *world) nameOf(id string) string {
	if p := w.byID[id]; p != nil {
		return p.name
	}
	for _, p := range w.people {
		if p.id == id {
			return p.name
		}
	}
	return id
}

func cutOwn(text string) (name string, own bool) { return strings.CutPrefix(text, ownDoor) }
