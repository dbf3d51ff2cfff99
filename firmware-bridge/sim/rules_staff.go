package sim

import (
	"time"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// The rules on orders and staff.
const (
	ruleOrderOnce  = "an order opens a door once at most"
	ruleOrderFresh = "an order opens only with a nonce that this run of the bank handed out at most 5 s ago, and that no order had before"
	ruleOrderTold  = "an order is told what is on record of it, and the same again whenever it comes"
	ruleNoWayRound = "neither an order nor a staff member opens a door against a bar"
	ruleStaff      = "a staff member opens a door only after badge and PIN, one at a time and ten in ten minutes at most"
	rulePIN        = "after five wrong PINs none counts for 15 minutes, and a wrong one never"
	ruleWindow     = "a collection window opens only for a staff member with badge and PIN, while the time is not trusted, for 90 minutes"
)

// staffRecord is what the auditor knows of a staff member from the ledger.
type staffRecord struct {
	wrong  int           // PINs in a row
	paused time.Duration // until when no PIN counts
	opened []time.Duration
	busy   bool // a door is being opened, or open, for them
}

func (a *auditor) staffer(id string) *staffRecord {
	if a.staffOf[id] == nil {
		a.staffOf[id] = &staffRecord{}
	}
	return a.staffOf[id]
}

// followStaff reads a record of orders or staff.
func (a *auditor) followStaff(e locker.Event) {
	a.tell(e.By, e.Door, "Recorded: %s %s %s of %s, %s.", e.Kind, e.Order, e.Answer, e.By, e.Person)
	switch e.Kind {
	case locker.PINAccepted:
		a.checkPIN(e)
	case locker.PINRefused:
		a.followWrongPIN(e)
	case locker.WindowOpened:
		a.checkWindow(e)
		a.window = locker.Window{Boot: e.At.Boot, Until: time.Duration(e.Until) * time.Millisecond}
	case locker.WindowEnded:
		a.window = locker.Window{}
	}
}

func (a *auditor) followWrongPIN(e locker.Event) {
	if e.Answer != locker.WrongPIN {
		return
	}
	r := a.staffer(e.By)
	if r.wrong++; r.wrong == locker.PINTries {
		r.wrong, r.paused = 0, a.now+locker.PINPause
	}
}

// checkPIN holds to rulePIN.
func (a *auditor) checkPIN(e locker.Event) {
	r := a.staffer(e.By)
	if a.deed == nil || !a.deed.good || a.deed.who.id != e.By || a.now < r.paused {
		a.violated(rulePIN, nil, 0, "%s is let in, with %+v and a pause until %s.", e.By, a.deed, r.paused)
	}
	r.wrong = 0
}

// wished reports whether that staff member has just asked for that, rightly.
func (a *auditor) wished(by string, kind locker.WishKind, door int) bool {
	d := a.deed
	return d != nil && d.good && d.wish != nil && d.who.id == by && d.wish.Kind == kind && d.wish.Door == door
}

// checkWindow holds to ruleWindow.
func (a *auditor) checkWindow(e locker.Event) {
	a.count.Windows++
	until := e.At.Mono + locker.WindowFor
	if !a.wished(e.By, locker.WishWindow, 0) || e.At.Trusted || e.Until != until.Milliseconds() {
		a.violated(ruleWindow, nil, 0, "%s opens it until %d ms, trusted %t, at %v.", e.By, e.Until, e.At.Trusted, e.At.Mono)
	}
}

// inStaffWindow is the law on windows that staff opened.
func (a *auditor) inStaffWindow(at school.Instant) bool {
	return a.window.Boot == at.Boot && at.Mono < a.window.Until
}

// checkOrder holds the intent of an order to the rules on orders.
func (a *auditor) checkOrder(seq uint64, e locker.Event) {
	p := a.pupil(e.Person)
	o, sent := a.server.sent[e.Order]
	nonce, known := a.server.nonces[o.Nonce]
	if first, again := a.carried[e.Order]; again {
		a.violated(ruleOrderOnce, p, e.Door, "%s opened a door with record %d, and again with %d.", e.Order, first, seq)
	}
	a.carried[e.Order] = seq
	fresh := known && nonce.run == a.runs && a.now-nonce.at <= bridge.OrderLife && a.server.spent[o.Nonce] == o.ID
	if !sent || !fresh {
		a.violated(ruleOrderFresh, p, e.Door, "%s opens door %d with the nonce %q of %+v, now %s in run %d.", e.Order, e.Door, o.Nonce, nonce, a.now, a.runs)
	}
	a.checkNoWayRound(e)
	a.fetches(p, e.Door)
}

// checkNoWayRound holds to ruleNoWayRound, and to ruleCollection as far as it
// binds orders and staff.
func (a *auditor) checkNoWayRound(e locker.Event) {
	p := a.pupil(e.Person)
	if p.barred(e.At) || a.office.doorBarred(e.Door, e.At) {
		a.violated(ruleNoWayRound, p, e.Door, "Door %d opens for %s by %s%s.", e.Door, e.Person, e.Order, e.By)
	}
	if h := a.held(p); h == nil || h.Door != e.Door {
		a.violated(ruleCollection, p, e.Door, "Door %d opens for %s by %s%s, holding %+v.", e.Door, e.Person, e.Order, e.By, h)
	}
}

// checkOrderAnswer holds to ruleOrderTold.
func (a *auditor) checkOrderAnswer(o locker.Order, r bridge.OrderResult) {
	seq, carried := a.carried[o.ID]
	before, again := a.server.told[o.ID]
	switch {
	case again && r != before, carried != (r.Answer == ""), carried && r.Seq != seq:
		a.violated(ruleOrderTold, a.pupil(o.Person), o.Door, "%s is told %+v, was told %+v, and stands on record %d.", o.ID, r, before, seq)
	case !again:
		a.server.told[o.ID] = r
	}
	if r.Answer != "" {
		a.count.Refusals++
	}
}

// checkStaffOpening holds to ruleStaff.
func (a *auditor) checkStaffOpening(e locker.Event) {
	a.count.StaffDoors++
	r, p := a.staffer(e.By), a.pupil(e.Person)
	lately := 0
	for _, at := range r.opened {
		if a.now-at <= locker.StaffSpan {
			lately++
		}
	}
	if !a.wished(e.By, locker.WishDoor, e.Door) || r.busy || lately >= locker.StaffDoors {
		a.violated(ruleStaff, p, e.Door, "Door %d opens for %s, who did %+v, has one open: %t, and opened %d.", e.Door, e.By, a.deed, r.busy, lately)
	}
	r.busy, r.opened = true, append(r.opened, a.now)
	a.checkNoWayRound(e)
	a.fetches(p, e.Door)
}
