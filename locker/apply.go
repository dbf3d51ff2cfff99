package locker

import (
	"slices"
	"time"
)

// Apply folds one recorded event into the state. It accepts every event: what
// is on the ledger has happened.
func (s *State) Apply(seq uint64, e Event) {
	switch e.Kind {
	case Started:
		s.Ready = false
		for _, d := range s.Doors {
			if d.Contact != Unknown {
				d.Before = d.Contact
			}
			d.Contact = Unknown
		}
	case Surveyed:
		s.applySurvey(e)
	case Intent:
		s.applyIntent(seq, e)
	case Outcome:
		s.applyOutcome(e)
	case Deposited, Collected, Rechecked, NothingIn, StillIn:
		s.applyShut(e)
	case Moved:
		s.applyMoved(e)
	case Doubted:
		for _, h := range s.Holdings {
			h.Unsure = true
		}
		for _, h := range s.Items {
			h.Unsure = true
		}
	case TookOver:
		s.applyTookOver(e)
	case Carried:
		s.applyCarried(seq, e)
	case LookedAt:
		s.applyLookedAt(seq, e)
	case ToLook:
		s.applyToLook(e)
	case EvacuationBegan, EvacuationEnded, AlarmSilent:
		s.applyEvacuation(seq, e)
	case LeftOpen:
		s.door(e.Door).LeftOpen = true
	case OrderRefused:
		s.applyOrder(seq, e)
	case HoldPlaced, HoldEnded:
		s.applyHold(seq, e)
	case ApproversOffered, ApproversLearned, ApproversChanged:
		s.applyApprovers(seq, e)
	case PINAccepted, PINRefused:
		s.applyPIN(e)
	case WindowOpened:
		s.Window = Window{Boot: e.At.Boot, Until: time.Duration(e.Until) * time.Millisecond}
	case WindowEnded:
		s.Window = Window{}
	}
}

func (s *State) applySurvey(e Event) {
	for n := range s.Doors {
		contact := Closed
		switch {
		case slices.Contains(e.Unasked, n):
			contact = Unknown
		case slices.Contains(e.OpenDoors, n):
			contact = Open
		}
		s.applyContact(n, contact, e)
		odd := slices.Contains(e.Odd, n)
		s.Doors[n].Sensed = NoSensor
		if odd {
			s.Doors[n].Sensed = s.unexpected(n)
		}
		s.Doors[n].changedMeanwhile(odd, e.At)
	}
	s.Ready, s.Fresh = true, false
}

// applyContact notes what a door was seen to do. A door that opens while no
// visit of its own is under way was forced, and what is behind it is unsure.
func (s *State) applyContact(door int, contact Contact, e Event) {
	d := s.door(door)
	was := d.Contact
	d.Contact = contact
	if contact != Open {
		d.LeftOpen = false
		return
	}
	if was != Open {
		d.OpenSince = e.At
	}
	d.Jammed = false                                                               // by order or by key: it opens
	if v := s.VisitAt(door); v != nil || was == Open || s.Fresh || s.walkedAt(d) { // the machine before may have opened it
		return
	}
	d.Forced = true
	for _, h := range []*Holding{s.HoldingAt(door), s.ItemAt(door)} {
		if h != nil {
			h.Unsure = true
		}
	}
}

func (s *State) applyIntent(seq uint64, e Event) {
	s.applyOrder(seq, e)
	s.applyStaffOpening(e)
	v := &Visit{Person: e.Person, Item: e.Item, Door: e.Door, Purpose: e.Purpose, Intent: seq, Attempt: e.Attempt, Began: e.At, Phase: Opening,
		Timing: e.Timing, Grant: e.Grant, Order: e.Order, By: e.By, Class: e.Class}
	if old := s.visit(e.Person, e.Item); old != nil {
		if e.Attempt > 1 {
			v.Began, v.Timing, v.Grant = old.Began, old.Timing, old.Grant
		}
		if e.Attempt > 1 || e.Purpose == Recheck || old.unsettled() {
			v.Ended = old.Ended // doing it again does not make it newer
		}
	}
	s.begin(v)
}

func (s *State) applyOutcome(e Event) {
	v := s.visit(e.Person, e.Item)
	if v == nil || v.Intent != e.Of {
		return // a later intent of the same person has taken over
	}
	defer s.forget(v)
	if v.Grant != "" && (e.Result == Opened || e.Result == Unverified) {
		s.Used[v.Grant]++
	}
	switch e.Result {
	case Opened:
		v.Phase = AtDoor
		s.applyContact(v.Door, Open, e)
		d := s.door(v.Door)
		d.Forced = false
		if v.Purpose.PutsIn() {
			old := s.holding(v.Person, v.Item)
			s.keep(v, Holding{Since: e.At, Timing: v.Timing, Unsure: old != nil && old.Unsure, Carried: old != nil && old.Carried})
		}
	case Jammed:
		s.applyFailed(v)
		s.door(v.Door).Jammed = true
	case NotSent, Stopped:
		s.applyFailed(v)
	case Unverified:
		s.applyUnverified(v, e)
	}
}

// applyFailed ends a visit whose door did not open. If it was a collection from
// a door left open since the hand-in, nobody will see that hand-in to its end.
func (s *State) applyFailed(v *Visit) {
	v.Phase = Failed
	if h := s.holding(v.Person, v.Item); h != nil && !h.Secured {
		h.Unsure = true
	}
}

// applyUnverified keeps both possibilities open: after a deposit something may
// be in, after a collection something may still be in.
func (s *State) applyUnverified(v *Visit, e Event) {
	v.becomeUnsure(e.At)
	switch h := s.holding(v.Person, v.Item); {
	case v.Purpose.PutsIn():
		s.keep(v, Holding{Since: e.At, Unsure: true})
	case v.Purpose.TakesOut() && h != nil:
		h.Unsure = true
	}
}

func (s *State) applyShut(e Event) {
	s.applyContact(e.Door, Closed, e)
	s.door(e.Door).Sensed = e.Sensed
	v, h := s.visit(e.Person, e.Item), s.holding(e.Person, e.Item)
	defer s.forget(v)
	if v != nil && v.Intent == e.Of {
		switch {
		case e.Unseen:
			v.becomeUnsure(e.At)
		case e.Kind == NothingIn, e.Kind == StillIn:
			v.Phase = Failed
		default:
			v.Phase = Finished
			s.door(e.Door).Unproven, s.door(e.Door).ToLook = false, false
		}
		if e.Kind == Collected {
			v.Ended = e.At
		}
	}
	if h == nil {
		return
	}
	switch {
	case e.Kind == Deposited, e.Kind == StillIn:
		h.Secured, h.Unsure = true, e.Unseen || e.Doubtful
	case e.Kind == Collected && e.Unseen:
		h.Unsure = true
	case e.Kind == Collected, e.Kind == NothingIn:
		s.letGo(h)
	}
}
