package bridge

import (
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/locker"
)

func (t *turn) scanned(in Scanned) {
	if !in.At.IsZero() && t.now.Machine.Sub(in.At) > OrderLife {
		return // whoever scanned has gone
	}
	if !t.state.Ready {
		t.show(in.Kiosk, locker.Screen{Word: locker.Starting})
		return
	}
	d := locker.Decide(t.state, t.Rules, in.Line, t.now.School)
	t.welcome(in.Kiosk, d)
	if d.Event.Kind == locker.Intent {
		t.intend(d.Event, in.At)
	} else if d.Event.Answer == locker.NoDoor {
		t.noteBounded(&t.full, d.Event) // the office must come: no flood of others may hide it
	} else if d.Event.Person == "" {
		t.noteBounded(&t.strangers, d.Event)
	} else {
		t.noteBounded(&t.known, d.Event)
	}
	t.show(in.Kiosk, d.Screen)
}

// noteBounded records an event that anybody can cause as often as they like,
// unless there are too many of its kind.
func (t *turn) noteBounded(f *flood, e locker.Event) (noted bool) {
	e, noted = f.admit(e)
	if noted {
		t.note(e)
	}
	return noted
}

// noteWithheld records how many such events were not recorded, once they stop.
func (t *turn) noteWithheld(f *flood) {
	if n, ok := f.drain(t.now.School.Mono); ok {
		t.note(locker.Event{Kind: locker.Turned, At: t.now.School, Body: locker.Body{Answer: locker.Flooded, Withheld: n}})
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
