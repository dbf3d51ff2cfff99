package locker

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
)

// Order asks a bank, from outside, to let a device out. Whoever hands it on has
// checked its signature and its nonce.
type Order struct {
	ID     string    `json:"id"`
	Nonce  string    `json:"nonce"` // single-use, handed out by the bank
	Kind   OrderKind `json:"kind"`
	Person string    `json:"person,omitempty"` // whose device is to come out
	Door   int       `json:"door,omitempty"`   // or: the door it is behind
	By     string    `json:"by"`               // id of the staff member who asked
}

// OrderKind is what an order asks for.
type OrderKind string

// OpenDoor lets out what is held, once.
const OpenDoor OrderKind = "open"

// Answered is an order that got its answer: the same again if it comes again.
type Answered struct {
	ID     string
	Seq    uint64 // of the record that answered it
	Answer Answer // "" for an order that was carried out
	At     school.Instant
}

// How many answers to orders a bank remembers, and for how long. An older one
// that comes again fails on its nonce.
const (
	OrdersKept    = time.Hour
	maxOrdersKept = 256
)

// DecideOrder answers an order. It is one more input under the same bars, not a
// way round them; it needs neither window nor trusted time. An order that is
// carried out becomes an Intent to collect that names it, any other an
// OrderRefused. No kiosk shows either.
func DecideOrder(s *State, rules Rules, o Order, now school.Instant) Decision {
	h, why := s.ordered(rules.Directory, o)
	if why == "" {
		why = s.keeps(rules, h, now)
	}
	if why != "" {
		return Decision{Event: RefuseOrder(s, o, why, now)}
	}
	body := Body{Person: h.Person, Attempt: 1, Order: o.ID, By: o.By}
	return Decision{Event: Event{Kind: Intent, At: now, Door: h.Door, Purpose: Collection, Body: body}}
}

// RefuseOrder is the record of an order that opens nothing. What is malformed,
// or no door of this bank, is not repeated there.
func RefuseOrder(s *State, o Order, why Answer, now school.Instant) Event {
	e := Event{Kind: OrderRefused, At: now, Body: Body{Answer: why}}
	if o.wellFormed() {
		e.Order, e.Person, e.By = o.ID, o.Person, o.By
	}
	if s.Doors[o.Door] != nil {
		e.Door = o.Door
	}
	return e
}

func (o Order) wellFormed() bool {
	return school.ValidID(o.ID) && school.ValidID(o.By) && (o.Person == "" || school.ValidID(o.Person))
}

// ordered finds the holding that an order speaks of, or why there is none.
func (s *State) ordered(dir *Directory, o Order) (*Holding, Answer) {
	switch {
	case !o.wellFormed():
		return nil, Malformed
	case o.Kind != OpenDoor:
		return nil, UnknownOrder
	case o.Person == "":
		return s.behind(o.Door)
	}
	h := s.Holdings[o.Person]
	place, listed := dir.People[o.Person]
	switch {
	case h != nil && (o.Door == 0 || o.Door == h.Door):
		return h, ""
	case h == nil && !listed:
		return nil, UnknownPerson
	case h == nil && place.Bank != s.Bank:
		return nil, Elsewhere
	}
	return nil, NothingHeld
}

// behind finds the holding behind a pupil door, or why there is none.
func (s *State) behind(door int) (*Holding, Answer) {
	h := s.HoldingAt(door)
	switch {
	case s.Doors[door] == nil:
		return nil, NoSuchDoor
	case h == nil:
		return nil, NothingHeld
	}
	return h, ""
}

// keeps says why what is held must stay where it is for now, whoever asks for
// it but its owner's badge; "" when it may come out.
func (s *State) keeps(rules Rules, h *Holding, now school.Instant) Answer {
	door := s.Doors[h.Door]
	switch {
	case rules.Directory.Barred(Subject{Person: h.Person}, now),
		rules.Directory.Barred(Subject{Bank: s.Bank, Door: h.Door}, now):
		return Barred
	case !s.Ready || door == nil || door.Contact == Unknown:
		return NoReply
	case door.Contact == Open:
		return DoorOpen
	case s.Visits[h.Person].UnderWay() || s.VisitAt(h.Door) != nil:
		return Busy
	}
	return ""
}

// Answered finds the answer that an order got before.
func (s *State) Answered(order string) (Answered, bool) {
	i := slices.IndexFunc(s.Orders, func(a Answered) bool { return a.ID == order })
	if i < 0 {
		return Answered{}, false
	}
	return s.Orders[i], true
}

// applyOrder remembers the first answer to an order, and forgets old ones.
func (s *State) applyOrder(seq uint64, e Event) {
	if _, known := s.Answered(e.Order); known || e.Order == "" {
		return
	}
	s.Orders = slices.DeleteFunc(s.Orders, func(a Answered) bool { return !recently(OrdersKept, a.At, e.At) })
	if len(s.Orders) == maxOrdersKept {
		s.Orders = slices.Delete(s.Orders, 0, 1)
	}
	s.Orders = append(s.Orders, Answered{ID: e.Order, Seq: seq, Answer: e.Answer, At: e.At})
}
