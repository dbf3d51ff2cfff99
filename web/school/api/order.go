package api

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/locker/desk"
)

// Order is what became of an order to a bank. It is on record before it is given.
type Order struct {
	Bank    string `json:"bank"`
	Door    int    `json:"door,omitempty"`
	State   string `json:"state" enum:"opening,refused,not-taken,unknown" doc:"not-taken: the bank takes no orders for the moment; unknown: it did not answer, and nobody knows yet whether the door opened"`
	Refused string `json:"refused,omitempty" doc:"the bank's answer, as its ledger has it"`
}

// orderWithin is how long an order may take in all, however slow the bank is.
const orderWithin = 15 * time.Second

// order gives an order that is on record. Whoever breaks off the request does not
// take it back.
func (a *api) order(ctx context.Context, what desk.Ordered) Order {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), orderWithin)
	defer cancel()
	done, err := a.Orders.Order(ctx, what.Bank, what.Order)
	out := Order{Bank: what.Bank, Door: done.Door, State: "opening", Refused: done.Refused}
	switch {
	case err != nil:
		out.State = "unknown"
	case done.Refused != "":
		out.State = "refused"
	case done.Seq == 0:
		out.State = "not-taken"
	}
	return out
}
