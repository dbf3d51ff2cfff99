package sim

import (
	"maps"
	"slices"

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
	ruleCollection = "a collection opens only at trusted time, in the window or by a grant with uses left, or in a window of staff's; the door that holds it"
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
	allowed := a.office.plan.In(school.Collection, "", e.At.Wall)
	for _, g := range p.leaves {
		allowed = allowed || g.id == e.Grant && g.covers(e.At.Wall) && a.uses[g.id] < leaveUses
	}
	allowed = allowed && e.At.Trusted || a.inStaffWindow(e.At)
	if !allowed || holding == nil || holding.Door != e.Door {
		a.violated(ruleCollection, p, e.Door, "Door %d opens for %s at %v, trusted %t, holding %+v.", e.Door, p.id, e.At.Wall, e.At.Trusted, holding)
	}
}
