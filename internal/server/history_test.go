package server

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/history"
	"github.com/bellkeep/bellkeep/mdm/mdmtest"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

// A joined device's lesson is told from what it reported, and proved by what the
// school's ledger has of its bell.
func TestWhatADeviceDidIsKept(t *testing.T) {
	clock := &turned{}
	c := millLane(t)
	zone := c.School.Calendar.Zone
	at := func(hour, minute int) time.Time { return time.Date(2026, 11, 23, hour, minute, 0, 0, zone) }
	clock.turn(at(8, 0))
	c.Now = func() school.Instant { return school.Instant{Wall: clock.now(), Trusted: true, Boot: "test"} }
	s := run(t, c)
	must(t, s.DeviceRules.Begin(t.Context(), "it", mdmtest.InLessons(mdm.Camera)))
	device := s.device(t, "tab-1", clock)
	shows := func(mode mdm.Mode) func() bool {
		return func() bool {
			rows := s.Devices.Board().Rows
			return len(rows) == 1 && rows[0].Verdict == mdm.InForce && (mode == "" || rows[0].Want.Mode == mode)
		}
	}
	eventually(t, "the device is there", shows(""))
	first := time.Time{}
	for _, p := range s.Day(at(12, 0)) {
		if p.Kind == mdm.Lesson {
			first = p.From
			break
		}
	}
	clock.turn(first)
	eventually(t, "the lesson is in force", shows(mdm.Lesson))
	eventually(t, "the history has seen the bell", func() bool {
		day, err := s.History.Read(school.DateOf(first))
		if err != nil {
			return false
		}
		lines := day.Lines("tab-1", first, first.Add(time.Minute))
		return len(lines) > 0 && lines[len(lines)-1].Mode == mdm.Lesson && lines[len(lines)-1].Verdict == mdm.InForce
	})
	var heard *shadow.Happened
	for range 3 {
		device.Tamper(mdm.Camera, mdm.User) // undone by its agent within a moment
		eventually(t, "the device tells of it", func() bool {
			e := s.Devices.Board().Rows[0].Event
			news := e != heard
			heard = e
			return news
		})
	}
	eventually(t, "each time is kept", func() bool {
		day, err := s.History.Read(school.DateOf(first))
		return err == nil && len(slices.DeleteFunc(day.Entries, func(e history.Entry) bool { return !strings.HasPrefix(e.Note, "drift") })) == 3
	})
	eventually(t, "the lesson is in force again", shows(mdm.Lesson))
	clock.turn(first.Add(2 * history.Settle))
	eventually(t, "the bell is on the ledger", func() bool {
		b, ok := s.DeviceBells.Last()
		return ok && b.Mode == mdm.Lesson && b.Counts[mdm.InForce] == 1 && b.Missed == nil
	})
	day, err := s.History.Read(school.DateOf(first))
	must(t, err)
	spans := day.Of("tab-1", mdm.Camera, first.Add(time.Second), first.Add(time.Minute))
	if len(spans) != 1 || !spans[0].Kept() || spans[0].Value != mdm.Block || day.Proof(first.Add(time.Minute)) != history.Proved {
		t.Errorf("told: %+v, proof %d, bells %+v", spans, day.Proof(first.Add(time.Minute)), day.Bells)
	}
}

// A camera that was on for half a second is in the history, though nobody looked
// while it was: what a device says is noted as it comes, before the next look at all.
func TestWhatLastsAMomentIsKept(t *testing.T) {
	clock := &turned{}
	c := millLane(t)
	lesson := time.Date(2026, 11, 23, 9, 30, 0, 0, c.School.Calendar.Zone)
	clock.turn(lesson)
	c.Now = func() school.Instant { return school.Instant{Wall: clock.now(), Trusted: true, Boot: "test"} }
	s, err := Open(t.Context(), c) // and does not run: nobody looks but this test
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	must(t, s.DeviceRules.Begin(t.Context(), "it", mdmtest.InLessons(mdm.Camera)))
	must(t, s.Fleet.List(t.Context(), "it", mdm.Device{ID: "tab-1", Platform: "pretend"}))
	must(t, s.Devices.Open(t.Context()))
	must(t, s.History.Step(t.Context()))

	row := func() shadow.Row { return s.Devices.Board().Rows[0] }
	tell := func(leaf wire.Leaf, message any) {
		payload, err := wire.Encode(message)
		must(t, err)
		must(t, s.Bus.Publish(t.Context(), s.Root.Device("tab-1", leaf), payload, true))
	}
	tell(wire.LeafPresence, mdm.NewPresence(true, "one", lesson))
	eventually(t, "it is there", func() bool { return row().Link.Online })
	for n, value := range []mdm.Value{mdm.Block, mdm.User, mdm.Block} {
		clock.turn(lesson.Add(time.Duration(n) * 500 * time.Millisecond))
		report := mdm.NewReported(row().Rev, mdm.Lesson, "one", clock.now())
		report.Set[mdm.Camera] = mdm.Outcome{State: mdm.Applied, Value: value}
		tell(wire.LeafReported, report)
		eventually(t, "the report is taken in", func() bool { said := row().Said; return said != nil && said.TS.Equal(clock.now()) })
	}
	clock.turn(lesson.Add(time.Minute)) // when it notes that it still watched
	must(t, s.History.Step(t.Context()))

	day, err := s.History.Read(school.DateOf(lesson))
	must(t, err)
	var told []string
	for _, span := range day.Of("tab-1", mdm.Camera, lesson, lesson.Add(2*time.Second)) {
		told = append(told, span.Until.Sub(span.From).String()+" "+string(span.Value))
	}
	if want := []string{"500ms " + string(mdm.Block), "500ms " + string(mdm.User), "1s " + string(mdm.Block)}; !slices.Equal(told, want) {
		t.Errorf("the camera is told to have been %q, want %q", told, want)
	}
}
