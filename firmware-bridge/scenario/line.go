package scenario

import (
	"context"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/locker"
)

// order has the school ask for a nonce and send an order with it. The
// answer says whether the bank carries it out. Errors: unavailable while the line
// is cut.
func (b *bank) order(o locker.Order) (bridge.OrderResult, error) {
	if b.cut || b.dark {
		return bridge.OrderResult{}, errs.New(errs.Unavailable, "The bank does not answer. No door was opened.", "Use the bank's keypad or key.")
	}
	o.ID = b.orderID()
	b.handle(bridge.NonceAsked{Reply: func(n string) { o.Nonce = n }})
	var result bridge.OrderResult
	b.handle(bridge.Ordered{Order: o, Reply: func(r bridge.OrderResult) { result = r }})
	return result, nil
}

// journal is the bank's ledger; what is written travels to the school.
type journal struct {
	*memlog.Log
	bank *bank
}

// Append records entries; see ledger.Appender.
func (j journal) Append(ctx context.Context, entries ...ledger.Entry) ([]ledger.Receipt, error) {
	receipts, err := j.Log.Append(ctx, entries...)
	if err == nil {
		j.bank.deliverSoon()
	}
	return receipts, err
}

// deliverSoon sends what the school has not got, in order, unless the line is
// cut then.
func (b *bank) deliverSoon() {
	if b.asked {
		return
	}
	b.asked = true
	b.after(lineTakes, func() {
		b.asked = false
		if !b.cut {
			b.deliver()
		}
	})
}

func (b *bank) deliver() {
	err := b.log.Read(context.Background(), b.sent, func(r ledger.Record) error {
		if r.Seq != b.sent {
			b.broken("bank %s: record %d comes after %d", b.id, r.Seq, b.sent)
		}
		b.sent = r.Seq + 1
		return b.heard(b, r)
	})
	if err != nil {
		b.broken("what bank %s says cannot be taken in: %v", b.id, err)
	}
}

// mend joins the line again: rules go down, the journal comes up.
func (b *bank) mend() {
	b.cut = false
	b.deliverSoon()
	b.rule()
}

// rule brings the newest rules to the bank, if the line holds.
func (b *bank) rule() {
	newest := b.given.Current()
	if b.cut || b.dark || b.rules.Directory.Version == newest.Directory.Version && b.rules.Plan.Version == newest.Plan.Version {
		return
	}
	b.rules = newest
	b.after(lineTakes, func() { b.handle(bridge.Ruled{Rules: newest}) })
}
