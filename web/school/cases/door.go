package cases

import (
	"strings"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// bankTitle is the whole name of a bank: a label that begins with it says it once.
func bankTitle(b banks.Status) string {
	name := kit.BankName(b.Setup.Bank)
	if b.Label == "" || strings.HasPrefix(strings.ToLower(b.Label), strings.ToLower(name)) {
		return name + strings.TrimPrefix(b.Label, name)
	}
	return name + ", " + b.Label
}

// unshut names a door that was opened for an item and not seen to shut on it: the
// item may be behind it, whatever these records say. It is "" for none.
func (o *pages) unshut(item string) string {
	for _, b := range o.Banks.Banks() {
		for _, i := range b.Board.Items {
			if i.ID == item && (i.State == view.ItemComing || i.State == view.ItemUnsure) {
				return "Door " + number(i.Door) + " of " + kit.BankName(b.Setup.Bank)
			}
		}
	}
	return ""
}

// stands reports whether a bank sees a door open now.
func (o *pages) stands(bank string, door int) bool {
	for _, b := range o.Banks.Banks() {
		if b.Setup.Bank != bank {
			continue
		}
		for _, d := range b.Board.Doors {
			if d.Number == door {
				return d.Contact == locker.Open
			}
		}
	}
	return false
}

// doorNow is how far the door of an order has come.
type doorNow string

const (
	opening  doorNow = "is opening"
	standing doorNow = "stands open"
	shut     doorNow = "is shut"
)

// now follows the door of an order: by its contact, and by where the bank's record
// has the item.
func (d orderedData) now(open bool) doorNow {
	behind := d.Item.Place.Kind == desk.Behind
	switch {
	case open:
		return standing
	case d.In == behind:
		return shut
	}
	return opening
}
