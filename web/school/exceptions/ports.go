package exceptions

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/exceptions"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school/exception"
)

// Book is the school's book of exceptions; see package internal/exceptions.
type Book interface {
	Reader
	Requests
	Decisions
}

// Reader gives exceptions, oldest first, and how one stands now.
type Reader interface {
	All() []exception.Exception
	Exception(id string) (exception.Exception, bool)
	State(e exception.Exception) exception.State
	Due(e exception.Exception) exception.Due
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

// People are those of the register.
type People interface {
	Person(id string) (register.Person, bool)
	People() []register.Person
	Search(query string) []register.Person
}

// Force says, bank by bank, since when the rules hold that the record at seq of
// the school's ledger decided.
type Force interface {
	InForce(seq uint64) []banks.Force
}

// Devices are the school's own. Groups are the ids of their groups.
type Devices interface {
	Groups() []string
	Bound(e exception.Exception) []Device
}

// Device is one that an exception is about, and how it stands to what is wanted
// of it now.
type Device struct {
	ID, Label string
	InForce   bool   // it says that it is as it must be
	Words     string // what it says
}
