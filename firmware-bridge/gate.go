package bridge

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/locker"
)

// OrderLife is how long after its commit a receipt opens a door, and how long
// after a scan, or after the bank handed out the nonce of an order. A door must not pop open when the person who scanned has gone.
const OrderLife = 5 * time.Second

// Order asks for one door to be opened once.
type Order struct {
	Door    int
	Purpose locker.Purpose
	Receipt ledger.Receipt
	Scanned time.Time // machine time at which somebody asked for it; zero for a bank's own second try
}

// Lock moves the latch of a door by its number.
type Lock interface {
	Unlock(ctx context.Context, door int) error
}

// Checker tells receipts of this bank's ledger from all others.
type Checker interface {
	Check(ledger.Receipt) error
}

// Gate is the only caller of a lock. Without a receipt that is genuine, fresh,
// unused, and speaks of this bank, door and purpose, nothing moves.
type Gate struct {
	bank    string
	receipt Checker
	halted  atomic.Bool

	mu   sync.Mutex
	used map[uint64]time.Time // sequence to commit time; only those still alive
}

// NewGate guards the doors of one bank.
func NewGate(bank string, receipts Checker) *Gate {
	return &Gate{bank: bank, receipt: receipts, used: map[uint64]time.Time{}}
}

// Halt keeps every lock still, or lets them move again.
func (g *Gate) Halt(still bool) { g.halted.Store(still) }

// Open passes the order to lock once, with a context that ends when the order
// does: a lock whose bus is busy for longer lets it die. A denied error means
// that nothing was sent; any other error comes from the lock and means unknown.
func (g *Gate) Open(ctx context.Context, order Order, lock Lock, now time.Time) error {
	if err := g.admit(order, now); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, order.left(now))
	defer cancel()
	return lock.Unlock(ctx, order.Door)
}

// left is how long an order still lives.
func (o Order) left(now time.Time) time.Duration {
	left := OrderLife - now.Sub(o.Receipt.Committed())
	if !o.Scanned.IsZero() {
		left = min(left, OrderLife-now.Sub(o.Scanned))
	}
	return left
}

func (g *Gate) admit(order Order, now time.Time) error {
	r := order.Receipt
	if err := g.receipt.Check(r); err != nil {
		return err
	}
	age := now.Sub(r.Committed())
	switch {
	case g.halted.Load():
		return refuse("The building is being left: no door opens.")
	case r.Writer() != g.bank:
		return refuse("The receipt is of another bank.")
	case r.Door() != order.Door || r.Door() == 0:
		return refuse("The receipt is for another door.")
	case r.Purpose() != string(order.Purpose) || r.Purpose() == "":
		return refuse("The receipt is for another purpose.")
	case age > OrderLife || age < 0:
		return refuse("The receipt is too old, or from another time.")
	case !order.Scanned.IsZero() && now.Sub(order.Scanned) > OrderLife:
		return refuse("The door was asked for too long ago: the disk was slow.")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, again := g.used[r.Seq()]; again {
		return refuse("The receipt was used before.")
	}
	for seq, committed := range g.used {
		if now.Sub(committed) > OrderLife {
			delete(g.used, seq)
		}
	}
	g.used[r.Seq()] = r.Committed()
	return nil
}

func refuse(why string) error {
	return errs.New(errs.Denied, why, "Scan the badge, or ask for the door, again.")
}
