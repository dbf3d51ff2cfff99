package office

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker/desk/tray"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// Banks gives every bank as its record has it.
type Banks interface {
	Banks() []banks.Status
}

// Force says, bank by bank, since when the rules hold that the record at seq of
// the school's ledger decided.
type Force interface {
	InForce(seq uint64) []banks.Force
}

// People are those of the register.
type People interface {
	People() []register.Person
	Person(id string) (register.Person, bool)
	Search(query string) []register.Person
}

// Register is the book of who is here.
type Register interface {
	Day(date school.Date) attendance.Day
	Mark(ctx context.Context, by string, date school.Date, how attendance.How, marks map[string]attendance.Mark) (attendance.Batch, error)
	Undo(ctx context.Context, by, batch string) error
}

// Leaves lets pupils go before the end of the day.
type Leaves interface {
	LeaveEarly(ctx context.Context, by string, l attendance.Leave) (attendance.Leave, error)
	EndLeave(ctx context.Context, by, grant string) error
	Leave(grant string) (attendance.Leave, bool)
}

// Trays tells how pupils stand to their class's trays.
type Trays interface {
	Standings() map[string]tray.Standing
}

// Grants tells which record of the school's ledger gave a permission or took it
// back, and whether it was taken back.
type Grants interface {
	Given(grant string) (seq uint64)
	Withdrawn(grant string) bool
}

// Badges gives spares to people.
type Badges interface {
	Live(person string) (badges.Badge, error)
	Scanned(ctx context.Context, text string) (badges.Badge, error)
	Hand(ctx context.Context, by string, spare school.BadgeHash, person string, why badges.Why) error
}

// Exempt are all who may have their phones now, by id: whatever banks know of it,
// for a school may have none for pupils.
type Exempt interface {
	ExemptNow() []string
}

// Desk keeps devices that are outside their owner's routine: given in by hand,
// found, left over. Devices are those in the school's custody, those here longest
// first; Device finds one that is gone too.
type Desk interface {
	Devices() []Device
	Device(id string) (Device, error)
	Condition(ctx context.Context, id string) (string, error) // as written when it came
	Police(ctx context.Context, id string) (string, error)    // what they left for it; "" for nothing
	Restricted(who kit.Who, d Device) bool                    // its owner is not for who to know
}

// Hands takes devices in and gives them back.
type Hands interface {
	Take(ctx context.Context, who kit.Who, in Intake) (id string, err error)
	Own(ctx context.Context, who kit.Who, id, person string) error
	GiveBack(ctx context.Context, who kit.Who, id string, to To) error
	ToPolice(ctx context.Context, who kit.Who, id, officer, reference string) error
}

// Device is one device in custody.
type Device struct {
	ID, What string
	Why      Why
	Whose    string // person; "" while nobody knows
	Case     string // the case about it; "" for none
	Due      bool   // confiscated, and waits for an adult now
	Place    Place
	Since    time.Time // in custody
	By       string    // account that took it in
	Ended    string    // account that gave it back
}

// Why a device is here.
type Why string

// The reasons. A confiscated one goes to a parent by its case, not from here.
const (
	GivenIn     Why = "given-in"
	Found       Why = "found"
	LeftOver    Why = "left-over"
	Confiscated Why = "confiscated"
)

// Place is where a device is: exactly one of the four.
type Place struct {
	Spot  string // a named place at the desk, by its id
	Hands string // in whose hands: a person
	Bank  string // behind this bank's Door
	Door  int
	Gone  To // given to whom
	Since time.Time
}

// Intake is what is written down when a device comes to the desk.
type Intake struct {
	What, Whose, Spot, Condition string
	Why                          Why
}

// To is who gets a device.
type To string

// The receivers.
const (
	ToOwner  To = "owner"
	ToParent To = "parent"
	ToPolice To = "police"
)

// Spot is a named place at the desk: an envelope, the safe.
type Spot struct{ ID, Name string }
