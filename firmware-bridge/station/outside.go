package station

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/firmware-bridge/uplink"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker"
)

// A station is what an uplink brings the school server's word to.
var _ uplink.Bank = (*Station)(nil)

// answerWithin bounds how long somebody outside waits for the bank's loop. The
// loop itself waits for nobody.
const answerWithin = 5 * time.Second

// Refused records that a message from outside was not taken.
func (s *Station) Refused(ctx context.Context, what, why string) error {
	return s.put(ctx, bridge.MessageRefused{What: what, Why: why})
}

// Nonce hands out a nonce for one order, or for two people to sign. Errors: not_now.
func (s *Station) Nonce(ctx context.Context, approval bool) (string, error) {
	nonce, err := ask(ctx, s, func(reply func(string)) bridge.Input { return bridge.NonceAsked{Approval: approval, Reply: reply} })
	if err == nil && nonce == "" {
		err = errs.New(errs.NotNow, "The bank has no nonce to give.", "Try again in a few seconds.")
	}
	return nonce, err
}

// Order answers an order with its record and door, and why it was refused if it
// was.
func (s *Station) Order(ctx context.Context, o locker.Order) (uplink.Done, error) {
	result, err := ask(ctx, s, func(reply func(bridge.OrderResult)) bridge.Input { return bridge.Ordered{Order: o, Reply: reply} })
	return uplink.Done{Seq: result.Seq, Door: result.Door, Refused: string(result.Answer)}, err
}

// Peek lets look see what the bank believes.
func (s *Station) Peek(ctx context.Context, look func(*locker.State, locker.Rules)) error {
	_, err := ask(ctx, s, func(reply func(struct{})) bridge.Input {
		return bridge.Peeked{Look: func(state *locker.State, rules locker.Rules) {
			look(state, rules)
			reply(struct{}{})
		}}
	})
	return err
}

// ask puts a question to the bank's loop and waits for the answer.
func ask[T any](ctx context.Context, s *Station, question func(reply func(T)) bridge.Input) (answer T, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	answers := make(chan T, 1)
	if err := s.put(ctx, question(func(a T) { answers <- a })); err != nil {
		return answer, err
	}
	select {
	case answer = <-answers:
		return answer, nil
	case <-ctx.Done():
		return answer, ctx.Err()
	}
}
