package locker

import "github.com/bellkeep/bellkeep/internal/school"

// Observe says what a door that was seen in a new state means. Contact is the
// settled view of the sensor: debounced, and agreed by two reads. It returns
// false when nothing changed. What an intent under way has come to is not asked
// here: only who knows when its frame left can tell, see Conclude.
func Observe(s *State, door int, contact Contact, item Sensed, now school.Instant) (Event, bool) {
	d := s.Doors[door]
	v := s.VisitAt(door)
	switch {
	case d == nil:
		return Event{}, false
	case d.Contact == contact:
		return Event{}, false
	case contact == Closed && v != nil && v.Phase == AtDoor:
		e := shut(v, item, d.Contact == Unknown, now)
		e.Doubtful = s.handInAgain(v) && item != Present
		return e, true
	}
	return Event{Kind: Moved, At: now, Door: door, Body: Body{Contact: contact, Sensed: item}}, true
}

// Conclude gives an intent under way the result nobody could see happen.
func Conclude(v *Visit, result Result, contact Contact, now school.Instant) Event {
	return outcome(v, result, contact, now)
}

// TryAgain is the next intent of a visit whose door is still shut.
func TryAgain(v *Visit, now school.Instant) Event {
	body := Body{Person: v.Person, Item: v.Item, Class: v.Class, Attempt: v.Attempt + 1, Order: v.Order, By: v.By}
	return Event{Kind: Intent, At: now, Door: v.Door, Purpose: v.Purpose, Body: body}
}

// Reconcile closes what was under way when the bank last stopped, once all
// doors have been read again: an intent without an outcome is unverified, a
// door found shut was shut while nobody looked.
func Reconcile(s *State, now school.Instant) []Event {
	var events []Event
	for _, v := range s.UnderWay() {
		contact := s.door(v.Door).Contact
		switch {
		case v.Phase == Opening:
			events = append(events, outcome(v, Unverified, contact, now))
		case contact == Closed:
			events = append(events, shut(v, NoSensor, true, now))
		}
	}
	return events
}

// StandingOpen reports doors that have stood open for longer than OpenTooLong and
// were not reported before.
func StandingOpen(s *State, now school.Instant) []Event {
	var events []Event
	for n := range s.Setup.All() {
		d := s.Doors[n]
		if d.Contact == Open && !d.LeftOpen && now.Past(OpenTooLong, d.OpenSince) {
			events = append(events, Event{Kind: LeftOpen, At: now, Door: n})
		}
	}
	return events
}

// handInAgain reports whether a visit repeats a hand-in that nobody saw to its
// end. Whoever repeats it may just as well take out what was in.
func (s *State) handInAgain(v *Visit) bool {
	h := s.Holdings[v.Person]
	return v.Purpose == Deposit && h != nil && h.Unsure
}

func outcome(v *Visit, result Result, contact Contact, now school.Instant) Event {
	return Event{Kind: Outcome, At: now, Door: v.Door, Body: Body{Person: v.Person, Item: v.Item, Of: v.Intent, Result: result, Contact: contact}}
}

func shut(v *Visit, item Sensed, unseen bool, now school.Instant) Event {
	kind := Rechecked
	switch {
	case v.Purpose.PutsIn():
		kind = Deposited
	case v.Purpose.TakesOut():
		kind = Collected
	}
	switch {
	case kind == Deposited && item == Absent:
		kind = NothingIn
	case kind == Collected && item == Present:
		kind = StillIn
	}
	return Event{Kind: kind, At: now, Door: v.Door, Body: Body{Person: v.Person, Item: v.Item, Of: v.Intent, Sensed: item, Unseen: unseen, By: v.By}}
}
