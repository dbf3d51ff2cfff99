package api

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/exceptions"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
	asking "github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/mdm/shadow"
)

// Banks gives every bank as its record has it.
type Banks interface {
	Banks() []banks.Status
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

// People is the register.
type People interface {
	People() []register.Person
	Search(query string) []register.Person
	Person(id string) (register.Person, bool)
	Contacts(pupil string) []register.Contact
}

// Orders hands an order to a bank and waits for what became of it. An error means
// that the bank did not answer.
type Orders interface {
	Order(ctx context.Context, bank string, o locker.Order) (banks.Done, error)
}

// Notices prepares what is sent to a parent, and sends it when a person says so.
type Notices interface {
	Prepare(ctx context.Context, by string, r notify.Request) (notify.Notice, error)
	Send(ctx context.Context, by school.Actor, id string) error
	Of(about string) []notify.Notice
}

// Desk is where stops and holds are placed and ended.
type Desk interface {
	Standing() []desk.Bar
	Place(ctx context.Context, by string, kind desk.Kind, on locker.Subject) (desk.Bar, error)
	End(ctx context.Context, who desk.By, id string) (ended bool, err error)
}

// Devices gives every school device as it stands.
type Devices interface {
	Board() shadow.Board
}

// History is what the banks' records say of a person lately, newest first.
type History interface {
	History(person string) []banks.Happening
}

// Badges gives all badges a person has or had, and spares to people.
type Badges interface {
	Of(person string) []badges.Badge
	Scanned(ctx context.Context, text string) (badges.Badge, error)
	Hand(ctx context.Context, by string, spare school.BadgeHash, person string, why badges.Why) error
}

// Register is the book of who is here.
type Register interface {
	Day(date school.Date) attendance.Day
	Mark(ctx context.Context, by string, date school.Date, how attendance.How, marks map[string]attendance.Mark) (attendance.Batch, error)
	Undo(ctx context.Context, by, batch string) error
	Leaves
}

// Leaves lets pupils go before the end of the day.
type Leaves interface {
	LeaveEarly(ctx context.Context, by string, l attendance.Leave) (attendance.Leave, error)
	EndLeave(ctx context.Context, by, grant string) error
	Leave(grant string) (attendance.Leave, bool)
}

// Exceptions is the book of exceptions; see package internal/exceptions.
type Exceptions interface {
	Reader
	Requests
	Decisions
}

// Reader gives exceptions, oldest first, and how one stands now.
type Reader interface {
	All() []exception.Exception
	Exception(id string) (exception.Exception, bool)
	State(e exception.Exception) exception.State
}

// Requests are what may be asked for.
type Requests interface {
	Ask(ctx context.Context, by exceptions.By, t exception.Terms, p exception.Paper) (id string, err error)
	Extend(ctx context.Context, by exceptions.By, id string, until, review time.Time, why string) error
	Withdraw(ctx context.Context, by exceptions.By, id string) error
}

// Decisions are what a second person does.
type Decisions interface {
	Approve(ctx context.Context, by exceptions.By, id string) error
	Refuse(ctx context.Context, by exceptions.By, id, why string) error
	End(ctx context.Context, by exceptions.By, id, why string) error
}

// Ledger is the school's own.
type Ledger interface {
	Read(ctx context.Context, from uint64, fn func(ledger.Record) error) error
}

// DeviceRuleBook is what the school asks of its devices.
type DeviceRuleBook interface {
	VersionAt(t time.Time) (asking.Version, bool)
	Requests() []asking.Request
}
