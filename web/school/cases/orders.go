package cases

import (
	"context"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

const (
	orderWithin = 15 * time.Second // for an order in all, however slow the bank is
	mostOrders  = 256              // remembered for the pages about them
)

// ordered is an order and what became of it.
type ordered struct {
	desk.Ordered
	Done banks.Done
	Err  error
	At   time.Time // school time
}

// orders are those given through these pages, newest last, by random key.
type orders struct {
	mu   sync.Mutex
	keys []string
	kept map[string]ordered
}

func (o *orders) keep(key string, was ordered) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.kept == nil {
		o.kept = map[string]ordered{}
	}
	if o.keys = append(o.keys, key); len(o.keys) > mostOrders {
		delete(o.kept, o.keys[0])
		o.keys = o.keys[1:]
	}
	o.kept[key] = was
}

func (o *orders) find(key string) (ordered, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	was, ok := o.kept[key]
	return was, ok
}

// order gives an order that is on record. Whoever closes the page does not take
// it back.
func (o *pages) order(ctx context.Context, key string, what desk.Ordered) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), orderWithin)
	defer cancel()
	done, err := o.Orders.Order(ctx, what.Bank, what.Order)
	o.opened.keep(key, ordered{Ordered: what, Done: done, Err: err, At: o.Now()})
}

// said puts what became of an order into words. Both are empty when the door was
// told to open.
func (was ordered) said() (why, next string) {
	switch {
	case was.Err != nil:
		if next = errs.HintOf(was.Err); next == "" {
			next = "Use the bank's keypad or key."
		}
		return "The bank does not answer. Nobody knows yet whether the door opened.", next
	case was.Done.Refused != "":
		return refusalWords(locker.Answer(was.Done.Refused))
	case was.Done.Seq == 0:
		return "The bank takes no orders for the moment. No door was opened.", "Try again in a few seconds, or use the bank's key."
	}
	return "", ""
}
