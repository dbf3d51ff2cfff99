package api

import (
	"context"

	"github.com/bellkeep/bellkeep/internal/attendance"
	"github.com/bellkeep/bellkeep/internal/badges"
	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/desk"
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
	LeaveEarly(ctx context.Context, by string, l attendance.Leave) (attendance.Leave, error)
}

// Exceptions is the book of exceptions.
type Exceptions interface {
	All() []exception.Exception
	Exception(id string) (exception.Exception, bool)
	State(e exception.Exception) exception.State
}

// Ledger is the school's own.
type Ledger interface {
	Read(ctx context.Context, from uint64, fn func(ledger.Record) error) error
}
