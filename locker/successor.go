package locker

import (
	"cmp"
	"slices"

	"github.com/bellkeep/bellkeep/internal/school"
)

// Legacy is what one machine leaves to the next that works the same bank: what
// the school's copy of its ledger says at the end. Nobody knows what has happened
// at the doors since, so whoever takes it over believes the names and doubts the
// rest, until a person has looked.
type Legacy []Left

// Left is one line of it: something behind a door, a hold on one, or how often a
// grant was used.
type Left struct {
	Kind Kind `json:"kind"` // Carried or HoldPlaced
	Door int  `json:"door,omitempty"`
	Body
}

// MaxLegacy bounds a legacy: every door with a device and a hold, and grants.
const MaxLegacy = 4096

// MaxLook is how many doors somebody says in one order to have looked at: they fit
// into one record.
const MaxLook = 2000

// LegacyOf gives what is behind the doors of a bank, and what more must not be
// forgotten. An opening for a device to come in that nobody saw to its end may
// have left one there.
func LegacyOf(s *State, grants []Grant) Legacy {
	s = s.Clone()
	for _, v := range s.UnderWay() {
		if v.Phase == Opening {
			s.applyUnverified(v, Event{At: v.Began})
		}
	}
	var l Legacy
	for _, holdings := range []map[string]*Holding{s.Holdings, s.Items} {
		for _, h := range holdings {
			l = append(l, Left{Carried, h.Door, Body{Person: h.Person, Item: h.Item, Class: h.Class, By: h.By, Timing: h.Timing, Since: h.Since.Wall}})
		}
	}
	for door, h := range s.Holds {
		l = append(l, Left{HoldPlaced, door, Body{By: h.By, Since: h.Since.Wall}})
	}
	for _, g := range grants {
		if n := s.Used[g.ID]; n > 0 {
			l = append(l, Left{Carried, 0, Body{Grant: g.ID, Times: n}})
		}
	}
	slices.SortFunc(l, func(a, b Left) int {
		return cmp.Or(cmp.Compare(a.Door, b.Door), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Person+a.Item+a.Grant, b.Person+b.Item+b.Grant))
	})
	return l
}

// Events are how the ledger of the next machine begins: nothing before them counts
// any more. They are of no other kinds, whatever l says. It rests on the first known
// records of the ledger before.
func (l Legacy) Events(known uint64, now school.Instant) []Event {
	events := []Event{{Kind: TookOver, At: now, Body: Body{Of: known}}}
	for _, left := range l {
		if left.Kind == Carried || left.Kind == HoldPlaced {
			events = append(events, Event{Kind: left.Kind, At: now, Door: left.Door, Body: left.Body})
		}
	}
	return events
}

// applyTookOver forgets what the machine before believed. What follows on the
// ledger says what is left of it. That somebody was here today stays known.
func (s *State) applyTookOver(e Event) {
	for _, v := range s.UnderWay() {
		v.becomeUnsure(e.At)
	}
	for n := range s.Doors {
		s.Doors[n] = &Door{Number: n, Contact: Unknown, Unproven: true}
	}
	clear(s.Holdings)
	clear(s.Items)
	clear(s.ItemVisits)
	clear(s.Holds)
	clear(s.Used)
	s.Approvers = Approvers{} // whoever set the machine up tells it anew, in joining or at its kiosk
	s.Shuts, s.Ready, s.Fresh, s.Orders, s.Window = 0, false, true, nil, Window{}
	s.Evacuation, s.Asked = Evacuation{}, nil
}

// applyCarried takes what is left into custody, in doubt. The visit that goes with
// it is over for nobody: its owner may come again with the next hand-in.
func (s *State) applyCarried(seq uint64, e Event) {
	if e.Grant != "" {
		s.Used[e.Grant] = e.Times
		return
	}
	since := school.Instant{Wall: e.Since}
	v := &Visit{Person: e.Person, Item: e.Item, Door: e.Door, Purpose: Deposit, Intent: seq, Attempt: 1,
		Began: since, Ended: since, Phase: Unsure, Timing: e.Timing, By: e.By, Class: e.Class}
	if e.Item != "" {
		v.Purpose = PutItem
	}
	s.begin(v)
	s.keep(v, Holding{Since: since, Timing: e.Timing, Secured: true, Unsure: true, Carried: true})
}

// look answers somebody who says of doors that they are as they should be: shut,
// with the device in them that is said to be there, or with none. A door counts
// when its own sensors agree.
func (d decider) look(o Order) (Event, Answer) {
	var doors, others []int
	if len(o.Doors) > MaxLook {
		return Event{}, Malformed
	}
	for _, n := range o.Doors {
		switch {
		case d.Doors[n] == nil:
			return Event{}, NoSuchDoor
		case !d.InDoubt(n):
		case d.agrees(n):
			doors = append(doors, n)
		default:
			others = append(others, n)
		}
	}
	switch {
	case d.needsTwo(doors) && (o.Looked[0] == "" || o.Looked[1] == "" || o.Looked[0] == o.Looked[1]):
		return Event{}, TwoNeeded
	case len(doors) > 0:
		return Event{Kind: LookedAt, Body: Body{Doors: doors, Others: others, Approvals: o.Looked}}, ""
	case len(others) > 0:
		return Event{}, Disagrees
	}
	return Event{}, NoChange
}

// agrees reports whether the sensors of a door allow for what is believed of it.
func (d decider) agrees(n int) bool {
	door, held := d.Doors[n], d.HoldingAt(n) != nil || d.ItemAt(n) != nil
	switch {
	case !d.Ready, door.Contact != Closed, d.VisitAt(n) != nil, d.OutOfTurn()[n] != 0:
		return false
	case held:
		return door.Sensed != Absent
	}
	return door.Sensed != Present
}

// applyMoved notes what a door was seen to do without an order.
func (s *State) applyMoved(e Event) {
	d := s.door(e.Door)
	if d.Unproven && d.Contact == Open && e.Contact == Closed {
		s.Shuts++
		d.Shut = s.Shuts
	}
	s.applyContact(e.Door, e.Contact, e)
	d.Sensed = e.Sensed
}

// walkedAt reports whether a door that comes open is no wonder: another machine took
// over, nothing is behind it, and somebody walks along with the key.
func (s *State) walkedAt(d *Door) bool {
	return d.Unproven && s.HoldingAt(d.Number) == nil && s.ItemAt(d.Number) == nil
}

// OutOfTurn tells of doors whose wires may be exchanged. After another machine took
// over, somebody opens the empty doors with the key and shuts them in the order of
// their numbers. For each door at whose turn the sensor of another spoke, it gives
// that other one.
func (s *State) OutOfTurn() map[int]int {
	var turns []*Door
	for _, d := range s.Doors {
		if d.Unproven && d.Shut > 0 {
			turns = append(turns, d)
		}
	}
	slices.SortFunc(turns, func(a, b *Door) int { return cmp.Compare(a.Shut, b.Shut) })
	byNumber := slices.SortedFunc(slices.Values(turns), func(a, b *Door) int { return cmp.Compare(a.Number, b.Number) })
	out := map[int]int{}
	for i, d := range byNumber {
		if turns[i] != d {
			out[d.Number] = turns[i].Number
		}
	}
	return out
}

// unexpected is what an item sensor says that contradicts the record.
func (s *State) unexpected(door int) Sensed {
	if s.HoldingAt(door) != nil || s.ItemAt(door) != nil {
		return Absent
	}
	return Present
}

// Odd are the doors whose item sensors, as sensed tells them, contradict the
// record: nothing where something should be, or something where nothing should.
func Odd(s *State, sensed func(door int) Sensed) (doors []int) {
	for n := range s.Setup.All() {
		if said := sensed(n); said != NoSensor && said == s.unexpected(n) {
			doors = append(doors, n)
		}
	}
	return doors
}

// applyLookedAt ends the doubt about doors that a person and the sensors agree on.
func (s *State) applyLookedAt(seq uint64, e Event) {
	for _, n := range e.Doors {
		s.door(n).Unproven, s.door(n).ToLook = false, false
		for _, h := range []*Holding{s.HoldingAt(n), s.ItemAt(n)} {
			if h == nil {
				continue
			}
			h.Unsure, h.Carried = false, false
			if v := s.visit(h.Person, h.Item); v != nil && v.Door == n && v.Phase == Unsure {
				v.Phase = Finished
			}
		}
	}
	s.applyOrder(seq, e)
}

// InDoubt reports whether a person should look at a door: since another machine
// took over nobody has, or since somebody may have been at it, or nobody knows
// whether something is behind it.
func (s *State) InDoubt(n int) bool {
	for _, h := range []*Holding{s.HoldingAt(n), s.ItemAt(n)} {
		if h != nil && h.Unsure {
			return true
		}
	}
	return s.door(n).Unproven || s.door(n).ToLook
}
