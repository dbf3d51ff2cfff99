package sim

import (
	"fmt"
	"time"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// server is who sends the bank orders, and what the model knows of them.
type server struct {
	sent   map[string]locker.Order       // by id
	nonces map[string]handedOut          // by nonce
	spent  map[string]string             // by nonce: the first order the bank got with it
	told   map[string]bridge.OrderResult // by id: the first answer
	newest []locker.Order
}

// handedOut is when a nonce was, and by which run of the bank.
type handedOut struct {
	at  time.Duration
	run int
}

func newServer() server {
	return server{sent: map[string]locker.Order{}, nonces: map[string]handedOut{}, spent: map[string]string{}, told: map[string]bridge.OrderResult{}}
}

// ordersOf plans what the office orders on a day: mostly phones that are in,
// now and then of somebody barred, or not in at all.
func (s *sim) ordersOf(day school.Date) {
	for range s.rand.IntN(6) {
		at := s.oclock(day, 9, 0) + s.between(0, 5*time.Hour)
		s.at(at, func() { s.orders(s.pupils[s.rand.IntN(len(s.pupils))]) })
	}
	s.at(s.oclock(day, 10, 30)+s.between(0, 4*time.Hour), func() {
		for _, p := range s.pupils {
			if p.phone != 0 && p.barred(s.instant()) {
				s.orders(p)
			}
		}
	})
	if s.chance(0.3) {
		s.at(s.oclock(day, 9, 30)+s.between(0, 3*time.Hour), func() { s.shutsOff(s.pupils[s.rand.IntN(len(s.pupils))]) })
	}
}

// shutsOff takes the door that holds somebody's phone out of use for an hour;
// some try to get at it all the same.
func (s *sim) shutsOff(p *pupil) {
	door := p.phone
	if door == 0 {
		return
	}
	s.tell("", door, "Door %d is taken out of use for an hour.", door)
	s.office.doorBars = append(s.office.doorBars, doorBar{period{s.wall(), s.wall().Add(time.Hour)}, door})
	s.excuseDoor(door)
	s.office.compile(s)
	for range 4 {
		s.after(s.between(time.Minute, 50*time.Minute), func() { s.orders(p) })
	}
	s.after(s.between(time.Minute, 50*time.Minute), func() {
		s.goesTo(s.anyStaff(), locker.Wish{Kind: locker.WishDoor, Door: door, Reason: locker.Other})
	})
}

// orders has the server ask for a nonce and send an order with it: in time,
// late, with somebody else's nonce or none, and some of them again.
func (s *sim) orders(p *pupil) {
	nonce := ""
	s.handle(nil, bridge.NonceAsked{Reply: func(n string) { nonce = n }})
	if nonce != "" {
		s.server.nonces[nonce] = handedOut{s.now, s.runs}
	}
	o := locker.Order{ID: fmt.Sprintf("order-%d", len(s.server.sent)+1), Nonce: nonce, Kind: locker.OpenDoor, Person: p.id, By: "office"}
	if s.chance(0.3) && p.phone != 0 {
		o.Person, o.Door = "", p.phone
	}
	wait := s.between(10*time.Millisecond, 800*time.Millisecond)
	switch s.rand.IntN(8) {
	case 0:
		wait = s.between(bridge.OrderLife-time.Second, bridge.OrderLife+3*time.Second)
	case 1:
		o.Nonce = ""
	case 2:
		if len(s.server.newest) > 0 {
			o.Nonce = s.server.newest[s.rand.IntN(len(s.server.newest))].Nonce
		}
	}
	s.server.sent[o.ID] = o
	s.server.newest = append(s.server.newest, o)
	s.server.newest = s.server.newest[max(0, len(s.server.newest)-3):]
	s.after(wait, func() { s.sends(o) })
	for s.chance(0.4) { // it did not hear the answer
		s.after(wait+s.between(time.Millisecond, 2*time.Second), func() { s.sends(o) })
		s.after(wait+s.between(time.Second, 40*time.Minute), func() { s.sends(o) })
	}
	if s.chance(0.3) { // a careless server signs another one with the same nonce
		other := o
		other.ID, other.Person, other.Door = o.ID+"-too", s.pupils[s.rand.IntN(len(s.pupils))].id, 0
		s.server.sent[other.ID] = other
		s.after(wait+s.between(time.Millisecond, 2*time.Second), func() { s.sends(other) })
	}
}

// sends brings an order to the bank.
func (s *sim) sends(o locker.Order) {
	if !s.lit {
		return
	}
	s.count.Orders++
	who := o.Person
	if who == "" {
		if h := s.bank.State().HoldingAt(o.Door); h != nil {
			who = h.Person
		}
	}
	s.tell(who, o.Door, "%s comes, for %s %d.", o.ID, o.Person, o.Door)
	if _, again := s.server.spent[o.Nonce]; !again {
		s.server.spent[o.Nonce] = o.ID
	}
	s.handle(nil, bridge.Ordered{Order: o, Reply: func(r bridge.OrderResult) { s.auditor.checkOrderAnswer(o, r) }})
}

// fetches sends a pupil to a door that opens for them by order or by staff.
func (s *sim) fetches(p *pupil, door int) {
	if p == nil {
		return
	}
	p.errand++
	p.wants, p.tries, p.told = takeOut, 0, door
	s.later(p, s.between(500*time.Millisecond, 2*time.Second), func() { s.waitsAt(p, door, s.between(4*time.Second, 9*time.Second)) })
}
