package sim

import (
	"context"
	"errors"
	"time"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/locker"
)

// fate is what a bus does with an order.
type fate struct {
	refused bool          // the bus takes none
	delay   time.Duration // until it is this order's turn
	reaches bool          // the frame gets to the board
	err     error         // what the bus says of it
}

var errBus = errors.New("the bus did not answer")

// fateOf draws what becomes of an order. Half of all orders find an idle bus
// and go out before Send has returned.
func (s *sim) fateOf() fate {
	f := fate{reaches: true}
	if s.chance(0.5) {
		f.delay = s.between(time.Millisecond, 300*time.Millisecond)
	}
	if s.chance(s.weather.badOrders) {
		switch s.rand.IntN(6) {
		case 0:
			f.refused = true
		case 1:
			f.delay = s.between(time.Second, bridge.OrderLife+2*time.Second)
		case 2:
			f.err = errBus // it got through all the same
		case 3:
			f.reaches, f.err = false, errBus
		case 4:
			f.reaches = false
		case 5:
			f.delay = s.between(bridge.OrderLife-50*time.Millisecond, bridge.OrderLife+50*time.Millisecond)
		}
	}
	return f
}

// Send is the bank handing an order to a bus.
func (s *sim) Send(order bridge.Order) bool {
	if !s.lit {
		return true // and nobody ever hears of it
	}
	s.auditor.checkRecorded(order.Door)
	f := s.fateOf()
	if s.cut == afterOrder {
		f = fate{reaches: true}
	}
	switch run := s.runs; {
	case f.refused:
		s.tell("", order.Door, "The bus takes no order for door %d.", order.Door)
		return false
	case f.delay == 0:
		s.deliver(order, f)
	default:
		s.after(f.delay, func() {
			if s.lit && s.runs == run {
				s.deliver(order, f)
			}
		})
	}
	if s.cut == afterOrder {
		s.powerCut()
	}
	return true
}

// deliver takes an order through the gate and reports what the bus says.
func (s *sim) deliver(order bridge.Order, f fate) {
	err := s.gate.Open(context.Background(), order, lock{s, f}, s.wall())
	if err != nil {
		s.tell("", order.Door, "The order for door %d comes back after %s: %v", order.Door, f.delay, err)
	}
	s.wire = append(s.wire, order)
	if s.chance(0.05) {
		s.after(s.between(time.Millisecond, 6*time.Second), s.replay)
	}
	sent, run := bridge.Sent{Order: order, At: s.wall(), Err: err}, s.runs
	s.after(s.between(time.Millisecond, 10*time.Millisecond), func() {
		if s.runs == run {
			s.handle(nil, sent)
		}
	})
	s.attend(s.byDoor[order.Door], 0)
}

// lock is the driver behind the gate, for one order.
type lock struct {
	*sim
	fate
}

// Unlock drives a latch, if the frame gets there. The auditor sees every call.
func (l lock) Unlock(_ context.Context, number int) error {
	l.auditor.checkLeaving(number, "gets a pulse")
	right, ok := l.auditor.spend(number)
	if ok && l.reaches {
		l.pulse(l.byDoor[number], right.purpose, l.pupil(right.person))
	}
	return l.err
}

// replay is somebody on the bus who wrote down orders and sends one again: as
// it was, for another door, for another purpose, or without its receipt.
func (s *sim) replay() {
	if !s.lit || len(s.wire) == 0 {
		return
	}
	s.count.Replays++
	newest := len(s.wire) - 1
	order := s.wire[max(0, newest-s.rand.IntN(3))]
	switch s.rand.IntN(6) {
	case 0:
		order.Door = s.doors[s.rand.IntN(len(s.doors))].number
	case 1:
		order.Purpose = locker.Recheck
	case 2:
		order = bridge.Order{Door: order.Door, Purpose: order.Purpose}
	case 3:
		order = s.wire[s.rand.IntN(len(s.wire))]
	}
	s.tell("", order.Door, "Somebody sends an old order for door %d again.", order.Door)
	_ = s.gate.Open(context.Background(), order, lock{s, fate{reaches: true}}, s.wall()) // the auditor sees it if a latch is driven
}
