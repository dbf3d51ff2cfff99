package sim

import (
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	os.Exit(m.Run())
}

func TestSeeds(t *testing.T) {
	var all Count
	for seed := range uint64(16) {
		r := Run(Config{Seed: seed, Days: 2})
		if r.Failure != nil {
			t.Error(r.Failure)
		}
		all.Add(r.Count)
	}
	for what, n := range map[string]int{
		"scans": all.Scans, "openings": all.Openings, "power cuts": all.PowerCuts, "crashes": all.Crashes, "jams": all.Jams,
		"clock steps": all.ClockSteps, "silences": all.Silences, "replays": all.Replays, "phones taken out": all.TakenOut,
		"orders": all.Orders, "refused orders": all.Refusals, "staff windows": all.Windows, "doors opened by staff": all.StaffDoors, "evacuations": all.Evacuations,
	} {
		if n < 10 {
			t.Errorf("only %d %s in all seeds: the days are too quiet to prove anything", n, what)
		}
	}
}

// The same seed gives the same ledger, to the byte; another seed another one.
func TestRunRepeatsItself(t *testing.T) {
	first := Run(Config{Seed: 7, Days: 3})
	again := Run(Config{Seed: 7, Days: 3, Story: io.Discard})
	other := Run(Config{Seed: 8, Days: 3})
	if first.Ledger != again.Ledger || first.Count != again.Count {
		t.Errorf("seed 7 gave %v and %v", first.Count, again.Count)
	}
	if first.Ledger == other.Ledger {
		t.Error("seeds 7 and 8 gave the same ledger")
	}
}

// opened is a school in the middle of its first morning, with power.
func opened(t *testing.T, seed uint64) *sim {
	t.Helper()
	s := open(Config{Seed: seed, Days: 1}, &narrator{keep: true})
	for s.now < s.oclock(s.days[0], 8, 34) || !s.lit || !s.bank.State().Ready {
		if !s.step() {
			t.Fatal("the school has closed")
		}
	}
	return s
}

// Every rule that guards a latch, a record or a scan can fail: here somebody
// breaks it by hand, around the product.
func TestRulesCanFail(t *testing.T) {
	cases := []struct {
		rule  string
		wrong func(s *sim)
	}{
		{ruleRecorded, func(s *sim) { _ = lock{s, fate{reaches: true}}.Unlock(t.Context(), s.doors[0].number) }},
		{ruleRecorded, func(s *sim) { s.Send(bridge.Order{Door: s.doors[0].number, Purpose: locker.Deposit}) }},
		{ruleTheirs, func(s *sim) { s.auditor.checkDoorIsTheirs("somebody", holder(s).phone) }},
		{ruleOutcomes, func(s *sim) {
			s.auditor.follow(0, locker.Event{Kind: locker.Outcome, Door: s.doors[0].number, Body: locker.Body{Of: 1 << 40}})
		}},
		{ruleInside, func(s *sim) { p := holder(s); delete(s.bank.State().Holdings, p.id) }},
		{ruleSecured, func(s *sim) { holder(s).phone = 0 }},
		{ruleCertain, func(s *sim) { p := holder(s); s.held(p).Secured = false }},
		{ruleOneDoor, func(s *sim) {
			p, h := holder(s), *s.held(holder(s))
			for _, other := range s.pupils[slices.Index(s.pupils, p)+1:] {
				if other.bank == bankName {
					s.bank.State().Holdings[other.id] = &h
				}
			}
		}},
		{ruleScanned, func(s *sim) { s.auditor.checkOpening(opening(holder(s))) }},
		{ruleRefused, func(s *sim) {
			p := holder(s)
			s.handled.scans = []scan{{s.kiosks[0], p, "BK1 of somebody else"}}
			s.auditor.checkOpening(opening(p))
		}},
		{ruleCollection, func(s *sim) {
			p := holder(s)
			s.handled.scans = []scan{{s.kiosks[0], p, p.token.Badge()}}
			s.auditor.checkOpening(opening(p))
		}},
		{ruleOrderOnce, func(s *sim) {
			e := ordered(s)
			s.auditor.checkOrder(1, e)
			s.failure = nil
			s.auditor.checkOrder(2, e)
		}},
		{ruleOrderFresh, func(s *sim) { // nobody sent it
			e := ordered(s)
			delete(s.server.sent, e.Order)
			s.auditor.checkOrder(1, e)
		}},
		{ruleOrderFresh, func(s *sim) { // its nonce is too old
			e := ordered(s)
			s.server.nonces["n"] = handedOut{s.now - bridge.OrderLife - time.Millisecond, s.runs}
			s.auditor.checkOrder(1, e)
		}},
		{ruleOrderFresh, func(s *sim) { // of the run before
			e := ordered(s)
			s.server.nonces["n"] = handedOut{s.now, s.runs - 1}
			s.auditor.checkOrder(1, e)
		}},
		{ruleOrderFresh, func(s *sim) { // another order had it
			e := ordered(s)
			s.server.spent["n"] = "order-2"
			s.auditor.checkOrder(1, e)
		}},
		{ruleNoWayRound, func(s *sim) {
			e := ordered(s)
			s.pupil(e.Person).bars = []period{{from: s.midnight}}
			s.auditor.checkOrder(1, e)
		}},
		{ruleNoWayRound, func(s *sim) {
			e := byStaff(s)
			s.office.doorBars = []doorBar{{period{from: s.midnight}, e.Door}}
			s.auditor.checkStaffOpening(e)
		}},
		{ruleOrderTold, func(s *sim) { s.auditor.checkOrderAnswer(locker.Order{ID: "order-1"}, bridge.OrderResult{Seq: 7}) }},
		{ruleOrderTold, func(s *sim) {
			s.auditor.checkOrderAnswer(locker.Order{ID: "order-1"}, bridge.OrderResult{Answer: locker.TooLate})
			s.auditor.checkOrderAnswer(locker.Order{ID: "order-1"}, bridge.OrderResult{Answer: locker.Replayed})
		}},
		{ruleStaff, func(s *sim) { e := byStaff(s); s.deed = nil; s.auditor.checkStaffOpening(e) }},
		{ruleStaff, func(s *sim) { e := byStaff(s); s.deed.wish.Door++; s.auditor.checkStaffOpening(e) }},
		{ruleStaff, func(s *sim) { e := byStaff(s); s.auditor.staffer(e.By).busy = true; s.auditor.checkStaffOpening(e) }},
		{ruleStaff, func(s *sim) {
			e := byStaff(s)
			s.auditor.staffer(e.By).opened = slices.Repeat([]time.Duration{s.now - locker.StaffSpan}, locker.StaffDoors)
			s.auditor.checkStaffOpening(e)
		}},
		{rulePIN, func(s *sim) { s.auditor.checkPIN(locker.Event{Kind: locker.PINAccepted, Body: locker.Body{By: "s-1"}}) }},
		{rulePIN, func(s *sim) {
			e := byStaff(s)
			for range locker.PINTries {
				s.auditor.followWrongPIN(locker.Event{Body: locker.Body{By: e.By, Answer: locker.WrongPIN}})
			}
			s.auditor.checkPIN(e)
		}},
		{ruleWindow, func(s *sim) {
			e := byStaff(s)
			s.deed.wish = &locker.Wish{Kind: locker.WishWindow}
			e.Until = locker.WindowFor.Milliseconds()
			e.At.Trusted = true
			s.auditor.checkWindow(e)
		}},
		{ruleCollection, func(s *sim) { // staff opened a window, before the last boot
			e := opening(holder(s))
			e.At = s.instant()
			e.At.Trusted = false
			s.handled.scans = []scan{{s.kiosks[0], s.pupil(e.Person), s.pupil(e.Person).token.Badge()}}
			s.auditor.window = locker.Window{Boot: e.At.Boot + "'", Until: e.At.Mono + time.Hour}
			s.auditor.checkOpening(e)
		}},
		{ruleLeaving, func(s *sim) { s.sound(true); s.auditor.followIntent(0, opening(holder(s))) }},
		{ruleLeaving, func(s *sim) { s.sound(true); _ = lock{s, fate{reaches: true}}.Unlock(t.Context(), s.doors[0].number) }},
		{ruleTold, func(s *sim) { s.bank.Rules.Plan.Version = 1 << 40; s.leave(school.Evacuation) }},
		{ruleAnswered, func(s *sim) { s.checkAnswers(&handling{scans: []scan{{kiosk: s.kiosks[0]}}}) }},
		{ruleOwnScreen, func(s *sim) {
			s.checkScreens(&handling{shown: map[string]locker.Screen{"front": {Word: locker.Office}}})
		}},
		{ruleReplay, func(s *sim) { s.bank.State().Used["nobody's grant"]++; s.checkReplay() }},
		{ruleConserved, func(s *sim) { s.count.PutIn++; s.checkConserved() }},
		{ruleIn, func(s *sim) { p := holder(s); p.wants, p.phone, p.excuse = handIn, 0, ""; s.checkIn() }},
		{ruleOut, func(s *sim) { s.checkOut() }},
	}
	for _, c := range cases {
		t.Run(c.rule, func(t *testing.T) {
			s := opened(t, 3)
			s.weather.calm = true
			c.wrong(s)
			s.checkCustody()
			if s.failure == nil || s.failure.Rule != c.rule {
				t.Errorf("failure %v, want %q", s.failure, c.rule)
			}
		})
	}
}

// holder is the first pupil whose phone is in and settled.
func holder(s *sim) *pupil {
	for _, p := range s.pupils {
		if h := s.held(p); h != nil && h.Secured && s.now-s.byDoor[h.Door].moved > time.Minute && s.trueRecord(h.Door) {
			return p
		}
	}
	panic("nobody has handed in yet")
}

// ordered is a good opening by order, and all that makes it one.
func ordered(s *sim) locker.Event {
	p := holder(s)
	s.server.sent["order-1"] = locker.Order{ID: "order-1", Nonce: "n", Person: p.id}
	s.server.nonces["n"], s.server.spent["n"] = handedOut{s.now, s.runs}, "order-1"
	e := opening(p)
	e.Order, e.By = "order-1", "office"
	return e
}

// byStaff is a good opening by a staff member, and all that makes it one.
func byStaff(s *sim) locker.Event {
	e := opening(holder(s))
	e.Purpose, e.By = locker.StaffOpen, s.staff[0].id
	s.deed = &deed{who: s.staff[0], good: true, wish: &locker.Wish{Kind: locker.WishDoor, Door: e.Door}}
	return e
}

// What the tests above spoil is good before.
func TestGoodOrdersBreakNoRule(t *testing.T) {
	s := opened(t, 3)
	s.auditor.checkOrder(1, ordered(s))
	s.auditor.checkStaffOpening(byStaff(s))
	if s.failure != nil {
		t.Error(s.failure)
	}
}

// opening is a collection nobody asked for, in the middle of the morning.
func opening(p *pupil) locker.Event {
	return locker.Event{Kind: locker.Intent, Door: p.phone, Purpose: locker.Collection, Body: locker.Body{Person: p.id, Attempt: 1}}
}

func TestFailureTellsItsStory(t *testing.T) {
	s := opened(t, 3)
	p := holder(s)
	s.violated(ruleInside, p, p.phone, "Said by a test.")
	f := s.failure
	f.Story, f.Command = s.narrator.about(f.involved), "bellkeep sim --seed 3 --days 1"
	text := f.Error()
	for _, want := range []string{ruleInside, "Said by a test.", p.id + " scans at the", "puts the phone behind door", f.Command} {
		if !strings.Contains(text, want) {
			t.Errorf("the story lacks %q:\n%s", want, text)
		}
	}
	if len(f.Story) > storyLines {
		t.Errorf("the story has %d lines", len(f.Story))
	}
}
