package bridge

import (
	"context"
	"slices"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/record"
)

// turn is one call of Handle: the events it leads to, and what to do once they
// are recorded.
type turn struct {
	*Bank
	now     Moment
	events  []locker.Event
	screens []func()
	replies []func()
}

func (t *turn) take(in Input) {
	switch in := in.(type) {
	case Scanned:
		t.scanned(in)
	case Looked:
		t.looked(in)
	case Missed:
		t.missed(in)
	case Sent:
		t.sent(in)
	case Ruled:
		t.rule(in.Rules)
	case FireHeard:
		t.fireHeard(in)
	case NonceAsked:
		t.nonceAsked(in)
	case Ordered:
		t.ordered(in)
	case PINGiven:
		t.pinGiven(in)
	case Wished:
		t.wished(in)
	case StaffLeft:
		t.staffLeft(in)
	case MessageRefused:
		t.noteBounded(&t.messages, locker.Event{Kind: locker.MessageRefused, At: t.now.School, Body: locker.Body{What: in.What, Why: in.Why}})
	case Peeked:
		in.Look(t.state, t.Rules)
	case HelpAsked:
		t.noteBounded(&t.calls, locker.Event{Kind: locker.Help, At: t.now.School})
	case Tick:
		t.survey()
		t.forgetStaff()
		t.noteWithheld(&t.strangers)
		t.noteWithheld(&t.known)
		t.noteWithheld(&t.full)
		t.noteWithheld(&t.refusals)
		t.noteWithheld(&t.messages)
	}
	t.conclude()
	t.invite()
	t.proclaim()
}

// note applies an event and queues it for the ledger. The ledger has no other
// writer, so the sequence is known before the commit.
func (t *turn) note(e locker.Event) {
	e.During = t.state.Evacuation.On() || e.Kind == locker.EvacuationBegan
	t.state.Apply(t.next, e)
	t.unsigned = t.unsigned || e.Moves()
	t.next++
	t.events = append(t.events, e)
}

// rule brings rules into force, but no half of them in place of a newer one.
func (t *turn) rule(rules locker.Rules) {
	if rules.Directory.Version >= t.Rules.Directory.Version {
		t.Rules.Directory = rules.Directory
	}
	if rules.Plan.Version >= t.Rules.Plan.Version {
		t.Rules.Plan = rules.Plan
	}
	t.noteRules()
}

// noteRules records the rules in force, and what they begin or end.
func (t *turn) noteRules() {
	t.note(locker.Event{Kind: locker.InForce, At: t.now.School, Body: locker.Body{Directory: t.Rules.Directory.Version, Plan: t.Rules.Plan.Version}})
	for _, e := range locker.Heed(t.state, t.Rules, t.now.School) {
		t.note(e)
	}
}

// show changes a kiosk's screen once everything before it is recorded. From
// then on no other kiosk speaks of that door.
func (t *turn) show(kiosk string, s locker.Screen) {
	if t.state.Evacuation.On() {
		s = duringEvacuation(s)
	}
	for other, door := range t.showing {
		if door == s.Door {
			delete(t.showing, other)
		}
	}
	t.showing[kiosk] = s.Door
	t.screens = append(t.screens, func() { t.Display.Show(kiosk, s) })
}

// finish is the order of things: record, then move, then show and answer.
func (t *turn) finish(ctx context.Context) error {
	if t.leaving {
		t.halt(true) // no later than it is on record
	}
	refused, err := t.commit(ctx)
	if err != nil {
		return err
	}
	t.halt(t.leaving)
	for _, change := range t.screens {
		change()
	}
	for _, answer := range t.replies {
		answer()
	}
	if len(refused) == 0 {
		return nil
	}
	again := &turn{Bank: t.Bank, now: t.now}
	for _, order := range refused {
		again.sent(Sent{Order: order, At: t.now.Machine, Err: errs.New(errs.Denied, "The bus takes no orders.", "Check the bus; scan the badge again.")})
	}
	return again.finish(ctx)
}

// commit writes the events and sends the orders their receipts allow. It
// returns the orders no bus would take.
func (t *turn) commit(ctx context.Context) (refused []Order, err error) {
	seq := t.next - uint64(len(t.events))
	for events := range slices.Chunk(t.events, ledger.MaxEntries) {
		receipts, err := t.write(ctx, seq, events)
		if err != nil {
			return nil, err
		}
		seq += uint64(len(events))
		for i, e := range events {
			if e.Kind != locker.Intent {
				continue
			}
			order := Order{Door: e.Door, Purpose: e.Purpose, Receipt: receipts[i]}
			if p := t.pending[e.Door]; p != nil {
				order.Scanned = p.scanned
			}
			if !t.Sender.Send(order) {
				refused = append(refused, order)
			}
		}
	}
	return refused, nil
}

// write makes events durable, the first of them at sequence seq.
func (t *turn) write(ctx context.Context, seq uint64, events []locker.Event) ([]ledger.Receipt, error) {
	entries := make([]ledger.Entry, len(events))
	for i, e := range events {
		var err error
		if entries[i], err = record.Entry(e); err != nil {
			return nil, err
		}
	}
	receipts, err := t.Log.Append(ctx, entries...)
	switch {
	case err != nil:
		return nil, err
	case len(receipts) != len(events) || receipts[0].Seq() != seq:
		return nil, errs.New(errs.Internal, "The ledger has another writer.", "Stop the other program and start this one again.")
	}
	return receipts, nil
}

func sortedKeys[K int | string, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
