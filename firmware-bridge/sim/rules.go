package sim

import (
	"maps"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// The rules, as a failure names them.
const (
	ruleRecorded   = "no latch is driven without a durable intent for its door, at most 5 s old and used once"
	ruleTheirs     = "no door is opened for one person while another's phone is in it or on record for it"
	ruleOutcomes   = "every intent gets exactly one outcome"
	ruleTrueResult = "an outcome says what happened to the door"
	ruleRefused    = "barred persons and badges that are revoked, unknown or unreadable open nothing"
	ruleScanned    = "a door opens only for somebody who has just scanned"
	ruleKeep       = "nobody who may keep the phone is given a door, unless something of theirs is in"
	ruleCollection = "a collection opens only at trusted time, in the window or by a grant with uses left, the door that holds it"
	ruleGrace      = "a door is opened once more only within 30 s of its collection"
	ruleSecond     = "a second scan within 5 s begins nothing and is told the same again"
	ruleAnswered   = "every scan is answered while there is power"
	ruleOwnScreen  = "the answer on a kiosk changes only for the one who scanned there last"
	ruleOneDoor    = "a door is on record for one person at most"
	ruleInside     = "a phone behind a door is on record, as certain or as unsure"
	ruleSecured    = "a phone on record as secured lies behind its door"
	ruleCertain    = "a phone on record with nobody at its door is secured or unsure"
	ruleFull       = "nobody is turned away while a door is free"
	ruleReplay     = "folding the ledger from zero gives the state the bank works with"
	ruleConserved  = "phones put in = phones taken out + phones behind doors"
	ruleIn         = "on a calm day everyone who wants to has handed in by 10:15"
	ruleOut        = "on a calm day everyone has got their phone back by 16:50, on record too"
)

// checkRecorded holds to ruleRecorded.
func (a *auditor) checkRecorded(door int) {
	if len(a.live(door)) == 0 {
		a.violated(ruleRecorded, nil, door, "Door %d is driven; its ledger gives nobody the right to.", door)
	}
}

// checkDoorIsTheirs holds to ruleTheirs.
func (a *auditor) checkDoorIsTheirs(person string, door int) {
	d := a.byDoor[door]
	for _, p := range a.pupils {
		if p.id != person && p.phone == door && !d.misled && !d.faulty() {
			a.violated(ruleTheirs, p, door, "Door %d is opened for %s with the phone of %s behind it.", door, person, p.id)
		}
	}
	if h := a.bank.State().HoldingAt(door); h != nil && h.Person != person && h.Secured {
		a.violated(ruleTheirs, a.pupil(h.Person), door, "Door %d is opened for %s and holds the phone of %s on record.", door, person, h.Person)
	}
}

// checkSettled holds to ruleOutcomes: not too few.
func (a *auditor) checkSettled(seq uint64) {
	i, waiting := a.open[seq]
	if waiting && a.lit && i.run == a.runs {
		a.violated(ruleOutcomes, a.pupil(i.person), i.door, "Record %d, to open door %d, still has none after %s.", seq, i.door, settleWithin)
	}
}

// checkReconciled holds to ruleOutcomes across a restart.
func (a *auditor) checkReconciled() {
	for _, seq := range slices.Sorted(maps.Keys(a.open)) {
		if i := a.open[seq]; i.run != a.runs {
			a.violated(ruleOutcomes, a.pupil(i.person), i.door, "Record %d, from before the restart, still has none.", seq)
		}
	}
}

// checkOutcome holds to ruleTrueResult.
func (a *auditor) checkOutcome(i intent, e locker.Event) {
	d := a.byDoor[e.Door]
	if d.contact != sound {
		return
	}
	since := a.visits[i.person].since
	moved := d.open || d.opened >= since
	switch {
	case e.Result == locker.Opened && !moved:
		a.violated(ruleTrueResult, a.pupil(i.person), e.Door, "Door %d is said to have opened and did not.", e.Door)
	case e.Result == locker.Jammed && moved:
		a.violated(ruleTrueResult, a.pupil(i.person), e.Door, "Door %d is said to be jammed and did open.", e.Door)
	}
}

// checkOpening holds the first intent of a transaction to the rules on who may
// have which door when.
func (a *auditor) checkOpening(e locker.Event) {
	p := a.pupil(e.Person)
	theirs := func(s scan) bool { return s.pupil == p }
	goodOne := func(s scan) bool { return s.pupil == p && p.good(s.line) }
	switch {
	case !slices.ContainsFunc(a.handled.scans, theirs):
		a.violated(ruleScanned, p, e.Door, "Door %d opens for %s, who has not scanned.", e.Door, e.Person)
	case !slices.ContainsFunc(a.handled.scans, goodOne):
		a.violated(ruleRefused, p, e.Door, "Door %d opens for %s, whose badge is not good.", e.Door, p.id)
	case p.barred(e.At):
		a.violated(ruleRefused, p, e.Door, "Door %d opens for %s, who is barred.", e.Door, p.id)
	}
	holding := a.held(p)
	switch e.Purpose {
	case locker.Collection:
		a.checkCollection(p, e, holding)
	case locker.Recheck:
		last, ok := a.collected[p.id]
		if !ok || last.door != e.Door || !e.At.Within(locker.Grace, last.at) {
			a.violated(ruleGrace, p, e.Door, "Door %d opens once more for %s, whose collection ended at %v.", e.Door, p.id, last.at.Wall)
		}
	case locker.Deposit:
		if p.mayKeep(e.At) && holding == nil {
			a.violated(ruleKeep, p, e.Door, "Door %d opens for %s.", e.Door, p.id)
		}
	}
}

// checkCollection holds to ruleCollection.
func (a *auditor) checkCollection(p *pupil, e locker.Event, holding *locker.Holding) {
	allowed := a.office.plan.In(school.Collection, e.At.Wall)
	for _, g := range p.leaves {
		allowed = allowed || g.id == e.Grant && g.covers(e.At.Wall) && a.uses[g.id] < leaveUses
	}
	if !allowed || !e.At.Trusted || holding == nil || holding.Door != e.Door {
		a.violated(ruleCollection, p, e.Door, "Door %d opens for %s at %v, trusted %t, holding %+v.", e.Door, p.id, e.At.Wall, e.At.Trusted, holding)
	}
}

// secondScans finds the scans that are second ones, and what they must be told.
func (s *sim) secondScans(scans []scan) map[string]locker.Screen {
	expected := map[string]locker.Screen{}
	for _, scan := range scans {
		p := scan.pupil
		if p == nil || !p.good(scan.line) || p.barred(s.instant()) || !s.bank.State().Ready {
			continue
		}
		if t := s.auditor.visits[p.id]; t != nil && !t.failed && s.instant().Within(locker.SecondScan, t.began) {
			expected[p.id] = t.screen
		}
	}
	return expected
}

// checkSecondScans holds to ruleSecond, unless the first came to nothing in the
// same breath.
func (s *sim) checkSecondScans(h *handling, expected map[string]locker.Screen) {
	for _, scan := range h.scans {
		want, second := locker.Screen{}, false
		if scan.pupil != nil {
			want, second = expected[scan.pupil.id]
		}
		if !second || h.touched[scan.pupil.id] {
			continue
		}
		if got := h.shown[scan.kiosk.name]; h.began[scan.pupil.id] || got != want {
			s.violated(ruleSecond, scan.pupil, want.Door, "%s scans again, was told %v and is told %v.", scan.pupil.id, want, got)
		}
	}
}

// checkAnswers holds to ruleAnswered.
func (s *sim) checkAnswers(h *handling) {
	for _, scan := range h.scans {
		if _, ok := h.shown[scan.kiosk.name]; !ok {
			s.violated(ruleAnswered, scan.pupil, 0, "The kiosk %s shows nothing.", scan.kiosk.name)
		}
		if h.shown[scan.kiosk.name].Word == locker.Full {
			s.checkFull(scan.pupil)
		}
	}
}

// checkScreens holds to ruleOwnScreen.
func (s *sim) checkScreens(h *handling) {
	for _, k := range s.kiosks {
		screen, changed := h.shown[k.name]
		scanned := slices.ContainsFunc(h.scans, func(s scan) bool { return s.kiosk == k })
		if changed && !scanned && !h.surveyed && (k.user == nil || !h.touched[k.user.id]) {
			s.violated(ruleOwnScreen, k.user, screen.Door, "The kiosk %s changes to %v.", k.name, screen)
		}
	}
}

// checkFull holds to ruleFull.
func (s *sim) checkFull(p *pupil) {
	state := s.bank.State()
	for _, d := range s.doors {
		b := state.Doors[d.number]
		owned := s.setup.Allotment == locker.Fixed && d.number < s.doors[len(s.doors)-s.spares].number
		if d.number != p.own && owned || state.HoldingAt(d.number) != nil || state.VisitAt(d.number) != nil {
			continue
		}
		if s.auditor.justFailed(d.number) {
			continue
		}
		if b.Contact == locker.Closed && !b.Jammed && !s.office.doorBarred(d.number, s.instant()) {
			s.violated(ruleFull, p, d.number, "%s is told that no door is free; door %d is.", p.id, d.number)
		}
	}
}

// checkCustody compares the record with the truth, person by person, wherever a
// door is at rest. It runs after every step.
func (s *sim) checkCustody() {
	if !s.lit || s.failure != nil || s.bank == nil || !s.bank.State().Ready {
		return
	}
	state := s.bank.State()
	behind, busy := map[int]string{}, map[int]bool{}
	for _, v := range state.UnderWay() {
		busy[v.Door] = true
	}
	settled := func(door int) bool { return !busy[door] && s.trueRecord(door) }
	for _, p := range s.pupils {
		h := state.Holdings[p.id]
		if h != nil {
			if other, taken := behind[h.Door]; taken {
				s.violated(ruleOneDoor, p, h.Door, "Door %d is on record for %s and %s.", h.Door, other, p.id)
			}
			behind[h.Door] = p.id
		}
		if !state.Visits[p.id].UnderWay() {
			s.checkPerson(p, h, settled)
		}
	}
}

// checkPerson holds to ruleInside, ruleSecured and ruleCertain.
func (s *sim) checkPerson(p *pupil, h *locker.Holding, settled func(door int) bool) {
	if p.phone != 0 && (h == nil || h.Door != p.phone) && settled(p.phone) {
		s.violated(ruleInside, p, p.phone, "The phone of %s lies behind door %d; on record: %+v.", p.id, p.phone, h)
	}
	if h == nil || h.Unsure || !settled(h.Door) {
		return
	}
	switch {
	case h.Secured && p.phone != h.Door && !s.byDoor[h.Door].open:
		s.violated(ruleSecured, p, h.Door, "Door %d is on record with the phone of %s, which is elsewhere (%d).", h.Door, p.id, p.phone)
	case !h.Secured:
		s.violated(ruleCertain, p, h.Door, "Door %d of %s, on record since %v, is neither.", h.Door, p.id, h.Since.Wall)
	}
}

// trueRecord reports whether the record of a door must be the truth: nothing
// moves there, nobody is at it, the bank has heard of everything, and nothing
// happened that no record can know.
func (s *sim) trueRecord(n int) bool {
	d := s.byDoor[n]
	return !d.misled && !d.faulty() && s.now-d.moved > time.Second && !s.newsworthy(d) && s.believed(d) != locker.Unknown
}

// checkConserved holds the model itself to ruleConserved.
func (s *sim) checkConserved() {
	behind := 0
	for _, d := range s.doors {
		behind += s.phonesBehind(d.number)
	}
	if s.count.PutIn != s.count.TakenOut+behind {
		s.violated(ruleConserved, nil, 0, "%d were put in, %d taken out, %d are behind doors.", s.count.PutIn, s.count.TakenOut, behind)
	}
}

// checkIn holds to ruleIn, checkOut to ruleOut.
func (s *sim) checkIn() {
	for _, p := range s.pupils {
		if s.weather.calm && p.wants == handIn && p.excuse == "" && p.phone == 0 {
			s.violated(ruleIn, p, 0, "%s has not.", p.id)
		}
	}
}

func (s *sim) checkOut() {
	for _, p := range s.pupils {
		if !s.weather.calm || p.excuse != "" || p.absent {
			continue
		}
		h := s.held(p)
		leftOpen := h != nil && s.byDoor[h.Door].open // the record waits for the door to shut
		if p.phone != 0 || h != nil && !leftOpen {
			s.violated(ruleOut, p, p.phone, "%s has not; on record: %+v.", p.id, h)
		}
	}
}

func (s *sim) held(p *pupil) *locker.Holding { return s.bank.State().Holdings[p.id] }
