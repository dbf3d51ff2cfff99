package board

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/locker/view"
	"github.com/bellkeep/bellkeep/mdm"
)

// Banks gives every bank as its record has it. News counts what has changed;
// Wait returns nil once News is more than seen, or ctx's error.
type Banks interface {
	Banks() []banks.Status
	News() uint64
	Wait(ctx context.Context, seen uint64) error
}

// Rules are what was last given out to banks.
type Rules interface {
	Current() locker.Rules
}

// Force says, bank by bank, since when the rules hold that the record at seq of
// the school's ledger decided.
type Force interface {
	InForce(seq uint64) []banks.Force
}

// Orders hands an order to a bank and waits for what became of it. It gives the
// order its id and its nonce. An error means that the bank did not answer.
type Orders interface {
	Order(ctx context.Context, bank string, o locker.Order) (banks.Done, error)
}

// People tells who a person is. Name must be quick: a page asks for everybody.
type People interface {
	Search(query string) []register.Person
	Person(id string) (register.Person, bool)
	Name(id string) (name, form string, ok bool)
}

// Desk is where stops and holds are placed and ended, each by a person.
type Desk interface {
	Standing() []desk.Bar
	Place(ctx context.Context, by string, kind desk.Kind, on locker.Subject) (desk.Bar, error)
	End(ctx context.Context, who desk.By, id string) (ended bool, err error)
	Fills(who desk.By, wanted []policy.Approver) bool // whether they are one of those
	Ending() []policy.Approver                        // who end a hold
}

// Items are devices in the school's custody.
type Items interface {
	Item(id string) (desk.Item, error)
}

// Task is something that waits for a person on another page. It names nobody.
type Task struct {
	Key, What, Next, Href, Link string

	Permission roles.Permission // who may know of it; "" for whoever sees the page
	Grave      bool             // it goes before every problem of doors and devices
	Since      time.Time
}

// Devices gives every school device as it stands. News and Wait are as those of
// Banks.
type Devices interface {
	Devices() []DeviceRow
	News() uint64
	Wait(ctx context.Context, seen uint64) error
}

// DeviceRow is one device. Times are school time.
type DeviceRow struct {
	ID, Label    string
	Groups       []string
	Mode         string      // wanted now: lesson, break ...
	State        DeviceState // its verdict
	Since        time.Time   // of State; zero when not known
	Online       bool
	AsOf         time.Time       // when it last said anything; zero for never
	Rev, Applied uint64          // wanted, and the last it reported applied in full
	Refused      string          // why its last message was refused; "" for none
	Settings     []DeviceSetting // all that are wanted, by name
}

// DeviceSetting is one setting of a device: what it must be and what it is.
type DeviceSetting struct {
	Name       mdm.Setting
	State      string    // applied, updating, overridden ...; "" when not reported
	Want, Have mdm.Value // Have is "" when not known
	Detail     string
}

// DeviceState is how a device stands to what is wanted of it.
type DeviceState string

// The states of a device, gravest first.
const (
	DeviceViolating DeviceState = "violating"   // it says that something is otherwise
	DeviceRejected  DeviceState = "rejected"    // what it said last cannot be true
	DeviceLate      DeviceState = "late"        // online, and should have answered
	DeviceAwaits    DeviceState = "user-action" // whoever holds it must do something first
	DeviceOffline   DeviceState = "offline"
	DeviceUnknown   DeviceState = "unknown" // never seen
	DeviceAssumed   DeviceState = "assumed" // asked for; it cannot say
	DevicePending   DeviceState = "pending" // online, and still has time
	DeviceInForce   DeviceState = "in-force"
)

// History tells what a bank's record says of one person, newest first, of the
// last days.
type History interface {
	History(person string) []Happening
}

// Happening is one line of a person's history. At is school time.
type Happening struct {
	At   time.Time
	Bank string
	locker.Event
}

// Day is what the office keeps of the school day beside the banks. standing tells
// how somebody stands at the banks; "" for who is on no bank's list.
type Day interface {
	Now(standing func(person string) view.Standing) DayNow
	Pupil(person string) []string      // what counts of a pupil's day, in words
	SchoolDays(from, to time.Time) int // that began between two moments: how long something has lain
}

// DayNow is the day in figures.
type DayNow struct {
	Waiting int // confiscated devices that wait for a parent
	Later   int // those not to be released yet
	Desk    int // other devices at the desk
	Trays   int // devices in class trays
	Missing int // present and not handed in
	Marked  int // pupils whose attendance is marked; 0 while Missing says nothing
}

// Records is the school's ledger: it grows with everything decided.
type Records interface {
	Size() uint64
}

// Badges gives all badges a person has or had. At most one is live.
type Badges interface {
	Of(person string) []badges.Badge
}

// BadgeDesk revokes a person's badge and prints another, in one step, as a PDF.
type BadgeDesk interface {
	Replace(ctx context.Context, by, person string, why badges.Why) (pdf []byte, err error)
}

// Cards prints badges as a PDF: for people who have none, of whom Missing gives
// the ids, and n spares.
type Cards interface {
	Missing() []string
	Print(ctx context.Context, by string, persons []string) (pdf []byte, err error)
	Spares(ctx context.Context, by string, n int) (pdf []byte, err error)
}
