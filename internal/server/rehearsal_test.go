package server

import (
	"slices"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet"
	"github.com/bellkeep/bellkeep/mdm/mdmtest"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

// A device is as in a lesson for a minute, on a Sunday too, and no other is; then it is
// as before. One that somebody has is left alone.
func TestRehearsal(t *testing.T) {
	c := millLane(t)
	clock := &turned{}
	sunday := time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)
	clock.turn(sunday)
	c.Now = func() school.Instant { return school.Instant{Wall: clock.now(), Trusted: true, Boot: "test"} }
	devices := mdmtest.InLessons(mdm.Camera)
	c.School.Devices = &devices
	s := run(t, c)
	must(t, s.Fleet.List(t.Context(), "it", mdm.Device{ID: "tab-1", Platform: "pretend"}, mdm.Device{ID: "tab-2", Platform: "pretend"}))
	camera := func(id string) mdm.Value {
		rows := s.Devices.Board().Rows
		n := slices.IndexFunc(rows, func(r shadow.Row) bool { return r.Device.ID == id })
		if n < 0 {
			return ""
		}
		return rows[n].Want.Set[mdm.Camera]
	}
	eventually(t, "the devices have their rules", func() bool { return camera("tab-1") == mdm.User && camera("tab-2") == mdm.User })

	until, err := s.Rehearse(t.Context(), "it", "tab-1")
	must(t, err)
	if at, on := s.Rehearsed("tab-1"); !on || !at.Equal(until) || !until.Equal(sunday.Add(time.Minute)) {
		t.Errorf("it lasts until %s", until)
	}
	eventually(t, "one camera is off", func() bool { return camera("tab-1") == mdm.Block })
	if camera("tab-2") != mdm.User {
		t.Error("another device is as in a lesson, too")
	}
	clock.turn(sunday.Add(time.Minute))
	eventually(t, "it is as before", func() bool { return camera("tab-1") == mdm.User })
	if _, on := s.Rehearsed("tab-1"); on {
		t.Error("it is said to go on")
	}

	s.Fleet.MayHave = func(string) error { return nil }
	must(t, s.enrol(t, "p-1", "7A"))
	s.Fleet.Passcode = func(string) fleet.Confirmation { return fleet.Reported }
	must(t, s.Fleet.Issue(t.Context(), "it", fleet.Handover{Device: "tab-1", To: "p-1"}))
	if _, err := s.Rehearse(t.Context(), "it", "tab-1"); errs.CodeOf(err) != errs.Conflict || errs.HintOf(err) == "" {
		t.Errorf("of one that somebody has: %v", err)
	}
	if _, err := s.Rehearse(t.Context(), "it", "tab-9"); errs.CodeOf(err) != errs.NotFound {
		t.Errorf("of none: %v", err)
	}
}
