package trays

import (
	"context"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/tray"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

// Doors put trays behind doors of banks, and let them out.
type Doors interface {
	Put(ctx context.Context, by desk.By, id, bank string, c tray.Counted, unticked int) (desk.Ordered, error)
	TakeOut(ctx context.Context, by desk.By, id string) (desk.Ordered, error)
}

// Banks gives every bank as its record has it.
type Banks interface {
	Banks() []banks.Status
}

// Orders hands an order to a bank and waits for what became of it.
type Orders interface {
	Order(ctx context.Context, bank string, o locker.Order) (banks.Done, error)
}

// orderWithin is for an order in all, however slow the bank is.
const orderWithin = 15 * time.Second

// behindBank begins what stands for a bank's tray doors among the places.
const behindBank = "bank:"

// places are the named places, and the banks that have doors for trays.
func (p *pages) places() []kit.Option {
	list := append([]kit.Option{{Value: "", Text: "Choose a place"}}, p.Spots...)
	if p.Banks == nil {
		return list
	}
	for _, b := range p.Banks.Banks() {
		if b.Setup.Classes().Tray {
			list = append(list, kit.Option{Value: behindBank + b.Setup.Bank, Text: kit.BankName(b.Setup.Bank) + ", behind a door for trays"})
		}
	}
	return list
}

// bank is the bank that somebody chose as a place, "" for another place.
func bank(spot string) string {
	if id, ok := strings.CutPrefix(spot, behindBank); ok {
		return id
	}
	return ""
}

// order gives an order that is on record. Whoever closes the page does not take it back.
func (p *pages) order(ctx context.Context, what desk.Ordered) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), orderWithin)
	defer cancel()
	done, err := p.Orders.Order(ctx, what.Bank, what.Order)
	switch {
	case err != nil:
		return errs.Wrap(err, errs.Unavailable, "The bank does not answer. Nobody knows yet whether the door opened.", "Look at the bank, and load this page again.")
	case done.Refused == string(locker.NoDoor):
		return errs.New(errs.Conflict, "No door for trays is free there.", "Choose another place.")
	case done.Refused != "":
		return errs.New(errs.Denied, "The bank opens no door for this tray now.", "Choose another place, or ask the office to look at the bank.")
	case done.Seq == 0:
		return errs.New(errs.Unavailable, "The bank takes no orders for the moment. No door was opened.", "Try again in a few seconds.")
	}
	return nil
}

// asked says what is going on at a bank, "" for nothing.
func asked(t tray.Tray) string {
	switch {
	case t.Asked == nil:
		return ""
	case t.Asked.Put:
		return "A door for the tray is open. Put it in, and shut the door."
	}
	return "The tray’s door is open. Take it out, and shut the door."
}

// letOut opens the door of a tray that is behind one. It is asked for the credential
// again, as whatever opens a door.
func (p *pages) letOut(c echo.Context, t tray.Tray) error {
	return p.Proved(func(c echo.Context) error {
		return p.press(c, func() error {
			what, err := p.Doors.TakeOut(c.Request().Context(), p.by(c), t.ID)
			if err != nil {
				return err
			}
			return p.order(c.Request().Context(), what)
		})
	})(c)
}
