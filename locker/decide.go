package locker

import (
	"slices"

	"github.com/bellkeep/bellkeep/internal/school"
)

// Decision is the answer to a scan: the event to record and what the kiosk
// shows once it is recorded. An event of kind Intent asks for its door to be
// opened.
type Decision struct {
	Event  Event
	Screen Screen
}

// Rules are what a bank goes by: the newest directory and plan it holds.
type Rules struct {
	Directory *Directory
	Plan      school.Plan
}

// Decide answers one scan. It weighs bars, then what is under way, then grants,
// then the plan's windows. A deposit depends on neither clock nor window; a
// collection needs both, or a window that staff opened.
func Decide(s *State, rules Rules, badge string, now school.Instant) Decision {
	person, refusal := identify(s, rules.Directory, badge)
	d := decider{State: s, Rules: rules, now: now, person: person}
	switch {
	case refusal != PINAsked && s.Evacuation.On():
		return d.turn(Evacuated, Screen{Word: LeaveNow})
	case refusal == Mistyped:
		return d.turn(Mistyped, Screen{Word: Unreadable})
	case refusal == Elsewhere:
		return d.turn(Elsewhere, Screen{Word: OtherBank, Bank: rules.Directory.People[person].Bank})
	case refusal != "" && refusal != PINAsked:
		return d.turn(refusal, Screen{Word: Office})
	case rules.Directory.Barred(Subject{Person: person}, now):
		return d.turn(Barred, Screen{Word: Office})
	case refusal == PINAsked:
		return d.turn(PINAsked, Screen{Word: AskPIN})
	}
	d.visit, d.holding = s.Visits[person], s.Holdings[person]
	return d.decide()
}

// identify finds the badge's holder, or why there is none to serve.
func identify(s *State, dir *Directory, badge string) (person string, refusal Answer) {
	token, err := school.ParseBadge(badge)
	if err != nil {
		return "", Mistyped
	}
	entry, known := dir.Badges[token.Hash()]
	place, listed := dir.People[entry.Person]
	_, staff := dir.Staff[entry.Person]
	switch {
	case !known || !listed && !staff:
		return "", UnknownBadge
	case entry.Revoked:
		return entry.Person, Revoked
	case staff:
		return entry.Person, PINAsked
	case place.Bank != s.Bank:
		return entry.Person, Elsewhere
	}
	return entry.Person, ""
}

type decider struct {
	*State
	Rules
	now     school.Instant
	person  string
	visit   *Visit
	holding *Holding
}

func (d decider) decide() Decision {
	v := d.visit
	switch {
	case v.UnderWay() && d.now.Within(SecondScan, v.Began),
		v != nil && v.Phase == Finished && d.now.Within(SecondScan, v.Began):
		return d.turn(Repeat, Screen{Word: wordFor(v.Purpose), Door: v.Door})
	case v.UnderWay():
		return d.atDoor()
	case d.holding != nil:
		return d.held()
	case d.Directory.MayKeep(d.person, d.now):
		return d.turn(Exempt, Screen{Word: Keep})
	case d.inGrace():
		return d.open(Recheck, v.Door, "")
	}
	return d.deposit()
}

// atDoor answers somebody whose own visit is still under way.
func (d decider) atDoor() Decision {
	switch {
	case d.keptShut(d.Directory, d.visit.Door, d.now):
		return d.turn(Barred, Screen{Word: Office})
	case d.door(d.visit.Door).Contact == Unknown:
		return d.turn(NoReply, Screen{Word: Office})
	}
	if d.visit.Phase == AtDoor && d.holding != nil && d.visit.Purpose == Deposit {
		if grant, ok := d.mayCollect(); ok {
			return d.open(Collection, d.visit.Door, grant)
		}
	}
	return d.turn(DoorOpen, Screen{Word: ShutDoor, Door: d.visit.Door})
}

// MayGoOn reports whether a visit's door may be tried once more: a bar or a hold
// may have come since the scan.
func MayGoOn(s *State, rules Rules, v *Visit, now school.Instant) bool {
	if s.Evacuation.On() {
		return false
	}
	if v.Purpose == HandOver { // two people agreed to pass what bars there are
		return true
	}
	if s.keptShut(rules.Directory, v.Door, now) {
		return false
	}
	return v.Purpose == PutItem || !rules.Directory.Barred(Subject{Person: v.Person, Item: v.Item}, now)
}

// held answers somebody who has something with us.
func (d decider) held() Decision {
	door := d.Doors[d.holding.Door]
	grant, ok := d.mayCollect()
	switch {
	case d.keptShut(d.Directory, d.holding.Door, d.now):
		return d.turn(Barred, Screen{Word: Office})
	case door == nil || door.Contact == Unknown:
		return d.turn(NoReply, Screen{Word: Office})
	case ok:
		return d.open(Collection, door.Number, grant)
	case d.mayRedo() && door.Contact == Open:
		return d.turn(DoorOpen, Screen{Word: ShutDoor, Door: door.Number})
	case d.mayRedo():
		return d.open(Deposit, door.Number, "")
	case !d.now.Trusted && d.Plan.In(school.Collection, d.Directory.People[d.person].Wave, d.now.Wall):
		return d.turn(NoTime, Screen{Word: Office})
	}
	return d.turn(AlreadyHeld, Screen{Word: AlreadyIn})
}

// mayRedo reports whether somebody whose last visit nobody saw to its end may
// come to the same door again: soon after, or with the next hand-in. At noon it
// would be a way to one's phone.
func (d decider) mayRedo() bool {
	v := d.visit
	return v != nil && v.unsettled() &&
		(d.now.Within(RedoFor, v.Ended) || d.Plan.In(school.Deposit, "", d.now.Wall))
}

// inGrace reports whether somebody who has just collected may look again. Who
// shuts a door that was left open, say overnight, has not just collected: the
// next scan is the next hand-in.
func (d decider) inGrace() bool {
	v := d.visit
	if v == nil || v.Phase != Finished || v.Purpose == Deposit || !d.now.Within(Grace, v.Ended) {
		return false
	}
	return d.now.Within(OpenTooLong+Grace, v.Began) && d.usable(v.Door)
}

// mayCollect reports whether collection is allowed now, and by which grant when
// it is not the plan's window. Without trusted time it is only in a window that
// staff opened.
func (d decider) mayCollect() (grant string, ok bool) {
	switch {
	case d.Window.Open(d.now):
		return "", true
	case !d.now.Trusted:
		return "", false
	}
	if d.Plan.In(school.Collection, d.Directory.People[d.person].Wave, d.now.Wall) {
		return "", true
	}
	for _, g := range d.Directory.Grants {
		if g.Kind == MayCollect && g.Person == d.person && g.covers(d.now) && (g.Uses == 0 || d.Used[g.ID] < g.Uses) {
			return g.ID, true
		}
	}
	return "", false
}

func (d decider) deposit() Decision {
	door, ok := d.allot()
	switch {
	case !ok:
		return d.turn(NoDoor, Screen{Word: Full})
	case d.Doors[door].Contact == Open:
		return d.turn(DoorOpen, Screen{Word: ShutDoor, Door: door})
	}
	return d.open(Deposit, door, "")
}

func (d decider) open(purpose Purpose, door int, grant string) Decision {
	e := Event{Kind: Intent, At: d.now, Door: door, Purpose: purpose, Body: Body{Person: d.person, Attempt: 1, Grant: grant}}
	if purpose == Deposit {
		e.Timing = d.Plan.DepositTiming(d.now.Wall)
	}
	return Decision{e, Screen{Word: wordFor(purpose), Door: door}}
}

func (d decider) turn(why Answer, show Screen) Decision {
	return Decision{Event{Kind: Turned, At: d.now, Door: show.Door, Body: Body{Person: d.person, Answer: why}}, show}
}

func wordFor(p Purpose) Word {
	return map[Purpose]Word{Deposit: PutIn, Collection: TakeOut, Recheck: Again, StaffOpen: Release}[p]
}

func (g Grant) covers(now school.Instant) bool {
	return !now.Wall.Before(g.From) && now.Wall.Before(g.Until)
}

// MayKeep reports whether a person keeps their device. A clock that cannot be
// trusted cannot say that a grant has not begun: it may stand at 1970.
func (dir *Directory) MayKeep(person string, now school.Instant) bool {
	return slices.ContainsFunc(dir.Grants, func(g Grant) bool {
		begun := !now.Trusted || !now.Wall.Before(g.From)
		return g.Kind == MayKeep && g.Person == person && begun && now.Wall.Before(g.Until)
	})
}

// Barred reports whether a bar stands against the subject. A clock that cannot
// be trusted lifts no bar.
func (dir *Directory) Barred(who Subject, now school.Instant) bool {
	for _, b := range dir.Bars {
		if b.Subject != who {
			continue
		}
		over := !b.Until.IsZero() && !now.Wall.Before(b.Until)
		if !now.Trusted || (!now.Wall.Before(b.From) && !over) {
			return true
		}
	}
	return false
}
