package banks

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
)

const (
	nonceWithin = 5 * time.Second // for a bank to hand out a nonce: its life begins then
	orderWithin = 5 * time.Second // for a bank to answer an order
	mostOrders  = 256             // waiting for an answer
)

// Done is what became of an order at a bank.
type Done struct {
	Seq     uint64 // of what was decided, or of the refusal, on the bank's ledger
	Door    int    // that is being opened, or was asked for; 0 for none
	Refused string // why not, a locker.Answer; "" when the order is being carried out
}

// Bus is how the server speaks to its banks.
type Bus interface {
	Publish(ctx context.Context, topic string, payload []byte, retain bool) error
	Subscribe(ctx context.Context, filter string, handle func(topic string, payload []byte, retained bool)) error
}

// orders waits for the answers of banks.
type orders struct {
	root wire.Root
	key  *wire.Key
	bus  Bus

	mu      sync.Mutex
	waiting map[string]chan wire.Answer // by bank and order id
}

// give asks the bank for a nonce and sends the order that carries it. An error
// means that nobody knows whether the bank got the order: its ledger will say.
// Errors: unavailable.
func (o *orders) give(ctx context.Context, bank string, order locker.Order) (Done, error) {
	order.ID = ledger.NewID("o")
	nonce, err := o.ask(ctx, bank, wire.Order{V: wire.V, Bank: bank, ID: order.ID, Ask: true}, nonceWithin)
	if err != nil {
		return Done{}, errs.Wrap(err, errs.Unavailable, "The bank does not answer. No door was opened.", "Use the bank's keypad or key.")
	}
	if nonce.Nonce == "" {
		return Done{Refused: nonce.Refused}, nil
	}
	order.Nonce = nonce.Nonce
	answer, err := o.ask(ctx, bank, wire.Order{V: wire.V, Bank: bank, ID: order.ID, Order: &order}, orderWithin)
	if err != nil {
		return Done{}, errs.Wrap(err, errs.Unavailable, "The bank was told, and has not answered.", "Look at the door: its record follows as soon as the bank is back.")
	}
	return Done{Seq: answer.Seq, Door: answer.Door, Refused: answer.Refused}, nil
}

// approval asks the bank for a number that two people sign. Errors: unavailable.
func (o *orders) approval(ctx context.Context, bank string) (string, error) {
	id := ledger.NewID("o")
	answer, err := o.ask(ctx, bank, wire.Order{V: wire.V, Bank: bank, ID: id, Ask: true, Approval: true}, nonceWithin)
	if err == nil && answer.Nonce == "" {
		err = errors.New(answer.Refused)
	}
	if err != nil {
		return "", errs.Wrap(err, errs.Unavailable, "The bank does not answer, so nobody can sign for it yet.", "Look whether the bank is on the line; then try again.")
	}
	return answer.Nonce, nil
}

// ask sends one sealed message and waits for its answer.
func (o *orders) ask(ctx context.Context, bank string, message wire.Order, within time.Duration) (wire.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	answers, err := o.expect(bank + " " + message.ID)
	if err != nil {
		return wire.Answer{}, err
	}
	defer o.forget(bank + " " + message.ID)
	payload, err := wire.Encode(message)
	if err != nil {
		return wire.Answer{}, err
	}
	sealed, err := wire.Seal(o.key, wire.TypeOrder, payload)
	if err != nil {
		return wire.Answer{}, err
	}
	if err := o.bus.Publish(ctx, o.root.Bank(bank, wire.LeafOrder), sealed, false); err != nil {
		return wire.Answer{}, err
	}
	select {
	case a := <-answers:
		return a, nil
	case <-ctx.Done():
		return wire.Answer{}, ctx.Err()
	}
}

func (o *orders) expect(key string) (<-chan wire.Answer, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.waiting) >= mostOrders {
		return nil, errs.New(errs.NotNow, "Too many orders are waiting.", "Try again in a moment.")
	}
	answers := make(chan wire.Answer, 1)
	o.waiting[key] = answers
	return answers, nil
}

func (o *orders) forget(key string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.waiting, key)
}

// answered hands a bank's answer to whoever waits for it.
func (o *orders) answered(bank string, a wire.Answer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if answers := o.waiting[bank+" "+a.ID]; answers != nil {
		select {
		case answers <- a:
		default: // it has one already
		}
	}
}
