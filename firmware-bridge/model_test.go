package bridge

import (
	"fmt"

	"github.com/bellkeep/bellkeep/locker"
)

// truth is where everything really is, and what must never be done or believed.
// It knows nothing of how a bank decides.
type truth struct {
	setup   locker.Setup
	behind  map[string]int       // by thing: its door; a thing that is not here is in somebody's hand
	open    map[int]locker.Event // by door: the intent it stands open for
	jammed  map[int]bool
	intents map[uint64]locker.Event
	held    map[int]bool
	agreed  map[string][2]string // by order: the two people who really signed it
	wrong   error                // the first fault
}

func newTruth(setup locker.Setup) *truth {
	return &truth{setup: setup, behind: map[string]int{}, open: map[int]locker.Event{}, jammed: map[int]bool{}, intents: map[uint64]locker.Event{}, held: map[int]bool{}, agreed: map[string][2]string{}}
}

// thing is what an event is about: a person's phone, or an item.
func thing(person, item string) string { return person + "/" + item }

func (w *truth) fault(format string, args ...any) {
	if w.wrong == nil {
		w.wrong = fmt.Errorf(format, args...)
	}
}

// recorded takes what has just become durable.
func (w *truth) recorded(seq uint64, e locker.Event) {
	switch e.Kind {
	case locker.HoldPlaced:
		w.held[e.Door] = true
	case locker.HoldEnded:
		if w.agreed[e.Order] != e.Approvals {
			w.fault("the hold on door %d was ended by %v, and %v signed", e.Door, e.Approvals, w.agreed[e.Order])
		}
		delete(w.held, e.Door)
	case locker.Intent:
		w.intents[seq] = e
		w.intended(e, w.setup.Class(e.Door))
		if _, open := w.open[e.Door]; open { // who stands there goes by the newest screen
			w.open[e.Door] = e
		}
	}
}

func (w *truth) intended(e locker.Event, class locker.Class) {
	switch {
	case e.Purpose == locker.HandOver || e.Purpose == locker.Restore:
		if two := w.agreed[e.Order]; two == [2]string{} || e.Attempt == 1 && two != e.Approvals {
			w.fault("%v signed, and this is to open: %+v", two, e)
		}
	case w.held[e.Door]:
		w.fault("a held door is to open: %+v", e)
	case class == locker.ClassEvidence && e.Purpose != locker.PutItem:
		w.fault("an evidence door is to let something out: %+v", e)
	case (class == locker.ClassPupil) != (e.Item == ""):
		w.fault("a %s door is to open: %+v", class, e)
	}
	for other, door := range w.behind {
		if door == e.Door && (e.Purpose == locker.PutItem || other != thing(e.Person, e.Item)) {
			w.fault("a door is to open with %s behind it: %+v", other, e)
		}
	}
}

// pulse is a latch being driven. It moves for an intent on the ledger only.
func (w *truth) pulse(o Order) {
	e, ok := w.intents[o.Receipt.Seq()]
	if !ok || e.Door != o.Door || e.Purpose != o.Purpose {
		w.fault("door %d opens without an intent", o.Door)
	}
	if !w.jammed[o.Door] {
		w.open[o.Door] = e
	}
}

// use is somebody doing at an open door what it was opened for, and shutting it.
func (w *truth) use(door int) {
	e := w.open[door]
	name := thing(e.Person, e.Item)
	switch at, in := w.behind[name]; {
	case e.Purpose.PutsIn() && !in:
		w.behind[name] = door
	case e.Purpose.TakesOut() && at == door:
		delete(w.behind, name)
	}
	delete(w.open, door)
}

// weigh holds what a bank believes of doors at rest against what is.
func (w *truth) weigh(s *locker.State) {
	holders, known := map[int]string{}, map[string]int{}
	for _, holdings := range []map[string]*locker.Holding{s.Holdings, s.Items} {
		for _, h := range holdings {
			name, rests := thing(h.Person, h.Item), s.VisitAt(h.Door) == nil
			if holders[h.Door] != "" {
				w.fault("door %d is on record for %s and %s", h.Door, holders[h.Door], name)
			}
			holders[h.Door], known[name] = name, h.Door
			if rests && h.Secured && !h.Unsure && w.behind[name] != h.Door {
				w.fault("%s is on record behind door %d and lies behind %d", name, h.Door, w.behind[name])
			}
		}
	}
	for name, door := range w.behind {
		if known[name] != door && s.VisitAt(door) == nil {
			w.fault("%s lies behind door %d; on record: %d", name, door, known[name])
		}
	}
}
