package trays

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/desk/tray"
)

// The start page says what nobody may overlook: left-overs, trays that nobody closed,
// tablets that differ.
func TestTasks(t *testing.T) {
	c := newClass(t)
	cfg := Config{Trays: c, Ends: c.Ends}
	says := func(what string, want ...string) {
		t.Helper()
		var got []string
		for _, task := range cfg.Tasks(c.now) {
			got = append(got, task.Key)
		}
		if len(got) != len(want) || len(got) > 0 && got[0] != want[0] {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	tick := func(id string, what ...desk.What) {
		t.Helper()
		_, err := c.Tick(t.Context(), by, tray.IDOf("7A", dayOf(c)), []tray.Tick{{ID: id, Pupil: "p-1", Part: tray.In, Line: tray.Line{Things: what}}})
		must(err)
	}
	says("nothing yet")
	got, err := c.Take(t.Context(), by, "7A")
	must(err)
	tick("one", desk.Phone)
	says("a tray that is in order")
	tick("two", desk.Watch)
	says("two tablets", "trays-unsettled")
	settled := tray.Tick{ID: "three", Pupil: "p-1", Part: tray.In, Line: tray.Line{Things: []desk.What{desk.Phone}}, After: []string{"one", "two"}}
	_, err = c.Tick(t.Context(), by, got.ID, []tray.Tick{settled})
	must(err)
	must(c.Lock(t.Context(), by, got.ID, tray.Counted{Spot: "cupboard", Count: tray.Count{desk.Phone: 1}}, 0))
	says("counted and away")
	c.now = time.Date(2026, 11, 23, 15, 45, 0, 0, time.UTC)
	says("half an hour after the end", "trays-late")
	must(c.Fetch(t.Context(), by, got.ID))
	must(c.Close(t.Context(), by, got.ID, "office-safe", tray.Count{desk.Phone: 1}))
	says("left over", "trays-left")
	for _, task := range cfg.Tasks(c.now) {
		if task.Permission != roles.DepositAtDesk || task.What != "1 device was left over in a class tray today, and is at the office." {
			t.Errorf("%+v", task)
		}
	}
}

var by = desk.By{Actor: school.Actor{Account: "supply", Person: "s-supply"}, Roles: []roles.Assignment{{Role: roles.Supply, Forms: []string{"7A"}}}}
