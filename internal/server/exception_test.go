package server

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/exceptions"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/identity"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/rules"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/agent/member"
	"github.com/bellkeep/bellkeep/mdm/agent/pretend"
	"github.com/bellkeep/bellkeep/mdm/fleet"
	"github.com/bellkeep/bellkeep/mdm/mdmtest"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

// turned is a school clock that a test turns.
type turned struct{ at atomic.Pointer[time.Time] }

func (c *turned) turn(t time.Time) { c.at.Store(&t) }

func (c *turned) now() time.Time { return *c.at.Load() }

// device joins a pretend device and lets it work until the test ends. What it is
// set to is read off the device itself.
func (s *Server) device(t *testing.T, id string, clock *turned) *pretend.Device {
	t.Helper()
	dir := t.TempDir()
	_, _, err := identity.Join(t.Context(), invite(t, s, cert.Device, id), dir, identity.Options{Now: time.Now})
	must(t, err)
	d := pretend.New(pretend.Nature{}, time.Now)
	m, err := member.Open(t.Context(), member.Config{Dir: dir, Root: s.Root, Platform: d, Changed: d.Changed(), Now: clock.now,
		Tick: 20 * time.Millisecond, Jitter: 20 * time.Millisecond, Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	return d
}

// A teacher asks for a class's cameras in one lesson and the head approves. The
// pupils' phones may be fetched for it, the class's device has its camera in that
// lesson, and neither a minute longer, nor another class's device at all.
func TestLessonBindsBanksAndDevices(t *testing.T) {
	clock := &turned{}
	c := millLane(t)
	zone := c.School.Calendar.Zone
	at := func(hour, minute int) time.Time { return time.Date(2026, 11, 23, hour, minute, 0, 0, zone) }
	clock.turn(at(8, 0))
	c.Now = func() school.Instant { return school.Instant{Wall: clock.now(), Trusted: true, Boot: "test"} }
	allowed := policy.Default()
	allowed.Curriculum = policy.StaffAndHead
	c.School.Policy = &rules.File{From: school.Date{Year: 2026, Month: 9, Day: 1}, Rules: allowed}
	devices := mdmtest.InLessons(mdm.Camera)
	c.School.Devices = &devices
	s := run(t, c)
	must(t, s.enrol(t, "p-1", "7A"))
	must(t, s.enrol(t, "p-2", "7B"))
	mine, other := s.device(t, "tab-1", clock), s.device(t, "tab-2", clock)
	s.Fleet.MayHave = func(string) error { return nil }
	s.Fleet.Passcode = func(string) fleet.Confirmation { return fleet.Reported }
	must(t, s.Fleet.Issue(t.Context(), "it", fleet.Handover{Device: "tab-1", To: "p-1"}))
	must(t, s.Fleet.Issue(t.Context(), "it", fleet.Handover{Device: "tab-2", To: "p-2"}))
	camera := func(d *pretend.Device) mdm.Value { return d.Read(mdm.Camera).Value }

	teacher := exceptions.By{Actor: school.Actor{Account: "teacher", Person: "s-teacher"}}
	head := exceptions.By{Actor: school.Actor{Account: "head", Person: "s-head"}, Head: true}
	terms := exception.Terms{Kind: exception.Curriculum, Form: "7A", Scope: exception.Once, From: at(8, 55).UTC(), Until: at(12, 15).UTC(), Review: at(12, 15).UTC(), Allow: []exception.Setting{exception.Camera}}
	id, err := s.Exceptions.Ask(t.Context(), teacher, terms, exception.Paper{Why: "survey", Departure: "no cameras"})
	must(t, err)
	must(t, s.Exceptions.Approve(t.Context(), head, id))
	eventually(t, "banks are told who may fetch and keep", func() bool {
		var kinds []locker.May
		for _, g := range s.Rules.Current().Directory.Grants {
			if g.Person == "p-1" && g.Until.Equal(at(12, 15)) {
				kinds = append(kinds, g.Kind)
			}
		}
		return len(kinds) == 2
	})

	clock.turn(at(9, 0))
	eventually(t, "both devices are as they must be in the lesson", func() bool {
		rows := s.Devices.Board().Rows
		return len(rows) == 2 && !slices.ContainsFunc(rows, func(r shadow.Row) bool { return r.Verdict != mdm.InForce || r.Want.Mode != mdm.Lesson })
	})
	if camera(mine) != mdm.User || camera(other) != mdm.Block {
		t.Errorf("in the lesson the class's camera is %s, the other's %s", camera(mine), camera(other))
	}
	clock.turn(at(12, 30))
	eventually(t, "lunch: both are free", func() bool { return camera(other) == mdm.User })
	clock.turn(at(13, 20))
	eventually(t, "the next lesson: both are blocked", func() bool { return camera(mine) == mdm.Block && camera(other) == mdm.Block })
	if g := s.Exceptions.Grants(); len(g) != 0 {
		t.Errorf("after the lesson banks are still told %v", g)
	}
}

// While the clock may be wrong an exception neither begins nor lapses at the
// banks; what a person ends is ended there at once.
func TestExceptionsByAClockThatMayBeWrong(t *testing.T) {
	var now atomic.Pointer[school.Instant]
	right := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	now.Store(&school.Instant{Wall: right, Trusted: true, Boot: "test"})
	c := millLane(t)
	c.Now = func() school.Instant { return *now.Load() }
	s := run(t, c)
	must(t, s.enrol(t, "p-1", "7A"))
	must(t, s.enrol(t, "p-2", "7A"))
	teacher := exceptions.By{Actor: school.Actor{Account: "teacher", Person: "s-teacher"}}
	head := exceptions.By{Actor: school.Actor{Account: "head", Person: "s-head"}, Head: true}
	ids := map[string]string{}
	for _, person := range []string{"p-1", "p-2"} {
		terms := exception.Terms{Kind: exception.Travel, Person: person, Scope: exception.AllDay, From: right, Until: right.AddDate(0, 1, 0), Review: right.AddDate(0, 1, 0)}
		id, err := s.Exceptions.Ask(t.Context(), teacher, terms, exception.Paper{Why: "bus"})
		must(t, err)
		must(t, s.Exceptions.Approve(t.Context(), head, id))
		ids[person] = id
	}
	kept := func() (list []string) {
		for _, g := range s.Rules.Current().Directory.Grants {
			if g.Person == "p-1" || g.Person == "p-2" {
				list = append(list, g.Person)
			}
		}
		return list
	}
	eventually(t, "both are given out", func() bool { return len(kept()) == 2 })
	now.Store(&school.Instant{Wall: right.AddDate(9, 0, 0), Boot: "test"})
	must(t, s.Exceptions.End(t.Context(), head, ids["p-1"], ""))
	eventually(t, "one is taken away", func() bool { return len(kept()) != 2 })
	if left := kept(); len(left) != 1 || left[0] != "p-2" {
		t.Errorf("still given: %v", left)
	}
}

// enrol puts a pupil on the roll.
func (s *Server) enrol(t *testing.T, id, form string) error {
	t.Helper()
	roll := register.Roll{People: []register.Entry{{ID: id, Kind: register.Pupil, Details: register.Details{MIS: id, Given: "Ada", Family: id, Form: form}}}}
	for _, p := range s.People.People() {
		roll.People = append(roll.People, register.Entry{ID: p.ID, Kind: p.Kind, Details: p.Details})
	}
	return s.People.Apply(t.Context(), "it", register.Diff(s.People.State(), roll), register.Stated{})
}
