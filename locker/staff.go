package locker

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
)

// Wish is what a staff member asks of a bank, at its kiosk, after badge and PIN.
type Wish struct {
	Kind   WishKind
	Door   int    // with WishDoor, WishHold
	Reason Reason // with WishDoor
	Item   string // with WishPut: a fresh id
	Class  Class  // with WishPut: of the door, not pupils'
	Keys   string // with WishLearn: their fingerprint, as shown
}

// WishKind is one line of the staff menu.
type WishKind string

// The wishes. There is none that opens several doors, lets evidence out, or ends
// a bar or a hold.
const (
	WishWindow WishKind = "open-window" // let everybody collect, while nobody knows the time
	WishEnd    WishKind = "end-window"
	WishDoor   WishKind = "open-door" // let one device out
	WishPut    WishKind = "put"       // put a device into an empty door
	WishHold   WishKind = "hold"      // keep one door shut for everybody
	WishMap    WishKind = "map-doors" // find out which door hangs on which lock
	WishLearn  WishKind = "learn"     // the keys on offer are the approvers'

	WishEvacuate WishKind = "evacuate"  // have everybody leave the building
	WishAllClear WishKind = "all-clear" // where the bank itself began that
)

// Reason is why a staff member opens a pupil's door.
type Reason string

// The reasons.
const (
	LostBadge Reason = "lost-badge"
	LateBus   Reason = "late-bus"
	ForStaff  Reason = "for-staff" // the device is taken away by staff
	Other     Reason = "other"
)

// Reasons are those that may be given.
var Reasons = [...]Reason{LostBadge, LateBus, ForStaff, Other}

// What staff may do at a bank.
const (
	WindowFor  = 90 * time.Minute // a collection window they open
	StaffDoors = 10               // doors each may open within StaffSpan, one at a time; and doors each may hold
	StaffSpan  = 10 * time.Minute
)

// DecideStaff answers the wish of a staff member who has given badge and PIN.
// A door becomes an Intent for StaffOpen, and what is taken out ends as
// collected, with who let it out and why: it is no longer behind the door, and
// the record says in whose hands to look for it. Where nothing is held there is
// nothing to let out; for such a door there is the key.
func DecideStaff(s *State, rules Rules, staff string, w Wish, now school.Instant) Decision {
	d := decider{State: s, Rules: rules, now: now, person: staff}
	if _, known := rules.Directory.Staff[staff]; !known || rules.Directory.Barred(Subject{Person: staff}, now) {
		return d.refuseStaff(w, Barred, Screen{Word: Office})
	}
	if d.Evacuation.On() && w.Kind != WishHold && w.Kind != WishEvacuate && w.Kind != WishAllClear {
		return d.refuseStaff(w, Evacuated, Screen{Word: LeaveNow})
	}
	switch w.Kind {
	case WishEvacuate:
		return d.evacuate(w)
	case WishAllClear:
		return d.giveAllClear(w)
	case WishWindow:
		return d.openWindow(w)
	case WishEnd:
		return d.endWindow(w)
	case WishDoor:
		return d.openForStaff(w)
	case WishPut:
		return d.putForStaff(w)
	case WishHold:
		return d.placeHold(w)
	case WishMap:
		return d.mapDoors(w)
	case WishLearn:
		return d.learnOffered(w)
	}
	return d.refuseStaff(w, Malformed, Screen{Word: Office})
}

// mapDoors lets a technician have the doors mapped, which opens all of them.
func (d decider) mapDoors(w Wish) Decision {
	switch {
	case !d.Directory.Staff[d.person].Technician:
		return d.refuseStaff(w, Barred, Screen{Word: Office})
	case len(d.Kept(d.Directory, d.now)) > 0:
		return d.refuseStaff(w, Occupied, Screen{Word: StillHeld})
	}
	return Decision{Event{Kind: CommissionBegun, At: d.now, Body: Body{By: d.person}}, Screen{Word: Mapping}}
}

func (d decider) openWindow(w Wish) Decision {
	switch {
	case d.Window.Open(d.now):
		return d.refuseStaff(w, NoChange, Screen{Word: WindowOpen})
	case d.now.Trusted:
		return d.refuseStaff(w, TimeTrusted, Screen{Word: Office})
	}
	until := (d.now.Mono + WindowFor).Milliseconds()
	return Decision{Event{Kind: WindowOpened, At: d.now, Body: Body{By: d.person, Until: until}}, Screen{Word: WindowOpen}}
}

func (d decider) endWindow(w Wish) Decision {
	if !d.Window.Open(d.now) {
		return d.refuseStaff(w, NoChange, Screen{Word: WindowShut})
	}
	return Decision{Event{Kind: WindowEnded, At: d.now, Body: Body{By: d.person}}, Screen{Word: WindowShut}}
}

func (d decider) openForStaff(w Wish) Decision {
	h, why := d.behind(w.Door)
	if why != "" {
		return d.refuseStaff(w, why, Screen{Word: NothingThere})
	}
	switch why := d.keeps(d.Rules, h, d.now); {
	case !slices.Contains(Reasons[:], w.Reason):
		return d.refuseStaff(w, Malformed, Screen{Word: Office})
	case why == DoorOpen:
		return d.refuseStaff(w, why, Screen{Word: ShutDoor, Door: w.Door})
	case why != "":
		return d.refuseStaff(w, why, Screen{Word: Office})
	}
	if why := d.limited(); why != "" {
		return d.refuseStaff(w, why, Screen{Word: Wait})
	}
	body := Body{Person: h.Person, Attempt: 1, By: d.person, Reason: w.Reason}
	return Decision{Event{Kind: Intent, At: d.now, Door: h.Door, Purpose: StaffOpen, Body: body}, Screen{Word: Release, Door: h.Door}}
}

// limited says why this staff member gets no further door for now.
func (d decider) limited() Answer {
	switch {
	case d.openingForStaff():
		return Busy
	case d.openedByStaff() >= StaffDoors:
		return TooMany
	}
	return ""
}

// atKiosk reports whether a staff member at a kiosk asked for a door, and not an
// order.
func atKiosk(p Purpose, order string) bool {
	return p == StaffOpen || p == PutItem && order == ""
}

// openingForStaff reports whether a door is open, or about to be, for this
// staff member.
func (d decider) openingForStaff() bool {
	return slices.ContainsFunc(d.UnderWay(), func(v *Visit) bool { return atKiosk(v.Purpose, v.Order) && v.By == d.person })
}

// openedByStaff counts the doors this staff member has lately had opened.
func (d decider) openedByStaff() (n int) {
	for _, at := range d.Opened[d.person] {
		if recently(StaffSpan, at, d.now) {
			n++
		}
	}
	return n
}

func (d decider) refuseStaff(w Wish, why Answer, show Screen) Decision {
	e := Event{Kind: StaffRefused, At: d.now, Body: Body{By: d.person, Answer: why}}
	if d.Doors[w.Door] != nil {
		e.Door = w.Door
	}
	return Decision{e, show}
}

// applyStaffOpening counts a door opened by staff.
func (s *State) applyStaffOpening(e Event) {
	if !atKiosk(e.Purpose, e.Order) || e.Attempt != 1 {
		return
	}
	times := append(s.Opened[e.By], e.At)
	s.Opened[e.By] = times[max(0, len(times)-StaffDoors):]
}
