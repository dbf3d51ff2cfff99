package server

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/wire"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// A server that starts with a clock years off changes nothing that goes by the
// time: it gives out bars, keeps days and permissions, and rings no bells until
// the clock is right.
func TestUntrustedClock(t *testing.T) {
	var now atomic.Pointer[school.Instant]
	set := func(wall time.Time, trusted bool) {
		now.Store(&school.Instant{Wall: wall, Trusted: trusted, Boot: "test"})
	}
	right := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	set(right, true)
	c := millLane(t)
	c.Now = func() school.Instant { return *now.Load() }

	s, err := Open(t.Context(), c)
	must(t, err)
	_, err = s.Desk.Give(t.Context(), "it", locker.Grant{Kind: locker.MayKeep, Person: "p-1", From: right, Until: right.Add(time.Hour)})
	must(t, err)
	must(t, s.listDevice(t.Context(), Invitation{By: "it", ID: "d-1", Label: "d-1", Group: "year-7", Platform: "pretend"}))
	must(t, s.compile(t.Context()))
	before := s.Rules.Current()
	must(t, s.Close())

	set(right.AddDate(9, 0, 0), false)
	s = run(t, c)
	_, err = s.Desk.Place(t.Context(), "it", desk.Stop, locker.Subject{Person: "p-1"})
	must(t, err)
	eventually(t, "the bar in the directory", func() bool {
		return slices.ContainsFunc(s.Rules.Current().Directory.Bars, func(b locker.Bar) bool { return b.Subject.Person == "p-1" })
	})
	after := s.Rules.Current()
	if len(after.Directory.Grants) != len(before.Directory.Grants) || after.Plan.Version != before.Plan.Version {
		t.Errorf("%d permissions, plan %d; before %d, %d", len(after.Directory.Grants), after.Plan.Version, len(before.Directory.Grants), before.Plan.Version)
	}
	desired := make(chan string, 8)
	must(t, s.Broker.Conn().Subscribe(t.Context(), s.Root.Device(wire.Any, wire.LeafDesired), func(topic string, _ []byte, _ bool) { desired <- topic }))
	if len(s.Devices.Board().Rows) != 0 {
		t.Error("a bell was rung")
	}
	set(right, true)
	await(t, desired, "the bell by the right clock")
}

// Rules that are too long for a message do not keep the server from starting.
func TestRulesTooLongForTheBanks(t *testing.T) {
	c := millLane(t)
	c.School.Bars = append(slices.Clone(c.School.Bars), locker.Bar{ID: strings.Repeat("b", wire.MaxMessage), Subject: locker.Subject{Person: "p-1"}})
	s := run(t, c)
	if !s.tooLong || s.Rules.Current().Directory.Version != 0 {
		t.Errorf("directory %d is given out", s.Rules.Current().Directory.Version)
	}
}

// Commands cut the lines of a server only if it was started for tests.
func TestCutIsForTests(t *testing.T) {
	for _, breakable := range []bool{false, true} {
		c := millLane(t)
		c.Breakable = breakable
		run(t, c)
		var lines []BankLine
		eventually(t, "a socket for commands", func() bool { return control.Ask(t.Context(), c.Dir, "/banks", struct{}{}, &lines) == nil })
		err := control.Ask(t.Context(), c.Dir, "/cut", struct{}{}, &struct{}{})
		if (err == nil) != breakable {
			t.Errorf("breakable %v: %v", breakable, err)
		}
	}
}

// A name does not get onto the ledger as the account of whoever invites, and a
// run of doors is listed whole or not at all.
func TestInviteRefuses(t *testing.T) {
	s := run(t, millLane(t))
	whole := Invitation{By: "it", Kind: cert.Bank, ID: "z", First: 1, Last: 1200, Allotment: locker.Fixed}
	named, endless := whole, whole
	named.By = "Ada Office"
	endless.Last = 1 << 40
	for _, in := range []Invitation{named, endless} {
		if _, _, err := s.Invite(t.Context(), in); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%+v: %v", in, err)
		}
	}
	if len(s.List.All()) != 0 {
		t.Errorf("listed: %v", s.List.All())
	}
	if _, _, err := s.Invite(t.Context(), whole); err != nil {
		t.Fatal(err)
	}
	if b, _ := s.List.Get("z"); len(b.Setup.Doors) != 1200 {
		t.Errorf("%d doors", len(b.Setup.Doors))
	}
}
