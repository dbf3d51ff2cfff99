package bridge

import (
	"time"

	"github.com/bellkeep/bellkeep/locker"
)

// NonceAsked is somebody about to send an order. Reply gets the nonce to put in
// it, good once and for OrderLife; "" when the bank has none to give for some
// seconds. With Approval it is the one for two people to sign, good once and for
// locker.ApprovalLife.
type NonceAsked struct {
	Approval bool
	Reply    func(nonce string)
}

// Ordered is an order whose signature has been checked.
//
// Reply is called once its answer is durable. It runs on the bank's loop and
// must not block; it is not called when the ledger fails, so who waits for it
// sets a limit.
type Ordered struct {
	Order locker.Order
	Reply func(OrderResult)
}

// OrderResult is the answer to an order. The same order again gets the same
// answer, for as long as the bank remembers it, and opens nothing.
type OrderResult struct {
	Seq    uint64        // of the record; 0 when refusals come too fast to be recorded one by one
	Door   int           // that is being opened, or was asked for; 0 for none
	Answer locker.Answer // "" when the order is being carried out, else why it is not
}

func (NonceAsked) isInput() {}
func (Ordered) isInput()    {}

func (t *turn) nonceAsked(in NonceAsked) {
	from := &t.nonces
	if in.Approval {
		from = &t.approvals
	}
	nonce := from.issue(t.now.Machine)
	t.reply(func() { in.Reply(nonce) })
}

// ordered weighs an order. Its nonce is spent whatever comes of it, and its
// latch must move within the life of that nonce.
func (t *turn) ordered(in Ordered) {
	if before, known := t.state.Answered(in.Order.ID); known {
		t.noteBounded(&t.refusals, locker.RefuseOrder(t.state, in.Order, locker.Replayed, t.now.School))
		t.reply(func() { in.Reply(OrderResult{before.Seq, before.Door, before.Answer}) })
		return
	}
	issued, why := t.nonces.use(in.Order.Nonce, t.now.Machine)
	if why == "" && in.Order.Kind.TakesTwo() {
		why = t.signedInTime(in.Order)
	}
	d := locker.DecideOrder(t.state, t.Rules, in.Order, t.now.School)
	if why != "" {
		d = locker.Decision{Event: locker.RefuseOrder(t.state, in.Order, why, t.now.School)}
	}
	result := OrderResult{Seq: t.next, Door: d.Event.Door, Answer: d.Event.Answer}
	switch d.Event.Kind {
	case locker.Intent:
		t.intend(d.Event, issued)
	case locker.HoldEnded, locker.LookedAt, locker.EvacuationEnded, locker.ApproversChanged: // no more than of holds, doubts and alarms; the last, two people signed
		t.note(d.Event)
	default:
		if !t.noteBounded(&t.refusals, d.Event) {
			result.Seq = 0
		}
	}
	t.reply(func() { in.Reply(result) })
}

// signedInTime says why what two people signed does not count any more, or once
// again. An order that nobody signed has nothing to be late; the bank's decision
// says what it lacks.
func (t *turn) signedInTime(o locker.Order) locker.Answer {
	if len(o.Signed) == 0 {
		return ""
	}
	_, why := t.approvals.use(o.Approval, t.now.Machine)
	return why
}

// intend notes an intent and waits for what comes of it. asked is when somebody
// asked for it, in machine time: a latch moves soon after that or not at all.
func (t *turn) intend(e locker.Event, asked time.Time) {
	t.pending[e.Door] = &pending{asked: t.now.Machine, scanned: asked}
	t.note(e)
}

// reply answers somebody once everything before is recorded.
func (t *turn) reply(answer func()) { t.replies = append(t.replies, answer) }
