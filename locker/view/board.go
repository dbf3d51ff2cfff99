// Package view turns ledgers into what people look at. Every view is a fold:
// it can be thrown away and made again from the record.
package view

import (
	"time"

	"github.com/bellkeep/bellkeep/locker"
)

// Board is one bank as the office sees it: problems first, then who is in, who
// is out, who has not been, and every door. It holds ids; names are joined in
// by the page that may show them.
type Board struct {
	Bank     string
	AsOf     time.Time // school time
	Heard    time.Time // when the newest record was made
	Size     uint64    // ledger records folded in
	Alien    uint64    // records passed over in all epochs: nobody can tell what they say
	Counts   Counts
	Problems []Problem // gravest first, then oldest
	People   []Person  // by id
	Doors    []Door    // by number
	Items    []Item    // by door

	Directory, Plan InForce // the rules the bank goes by

	Evacuation  locker.Evacuation // whether the building is being left, as the bank knows
	Evacuations []Evacuation      // lately, oldest first
	Approvers   locker.Approvers  // by whose passkeys the bank tells that two people agree
	Approving   []string          // the people whose keys count by now
}

// Counts are the figures at the top of the board.
type Counts struct {
	In, Out, NotYet, Exempt, Problems int
}

// Person is one line of the roll.
type Person struct {
	ID    string
	State Standing
	Door  int       // where their device is, or their own door
	Since time.Time // zero when nothing happened today
	Late  bool
}

// Standing is how a person stands today.
type Standing string

// The standings.
const (
	NotYet  Standing = "not-yet"  // nothing handed in today
	In      Standing = "in"       // in our custody
	Out     Standing = "out"      // handed in today and collected
	Exempt  Standing = "exempt"   // may keep it
	Unsure  Standing = "unsure"   // a hand-in or collection nobody saw to its end
	AtDoor  Standing = "at-door"  // their door is open right now
	StillIn Standing = "still-in" // in our custody after collection began, or overnight
)

// HandedIn reports whether something of theirs was handed in today or is still in.
// Somebody at their door counts: they are about it.
func (s Standing) HandedIn() bool {
	switch s {
	case In, Out, Unsure, AtDoor, StillIn:
		return true
	}
	return false
}

// Door is one door on the plan of the cabinet.
type Door struct {
	Number  int
	Class   locker.Class
	Contact locker.Contact
	State   DoorState
	Person  string        // whose device is in it, or who is at it
	Item    string        // or which item is in it, or on its way in
	Hold    *locker.Hold  // placed at the bank: it opens for nobody
	Sensed  locker.Sensed // what its item sensor last said
	Spoke   int           // another door, whose sensor spoke when this was shut in its turn; 0 for none
	InDoubt bool          // a person should look: see locker.State.InDoubt
	Asked   time.Time     // since when somebody is asked to look, by the bank's clock; zero where the record alone is unsure
}

// DoorState is what a door is doing.
type DoorState string

// The states of a door on the board.
const (
	DoorFree    DoorState = "free"
	DoorKeeping DoorState = "keeping"        // a device is in it
	DoorOpen    DoorState = "open"           // open, by order
	DoorTrouble DoorState = "trouble"        // forced, left open, or a visit nobody saw to its end
	DoorOut     DoorState = "out-of-service" // jammed or barred
	DoorUnasked DoorState = "unknown"        // its board does not answer
	DoorHeld    DoorState = "held"           // shut by a hold placed at the bank
)

// Item is one item at a bank.
type Item struct {
	ID    string
	Door  int
	Class locker.Class // of the door
	Since time.Time    // when its door was seen to open for it, or was told to
	By    string       // who had it put in: an account by an order, a person at the kiosk
	State ItemState
	Held  bool // its door opens for nobody
}

// ItemState is how an item stands.
type ItemState string

// The states of an item at a bank. Once it is seen to have been taken out, it is
// no longer there.
const (
	ItemComing ItemState = "coming" // its door was told to open, or is open for it
	ItemIn     ItemState = "in"     // behind its shut door
	ItemGoing  ItemState = "going"  // its door was told to open, or is open for it to leave
	ItemUnsure ItemState = "unsure" // in or out, nobody saw: a person must look
)

// Problem is something a person should do. Words belong to the page; Code, door
// and person are enough to find them.
type Problem struct {
	Code   ProblemCode
	Door   int    // 0 for none
	Person string // "" for none
	Item   string // "" for none
	Since  time.Time
	Doors  int // with TakenOver, ToLook: how many
}

// ProblemCode names a problem.
type ProblemCode string

// The problems, gravest first.
const (
	Forced     ProblemCode = "forced"      // a door opened without an order
	Unverified ProblemCode = "unverified"  // a visit nobody saw to its end
	TakenOver  ProblemCode = "taken-over"  // another machine took over; nobody has looked at so many doors yet
	ToLook     ProblemCode = "to-look"     // somebody may have been at so many doors; nobody has looked at them yet
	NoReply    ProblemCode = "no-reply"    // doors cannot be asked
	Jammed     ProblemCode = "jammed"      // a door does not open
	LeftOpen   ProblemCode = "left-open"   // a door stands open
	HelpAsked  ProblemCode = "help"        // somebody at the kiosk pressed Help
	NoDoor     ProblemCode = "no-door"     // a pupil found no free door
	NotEmptied ProblemCode = "not-emptied" // the sensor still sees something after a collection
	Overdue    ProblemCode = "overdue"     // still in after the collection window closed
)
