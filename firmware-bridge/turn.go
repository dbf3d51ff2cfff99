package bridge

import (
	"context"
	"slices"
	"time"

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
		t.Rules = in.Rules
		t.noteRules()
	case HelpAsked:
		t.noteBounded(&t.calls, locker.Event{Kind: locker.Help, At: t.now.School})
	case Tick:
		t.survey()
		t.noteWithheld(&t.strangers)
		t.noteWithheld(&t.known)
	}
	t.conclude()
	t.invite()
}

// invite keeps the kiosks from asking for badges while no door can be asked.
func (t *turn) invite() {
	if !t.state.Ready {
		return
	}
	for _, d := range t.state.Doors {
		if d.Contact != locker.Unknown {
			t.setInviting(true)
			return
		}
	}
	t.setInviting(false)
}

func (t *turn) setInviting(inviting bool) {
	if t.inviting == inviting {
		return
	}
	t.inviting = inviting
	word := locker.Starting
	if inviting {
		word = locker.Scan
	}
	for _, kiosk := range t.Kiosks {
		t.show(kiosk, locker.Screen{Word: word})
	}
}

// note applies an event and queues it for the ledger. The ledger has no other
// writer, so the sequence is known before the commit.
func (t *turn) note(e locker.Event) {
	t.state.Apply(t.next, e)
	t.next++
	t.events = append(t.events, e)
}

// noteRules records the rules in force.
func (t *turn) noteRules() {
	t.note(locker.Event{Kind: locker.InForce, At: t.now.School, Body: locker.Body{Directory: t.Rules.Directory.Version, Plan: t.Rules.Plan.Version}})
}

// show changes a kiosk's screen once everything before it is recorded. From
// then on no other kiosk speaks of that door.
func (t *turn) show(kiosk string, s locker.Screen) {
	for other, door := range t.showing {
		if door == s.Door {
			delete(t.showing, other)
		}
	}
	t.showing[kiosk] = s.Door
	t.screens = append(t.screens, func() { t.Display.Show(kiosk, s) })
}

// finish is the order of things: record, then move, then show.
func (t *turn) finish(ctx context.Context) error {
	refused, err := t.commit(ctx)
	if err != nil {
		return err
	}
	for _, change := range t.screens {
		change()
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

func (t *turn) scanned(in Scanned) {
	if !in.At.IsZero() && t.now.Machine.Sub(in.At) > OrderLife {
		return // whoever scanned has gone
	}
	if !t.state.Ready {
		t.show(in.Kiosk, locker.Screen{Word: locker.Starting})
		return
	}
	d := locker.Decide(t.state, t.Rules, in.Line, t.now.School)
	if d.Event.Kind == locker.Intent {
		t.pending[d.Event.Door] = &pending{asked: t.now.Machine, scanned: in.At}
		t.note(d.Event)
	} else if d.Event.Answer == locker.NoDoor {
		t.note(d.Event) // the office must come
	} else if d.Event.Person == "" {
		t.noteBounded(&t.strangers, d.Event)
	} else {
		t.noteBounded(&t.known, d.Event)
	}
	t.show(in.Kiosk, d.Screen)
}

// noteBounded records an event that anybody can cause as often as they like.
func (t *turn) noteBounded(f *flood, e locker.Event) {
	if e, ok := f.admit(e); ok {
		t.note(e)
	}
}

// noteWithheld records how many such events were not recorded, once they stop.
func (t *turn) noteWithheld(f *flood) {
	if n, ok := f.drain(t.now.School.Mono); ok {
		t.note(locker.Event{Kind: locker.Turned, At: t.now.School, Body: locker.Body{Answer: locker.Flooded, Withheld: n}})
	}
}

func (t *turn) looked(in Looked) {
	for _, n := range sortedKeys(in.Doors) {
		s, r := t.senses[n], in.Doors[n]
		if s == nil {
			continue
		}
		changed := s.read(r, in.At)
		if p := t.pending[n]; p != nil {
			p.look(r.Contact, in.At) // its verdict says what the door did
		} else if changed && t.state.Ready {
			t.observe(n, s)
		}
	}
	t.survey()
}

func (t *turn) missed(in Missed) {
	for _, n := range in.Doors {
		if s := t.senses[n]; s != nil && s.miss() && t.state.Ready && t.pending[n] == nil {
			t.observe(n, s)
		}
	}
	t.survey()
}

func (t *turn) observe(door int, s *sensing) {
	e, ok := locker.Observe(t.state, door, s.settled, s.item, t.now.School)
	if !ok {
		return
	}
	t.note(e)
	if e.Kind == locker.NothingIn {
		t.tell(door, locker.Screen{Word: locker.Empty, Door: door})
	}
}

// surveyWithin is how long the bank waits for doors it cannot make out.
const surveyWithin = 8 * time.Second

// survey ends the start: once every door has been read, or its board has not
// answered often enough, what was under way at the last stop is reconciled.
func (t *turn) survey() {
	if t.state.Ready {
		return
	}
	var e locker.Event
	for _, n := range t.state.Setup.Doors {
		s := t.senses[n]
		if s.settled == "" && t.now.Machine.Sub(t.began) < surveyWithin {
			return
		}
		switch s.settled {
		case "": // it flickers: one bad sensor must not keep the others waiting
			s.settled = locker.Unknown
			e.Unasked = append(e.Unasked, n)
		case locker.Open:
			e.OpenDoors = append(e.OpenDoors, n)
		case locker.Unknown:
			e.Unasked = append(e.Unasked, n)
		}
	}
	e.Kind, e.At = locker.Surveyed, t.now.School
	t.note(e)
	for _, e := range locker.Reconcile(t.state, t.now.School) {
		t.note(e)
	}
}

// sent notes that a frame went out, or that it never will.
func (t *turn) sent(in Sent) {
	p := t.pending[in.Order.Door]
	v := t.state.VisitAt(in.Order.Door)
	if p == nil || v == nil || v.Intent != in.Order.Receipt.Seq() {
		return // its outcome is on record already
	}
	if errs.CodeOf(in.Err) != errs.Denied {
		p.sent = in.At // with any other error the frame may have got through
		return
	}
	t.close(in.Order.Door, v, locker.NotSent)
	t.tell(in.Order.Door, locker.Screen{Word: locker.Stuck, Door: in.Order.Door})
}

// close records what an intent came to, and what its door has done besides.
func (t *turn) close(door int, v *locker.Visit, result locker.Result) {
	delete(t.pending, door)
	s := t.senses[door]
	if result == locker.Opened {
		s.settled = locker.Open // the verdict saw it twice since the frame
	}
	t.note(locker.Conclude(v, result, s.settled, t.now.School))
	t.observe(door, s)
}

// conclude settles what time alone decides: doors that do not open, and doors
// that do not shut.
func (t *turn) conclude() {
	for _, door := range sortedKeys(t.pending) {
		p, v := t.pending[door], t.state.VisitAt(door)
		if v == nil {
			delete(t.pending, door)
			continue
		}
		t.judge(door, p, v)
	}
	if t.state.Ready {
		for _, e := range locker.StandingOpen(t.state, t.now.School) {
			t.note(e)
		}
	}
}

func (t *turn) judge(door int, p *pending, v *locker.Visit) {
	result := p.verdict(v.Attempt, t.now.Machine)
	if result == "" {
		return
	}
	if result == locker.NoEffect && !locker.MayGoOn(t.state, t.Rules, v, t.now.School) {
		result = locker.Stopped
	}
	t.close(door, v, result)
	switch result {
	case locker.NoEffect:
		t.pending[door] = &pending{asked: t.now.Machine}
		t.note(locker.TryAgain(v, t.now.School))
	case locker.Jammed:
		t.tell(door, locker.Screen{Word: locker.Stuck, Door: door})
	}
}

// tell shows s where the kiosk still speaks of that door, so that the next
// pupil's screen is left alone.
func (t *turn) tell(door int, s locker.Screen) {
	for _, kiosk := range sortedKeys(t.showing) {
		if t.showing[kiosk] == door {
			t.show(kiosk, s)
		}
	}
}

func sortedKeys[K int | string, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
