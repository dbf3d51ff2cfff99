package main

import (
	"fmt"
	"testing"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/view"
)

// openOffice is a house whose bank has its last four doors for what staff take
// away.
func (r *rig) openOffice() *house {
	r.t.Helper()
	r.rewrite(r.path("school", "bank-a.yaml"), "numbers: 33-64, bus: right, board: 0, lock: 1}",
		"numbers: 33-60, bus: right, board: 0, lock: 1}\n  - {numbers: 61-64, bus: right, board: 1, lock: 13, class: confiscation}")
	h := r.openHouse()
	h.invite(r, server.Invitation{ID: "a", First: 1, Last: 60, Confiscation: banks.Run{First: 61, Last: 64}})
	return h
}

// ordered gives the bank an order about an item and waits for its door to open.
func (s *scene) ordered(h *house, kind locker.OrderKind, item string) (door int) {
	s.t.Helper()
	done, err := h.Banks.Order(s.t.Context(), "a", locker.Order{Kind: kind, Item: item, Class: locker.ClassConfiscation, By: secretary})
	if err != nil || done.Refused != "" || done.Door == 0 {
		s.t.Fatalf("to %s %s: %+v, %v", kind, item, done, err)
	}
	s.rig.await(fmt.Sprintf("door %d to open", done.Door), func() bool { return s.Door(done.Door).Open })
	return done.Door
}

// shows waits until the server's board shows the items like this.
func (h *house) shows(items ...string) {
	h.rig.t.Helper()
	h.rig.await(fmt.Sprintf("the items %q on the board", items), func() bool {
		var got []string
		for _, i := range h.Banks.Items("a") {
			got = append(got, fmt.Sprintf("%s %d %s", i.ID, i.Door, i.State))
		}
		return fmt.Sprint(got) == fmt.Sprint(items)
	})
}

// contact is what the server's board says of a door.
func (h *house) contact(door int) locker.Contact {
	for _, d := range h.Banks.Banks()[0].Board.Doors {
		if d.Number == door {
			return d.Contact
		}
	}
	return ""
}

// Items are put in and taken out by orders while the bank is killed with their
// doors open. It never guesses: what nobody saw is unsure until somebody has
// looked, and what its ledger says in the end is what happened.
func TestKilledWithItems(t *testing.T) {
	t.Parallel()
	h := newRig(t).openOffice()
	s := h.work("p-001")
	ctx := t.Context()
	moves := func(moved bool, err error) {
		t.Helper()
		if !moved || err != nil {
			t.Fatalf("the hands could not: %v, %v", moved, err)
		}
	}
	dies := func() {
		t.Helper()
		if !h.rig.killRunning() {
			t.Fatalf("the bank ended by itself\n%s", h.rig.bankErr)
		}
	}
	returns := func() {
		t.Helper()
		h.rig.startBank()
		s.awaitScreen(locker.Scan)
		h.rig.await("the bank on the line", h.online)
	}

	moves(s.PutIn(ctx, s.ordered(h, locker.OrderPut, "i-1"), "i-1"))
	h.shows("i-1 61 " + string(view.ItemIn))

	second := s.ordered(h, locker.OrderPut, "i-2")
	dies()
	moves(s.PutIn(ctx, second, "i-2"))
	returns()
	h.shows("i-1 61 "+string(view.ItemIn), "i-2 62 "+string(view.ItemUnsure))

	first := s.ordered(h, locker.OrderTake, "i-1")
	dies()
	moves(s.TakeOut(ctx, first, "i-1"))
	returns()
	h.shows("i-1 61 "+string(view.ItemUnsure), "i-2 62 "+string(view.ItemUnsure))

	first = s.ordered(h, locker.OrderTake, "i-1") // nothing is in there any more
	h.rig.await("the bank to see its door open", func() bool { return h.contact(first) == locker.Open })
	if shut, err := s.Push(first); !shut || err != nil {
		t.Fatalf("shut %v, %v", shut, err)
	}
	h.shows("i-2 62 " + string(view.ItemUnsure))
	moves(s.TakeOut(ctx, s.ordered(h, locker.OrderTake, "i-2"), "i-2"))
	h.shows()

	h.rig.stop()
	report := h.rig.compare()
	if differ := report.Differences(); len(differ) != 0 || !report.Balanced() || report.Frames != 5 {
		t.Errorf("%d frames, %d openings and %d more unsure; ledger and truth differ:\n%s", report.Frames, report.Openings, report.Unsure, audited(differ))
	}
}
