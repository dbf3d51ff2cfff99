package board

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/labstack/echo/v4"
)

// BankHolds keeps who has approved the end of a hold that was placed at a bank.
type BankHolds interface {
	Asked(h desk.BankHold) desk.Asked
	ApproveEnd(ctx context.Context, who desk.By, h desk.BankHold) (persons [2]string, both bool, err error)
}

// bankHold is a hold of the bank's own, as a door's page shows it.
type bankHold struct {
	desk.BankHold
	By      string // who placed it, at the kiosk
	Placed  string
	Asker   string // the account that has approved its end, if any
	AskedAt string
	Mine    bool // the reader is that person
	nextWord
}

// bankHold is nil where a door has none.
func (o *pages) bankHold(s *scene, at place, who reader) *bankHold {
	held := at.Door.Hold
	if held == nil {
		return nil
	}
	h := &bankHold{BankHold: holdAt(at), By: s.who(held.By), Placed: s.at(held.Since.Wall)}
	if o.BankHolds == nil {
		return h
	}
	asked := o.BankHolds.Asked(h.BankHold)
	if asked.Some() {
		h.Asker, h.AskedAt, h.Mine = asked.By, s.at(asked.At), asked.Person == who.Person
	}
	h.nextWord = o.nextWord(asked.Wanted, asked.Some(), who)
	return h
}

// heldDoor is a door with a hold of its bank's own, as a list of holds shows it.
type heldDoor struct {
	place
	Hold *bankHold
	Link bool // the reader may see the door's page
}

func (o *pages) heldAtBanks(s *scene, who reader) []heldDoor {
	var list []heldDoor
	for _, b := range s.banks {
		for _, d := range b.Board.Doors {
			if at := (place{b, d}); d.Hold != nil {
				list = append(list, heldDoor{at, o.bankHold(s, at, who), who.may(roles.SeeBoard, "")})
			}
		}
	}
	return list
}

func holdAt(at place) desk.BankHold {
	return desk.BankHold{Bank: at.Bank.ID, Door: at.Door.Number, Since: at.Door.Hold.Since.Wall}
}

// endBankHold is one person's consent to the end of a bank's hold; with the
// second one the bank is told to end it.
func (o *pages) endBankHold(c echo.Context) error {
	n, _ := strconv.Atoi(c.Param("n"))
	b, door, ok := o.scene(0).door(n)
	if !ok || door.Hold == nil {
		return errs.New(errs.NotFound, "That door is not held any more.", "Look at the door's page.")
	}
	h := holdAt(place{b, door})
	if since, _ := strconv.ParseInt(c.FormValue("since"), 10, 64); since != h.Since.UnixMilli() {
		return errs.New(errs.Conflict, "That is another hold than the one you looked at.", "Look at the door's page again.")
	}
	persons, both, err := o.BankHolds.ApproveEnd(c.Request().Context(), asStaff(o.Who(c)), h)
	if err != nil {
		return err
	}
	if both {
		err = o.tellEnd(c.Request().Context(), h, persons, o.Who(c).Account)
	}
	o.changed()
	if err != nil {
		return err
	}
	if !o.May(c, roles.SeeBoard, roles.Target{}) {
		return c.Redirect(http.StatusSeeOther, "/bars")
	}
	return c.Redirect(http.StatusSeeOther, "/door/"+strconv.Itoa(n))
}

// tellEnd sends the order. The approvals stand, so the second person can try
// again when the bank did not answer.
func (o *pages) tellEnd(ctx context.Context, h desk.BankHold, persons [2]string, by string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), openWithin)
	defer cancel()
	done, err := o.Orders.Order(ctx, h.Bank, locker.Order{Kind: locker.OrderEndHold, Door: h.Door, By: by})
	if err != nil {
		return err
	}
	if done.Refused != "" {
		why, next := refusalWords(locker.Answer(done.Refused))
		return errs.New(errs.Conflict, why, next)
	}
	return o.awaitEnd(ctx, h)
}

// awaitEnd waits a moment for the bank's own record of the end, so that the page
// shown next does not still speak of the hold.
func (o *pages) awaitEnd(ctx context.Context, h desk.BankHold) error {
	for end := time.Now().Add(2 * time.Second); time.Now().Before(end); {
		news := o.Banks.News()
		if _, door, ok := o.scene(0).door(h.Door); !ok || door.Hold == nil {
			return nil
		}
		within, cancel := context.WithDeadline(ctx, end)
		err := o.Banks.Wait(within, news)
		cancel()
		if err != nil {
			return nil // the page shows it when it comes
		}
	}
	return nil
}
