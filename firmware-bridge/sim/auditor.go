package sim

import (
	"slices"
	"time"

	bridge "github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// auditor follows the ledger record by record and watches every latch. It knows
// the law from its own sentences, not from package locker.
type auditor struct {
	*sim
	open      map[uint64]intent       // without an outcome yet
	awaits    map[int]int             // how many of those, by door
	rights    map[int][]intent        // to drive a latch, by door; each good for once
	visits    map[string]*transaction // by person: the newest
	collected map[string]ending       // by person: the newest collection
	uses      map[string]int          // openings by grant
	carried   map[string]uint64       // the intent of each order
	staffOf   map[string]*staffRecord // by id
	window    locker.Window           // opened by staff
	leaving   map[locker.Cause]bool   // who has the building left
	ready     time.Duration           // since when scans are served
}

// intent is an opening as the ledger announced it.
type intent struct {
	seq     uint64
	person  string
	door    int
	purpose locker.Purpose
	by      string
	at      time.Duration
	run     int
}

// transaction is what began with one scan.
type transaction struct {
	screen locker.Screen // what the first scan was told
	began  school.Instant
	since  time.Duration
	grant  string
	failed bool // it came to nothing or nobody knows: a new scan may begin another
}

// ending is a collection that came to its end.
type ending struct {
	door int
	at   school.Instant
}

func newAuditor(s *sim) auditor {
	return auditor{sim: s, open: map[uint64]intent{}, awaits: map[int]int{}, rights: map[int][]intent{},
		visits: map[string]*transaction{}, collected: map[string]ending{}, uses: map[string]int{},
		carried: map[string]uint64{}, staffOf: map[string]*staffRecord{}, leaving: map[locker.Cause]bool{}}
}

// settleWithin is how long an intent may go without an outcome while the bank
// is up: the life of an order, two seconds for the door, and a look.
const settleWithin = bridge.OrderLife + 3*time.Second

// follow reads one durable record.
func (a *auditor) follow(seq uint64, e locker.Event) {
	switch e.Kind {
	case locker.Started:
		clear(a.rights)
		a.ready = -1
	case locker.Surveyed:
		a.ready = a.now
		a.handled.surveyed = true
	case locker.Intent:
		a.followIntent(seq, e)
	case locker.Outcome:
		a.followOutcome(e)
	case locker.Deposited, locker.Collected, locker.Rechecked, locker.NothingIn, locker.StillIn:
		a.followEnd(e)
	case locker.Turned:
		who := e.Person
		if who == "" {
			who = "a stranger"
		}
		a.tell(who, e.Door, "Recorded: %s is turned away, %s.", who, e.Answer)
	case locker.OrderRefused, locker.PINAccepted, locker.PINRefused, locker.StaffRefused, locker.WindowOpened, locker.WindowEnded:
		a.followStaff(e)
	case locker.EvacuationBegan, locker.EvacuationEnded:
		a.followEvacuation(e)
	case locker.Moved:
		a.tell(e.Person, e.Door, "Recorded: door %d is %s, without an order.", e.Door, e.Contact)
	}
}

func (a *auditor) followIntent(seq uint64, e locker.Event) {
	a.tell(e.Person, e.Door, "Recorded: door %d is to open for %s, %s, attempt %d.", e.Door, e.Person, e.Purpose, e.Attempt)
	a.checkLeaving(e.Door, "is to open")
	i := intent{seq, e.Person, e.Door, e.Purpose, e.By, a.now, a.runs}
	a.open[seq] = i
	a.awaits[e.Door]++
	a.rights[e.Door] = append(a.rights[e.Door], i)
	a.after(settleWithin-time.Second/2, a.tick)
	a.after(settleWithin, func() { a.checkSettled(seq) })
	a.checkDoorIsTheirs(e.Person, e.Door)
	if e.Attempt > 1 {
		return
	}
	a.handled.began[e.Person] = true
	switch {
	case e.Order != "":
		a.checkOrder(seq, e)
	case e.Purpose == locker.StaffOpen:
		a.checkStaffOpening(e)
	default:
		a.checkOpening(e)
	}
	word := map[locker.Purpose]locker.Word{locker.Deposit: locker.PutIn, locker.Collection: locker.TakeOut,
		locker.Recheck: locker.Again, locker.StaffOpen: locker.Release}[e.Purpose]
	a.visits[e.Person] = &transaction{screen: locker.Screen{Word: word, Door: e.Door}, began: e.At, since: a.now, grant: e.Grant}
}

func (a *auditor) followOutcome(e locker.Event) {
	a.tell(e.Person, e.Door, "Recorded: door %d for %s: %s.", e.Door, e.Person, e.Result)
	i, ok := a.open[e.Of]
	if !ok || i.door != e.Door || i.person != e.Person {
		a.violated(ruleOutcomes, a.pupil(e.Person), e.Door, "Outcome %s of record %d, which awaits none.", e.Result, e.Of)
		return
	}
	delete(a.open, e.Of)
	a.awaits[e.Door]--
	a.checkOutcome(i, e)
	if e.Result != locker.Opened { // given up: its order must not come any more
		a.rights[e.Door] = slices.DeleteFunc(a.rights[e.Door], func(r intent) bool { return r.seq == e.Of })
	}
	if t := a.visits[e.Person]; t != nil && t.grant != "" && (e.Result == locker.Opened || e.Result == locker.Unverified) {
		a.uses[t.grant]++ // an order that came to nothing costs nothing
	}
	switch e.Result {
	case locker.Jammed, locker.Stopped, locker.NotSent, locker.Unverified:
		a.end(e.Person, true)
		a.staffer(i.by).busy = false
	}
}

func (a *auditor) followEnd(e locker.Event) {
	unseen := ""
	if e.Unseen {
		unseen = " while nobody looked"
	}
	a.tell(e.Person, e.Door, "Recorded: door %d of %s is shut%s, %s.", e.Door, e.Person, unseen, e.Kind)
	a.staffer(e.By).busy = false
	a.end(e.Person, e.Unseen || e.Kind == locker.NothingIn || e.Kind == locker.StillIn)
	if e.Kind == locker.Collected {
		a.collected[e.Person] = ending{e.Door, e.At}
	}
}

func (a *auditor) end(person string, failed bool) {
	a.handled.touched[person] = true
	if t := a.visits[person]; t != nil {
		t.failed = t.failed || failed
	}
}

// spend uses up the right to drive a latch once.
func (a *auditor) spend(door int) (intent, bool) {
	a.checkRecorded(door)
	rights := a.live(door)
	if len(rights) == 0 {
		return intent{}, false
	}
	a.rights[door] = rights[1:]
	a.checkDoorIsTheirs(rights[0].person, door)
	return rights[0], true
}

// live are the rights to drive a latch that are not too old.
func (a *auditor) live(door int) []intent {
	rights := a.rights[door]
	for len(rights) > 0 && a.now-rights[0].at > bridge.OrderLife {
		rights = rights[1:]
	}
	return rights
}

// justFailed reports whether somebody may still stand at a door: in vain, or to look
// once more.
func (a *auditor) justFailed(door int) bool {
	for _, t := range a.visits {
		if t.failed && t.screen.Door == door && a.instant().Within(locker.Grace, t.began) {
			return true
		}
	}
	for _, c := range a.collected {
		if c.door == door && a.instant().Within(locker.Grace, c.at) { // and may look again
			return true
		}
	}
	return false
}
