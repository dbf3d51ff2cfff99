package locker

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
)

// Order asks a bank for something from outside. Whoever hands it on has checked
// its signature and its nonce.
type Order struct {
	ID     string    `json:"id"`
	Nonce  string    `json:"nonce"` // single-use, handed out by the bank
	Kind   OrderKind `json:"kind"`
	Person string    `json:"person,omitempty"` // OpenDoor: whose device is to come out
	Item   string    `json:"item,omitempty"`   // OrderPut, OrderTake, OrderEvidence
	Door   int       `json:"door,omitempty"`   // OpenDoor without Person, OrderEndHold, OrderEvidence; OrderPut: 0 for any of Class
	Class  Class     `json:"class,omitempty"`  // OrderPut: of the door to choose; OrderTake: ClassTray for a tray
	Doors  []int     `json:"doors,omitempty"`  // OrderLook
	Looked [2]string `json:"looked,omitzero"`  // OrderLook at evidence: the two who looked
	By     string    `json:"by"`               // account of whoever asked

	Purpose  Purpose             `json:"purpose,omitempty"`  // OrderEvidence: HandOver or Restore
	To       string              `json:"to,omitempty"`       // OrderEvidence: id of who it goes to
	Approval string              `json:"approval,omitempty"` // what takes two: the nonce that both signed
	Signed   []passkey.Assertion `json:"signed,omitempty"`   // by each of the two
	Keys     *passkey.Set        `json:"keys,omitempty"`     // OrderApprovers
}

// OrderKind is what an order asks for.
type OrderKind string

// The kinds of order. Each opens one door at most, once; the last three open none.
const (
	OpenDoor  OrderKind = "open" // let a person's device out
	OrderPut  OrderKind = "put"  // open an empty door for an item
	OrderTake OrderKind = "take" // let an item out of a confiscation door

	OrderEvidence  OrderKind = "evidence"  // let an item out, past a hold if it goes to the police; takes two
	OrderEndHold   OrderKind = "end-hold"  // let the door open again; takes two
	OrderApprovers OrderKind = "approvers" // go by other keys of approvers; takes two
	OrderLook      OrderKind = "look"      // By has looked at Doors: they are as they should be
	OrderAllClear  OrderKind = "all-clear" // end the evacuation that the bank began
)

// TakesTwo reports whether two people must have signed an order of that kind with
// keys that the bank itself knows. No directory and no server can say they did.
func (k OrderKind) TakesTwo() bool {
	return k == OrderEvidence || k == OrderEndHold || k == OrderApprovers
}

// Answered is an order that got its answer: the same again if it comes again.
type Answered struct {
	ID     string
	Seq    uint64 // of the record that answered it
	Door   int    // that record's
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
// carried out becomes an Intent that names it, or ends a hold; any other becomes
// an OrderRefused. No kiosk shows either.
func DecideOrder(s *State, rules Rules, o Order, now school.Instant) Decision {
	d := decider{State: s, Rules: rules, now: now}
	e, why := Event{}, Malformed
	if o.wellFormed() {
		e, why = d.carryOut(o)
	}
	if why != "" {
		return Decision{Event: RefuseOrder(s, o, why, now)}
	}
	e.At, e.Order, e.By = now, o.ID, o.By
	return Decision{Event: e}
}

// carryOut is what a well-formed order comes to, or why to nothing.
func (d decider) carryOut(o Order) (Event, Answer) {
	if d.Evacuation.On() && !o.Kind.opensNothing() {
		return Event{}, Evacuated
	}
	switch o.Kind {
	case OpenDoor:
		return d.letOut(d.ordered(d.Directory, o))
	case OrderPut:
		return d.putItem(o.Item, o.Class, o.Door)
	case OrderTake:
		return d.letOut(d.itemOrdered(o))
	case OrderEvidence:
		return d.openEvidence(o)
	case OrderEndHold:
		return d.endHold(o)
	case OrderApprovers:
		return d.changeApprovers(o)
	case OrderLook:
		return d.look(o)
	case OrderAllClear:
		return d.allClear()
	}
	return Event{}, UnknownOrder
}

// letOut opens the door of what is held, unless there is a reason not to.
func (d decider) letOut(h *Holding, why Answer) (Event, Answer) {
	if why == "" {
		why = d.keeps(d.Rules, h, d.now)
	}
	if why != "" {
		return Event{}, why
	}
	purpose := Collection
	if h.Item != "" {
		purpose = TakeItem
	}
	return Event{Kind: Intent, Door: h.Door, Purpose: purpose, Body: Body{Person: h.Person, Item: h.Item, Attempt: 1}}, ""
}

// RefuseOrder is the record of an order that opens nothing. What is malformed,
// or no door of this bank, is not repeated there.
func RefuseOrder(s *State, o Order, why Answer, now school.Instant) Event {
	e := Event{Kind: OrderRefused, At: now, Body: Body{Answer: why}}
	if o.wellFormed() {
		e.Order, e.Person, e.Item, e.By = o.ID, o.Person, o.Item, o.By
	}
	if s.Doors[o.Door] != nil {
		e.Door = o.Door
	}
	return e
}

func (o Order) wellFormed() bool {
	for _, id := range []string{o.Person, o.Item, o.To, o.Approval, o.Looked[0], o.Looked[1]} {
		if id != "" && !school.ValidID(id) {
			return false
		}
	}
	return school.ValidID(o.ID) && school.ValidID(o.By)
}

// ordered finds the person's holding that an order speaks of, or why there is
// none.
func (s *State) ordered(dir *Directory, o Order) (*Holding, Answer) {
	if o.Person == "" {
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
	case s.Class(door) != ClassPupil:
		return nil, NoSuchDoor
	case h == nil:
		return nil, NothingHeld
	}
	return h, ""
}

// keeps says why what is held must stay where it is for now, whoever asks for
// it but its owner's badge; "" when it may come out.
func (s *State) keeps(rules Rules, h *Holding, now school.Instant) Answer {
	if rules.Directory.Barred(h.subject(), now) || s.keptShut(rules.Directory, h.Door, now) {
		return Barred
	}
	return s.unready(h)
}

// unready says why the door of what is held cannot be opened now; "" when it can.
func (s *State) unready(h *Holding) Answer {
	door := s.Doors[h.Door]
	switch {
	case !s.Ready || door == nil || door.Contact == Unknown:
		return NoReply
	case door.Contact == Open:
		return DoorOpen
	case s.visit(h.Person, h.Item).UnderWay() || s.VisitAt(h.Door) != nil:
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
	s.Orders = append(s.Orders, Answered{ID: e.Order, Seq: seq, Door: e.Door, Answer: e.Answer, At: e.At})
}
