package uplink

import (
	"context"
	"errors"
	"log/slog"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/wire"
)

// directory takes a directory: verified, newer than the one held, on disk, in
// force, in this order.
func (l *Link) directory(ctx context.Context, sealed []byte) error {
	return l.rules(ctx, wire.LeafDirectory, l.Store.PutDirectory, sealed)
}

func (l *Link) plan(ctx context.Context, sealed []byte) error {
	return l.rules(ctx, wire.LeafPlan, l.Store.PutPlan, sealed)
}

func (l *Link) rules(ctx context.Context, what wire.Leaf, put func(wire.Keys, []byte) (news bool, err error), sealed []byte) error {
	news, err := put(l.Keys, sealed)
	switch {
	case errs.CodeOf(err) == errs.Unavailable:
		warn("the bank's disk does not take what the school server sends; the rules before stay in force", err, "what", string(what))
		return nil // it comes again with the next connection
	case err != nil:
		return l.refuse(ctx, what, err)
	case !news:
		return nil
	}
	l.ruling.Lock() // the other half may have come at the same time: whoever rules last must have read last
	defer l.ruling.Unlock()
	rules, ready := l.Store.Rules()
	if !ready {
		return nil // the other half is still to come
	}
	return ended(ctx, l.Station.Rule(ctx, rules))
}

// order answers one order, unless it was not meant for this bank, or nobody can
// say yet what came of it: a refusal would then be a lie that invites a second
// order. What came of it is on the ledger.
func (l *Link) order(ctx context.Context, sealed []byte) error {
	payload, err := wire.Open(l.Keys, wire.TypeOrder, sealed)
	var o wire.Order
	if err == nil {
		err = wire.Decode(payload, &o)
	}
	if err == nil && (o.Bank != l.Bank || o.Ask == (o.Order != nil)) {
		err = errs.New(errs.Denied, "An order is meant for another bank, or for none.", "")
	}
	if err != nil {
		return l.refuse(ctx, wire.LeafOrder, err)
	}
	answer := wire.Answer{V: wire.V, ID: o.ID}
	if o.Ask {
		answer.Nonce, err = l.Station.Nonce(ctx, o.Approval)
	} else {
		o.Order.ID = o.ID
		var done Done
		done, err = l.Station.Order(ctx, *o.Order)
		answer.Seq, answer.Door, answer.Refused = done.Seq, done.Door, done.Refused
	}
	if ctx.Err() != nil {
		return nil
	}
	if !o.Ask && errors.Is(err, context.DeadlineExceeded) {
		warn("the bank did not say in time what came of an order", err, "order", o.ID)
		return nil
	}
	if err != nil {
		answer.Refused = string(errs.CodeOf(err))
	}
	return l.tell(ctx, wire.LeafAnswer, answer, false)
}

// beacon hears the server's signed time.
func (l *Link) beacon(ctx context.Context, sealed []byte) error {
	payload, err := wire.Open(l.Keys, wire.TypeTime, sealed)
	var b wire.Beacon
	if err == nil {
		err = wire.Decode(payload, &b)
	}
	if err != nil {
		return l.refuse(ctx, wire.LeafTime, err)
	}
	if l.Time != nil {
		l.Time(b.At)
	}
	return nil
}

// refuse puts on record that a message was not taken.
func (l *Link) refuse(ctx context.Context, what wire.Leaf, why error) error {
	warn("a message from the school server is refused", why, "what", string(what))
	return ended(ctx, l.Station.Refused(ctx, string(what), string(errs.CodeOf(why))))
}

// tell publishes a message of the bank's own. What the broker does not take is
// lost: an answer nobody waits for any more, or a state that comes again.
func (l *Link) tell(ctx context.Context, leaf wire.Leaf, message any, retain bool) error {
	data, err := wire.Encode(message)
	if err != nil {
		return err
	}
	within, cancel := context.WithTimeout(ctx, publishFor)
	defer cancel()
	if err := l.Bus.Publish(within, l.Root.Bank(l.Bank, leaf), data, retain); err != nil && ctx.Err() == nil {
		slog.Info("the broker did not take a message", "leaf", string(leaf), "err", err)
	}
	return nil
}

func warn(text string, err error, args ...any) {
	slog.Warn(text, append(args, "err", err, "next", errs.HintOf(err))...)
}

// ended is err, unless it only says that everything is being stopped.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
