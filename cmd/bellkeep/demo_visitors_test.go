package main

import (
	"testing"

	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// What a visitor of the demonstration puts behind a door is put in and the door
// shut, and it comes out again: on the school's record as in truth.
func TestVisitorsDoorsAreShut(t *testing.T) {
	w := openWorkday(t)
	go w.attend(t.Context())
	office, bank := w.demo.by(demoUser), w.bank("d").world
	file, err := w.server.Custody.Confiscate(t.Context(), w.demo.by(demoTeacher), desk.Confiscation{
		Whose: w.pupils("9B")[0].ID, What: desk.Phone, Reason: desk.Breach, Zone: desk.Classroom, Taken: w.clock.Now(), Considered: true, Despite: true,
	})
	w.must(err)
	in, err := w.server.Custody.Put(t.Context(), office, file.Item, "d", locker.ClassConfiscation)
	w.must(err)
	done, err := w.visitors.Order(t.Context(), "d", in.Order)
	if err != nil || done.Door == 0 {
		t.Fatalf("%+v, %v", done, err)
	}
	w.await("the phone behind a shut door", func() bool {
		item, err := w.server.Custody.Item(file.Item)
		return err == nil && item.Place.Kind == desk.Behind && item.Place.Door == done.Door && inside(bank, done.Door) && !bank.Door(done.Door).Open
	})
	out, err := w.server.Custody.TakeOut(t.Context(), office, file.Item)
	w.must(err)
	if done, err = w.visitors.Order(t.Context(), "d", out.Order); err != nil || done.Refused != "" {
		t.Fatalf("%+v, %v", done, err)
	}
	w.await("the phone out of it", func() bool {
		item, err := w.server.Custody.Item(file.Item)
		return err == nil && item.Place.Kind == desk.Hands && !inside(bank, done.Door) && !bank.Door(done.Door).Open
	})
}

// The headteacher of the demonstration finds one thing to decide, asked by another,
// also on a day that goes on from kept state.
func TestSomethingIsLeftToTheHead(t *testing.T) {
	w := openWorkday(t)
	for range 2 {
		w.must(w.leaveToHead(t.Context()))
	}
	var waiting []string
	for _, e := range w.server.Exceptions.All() {
		if w.server.Exceptions.State(e) == exception.Waiting {
			waiting = append(waiting, e.Asked.By)
		}
	}
	if len(waiting) != 1 || waiting[0] != demoTeacher {
		t.Errorf("asked by %q", waiting)
	}
}
