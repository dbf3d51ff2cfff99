// Package alerts tells staff by e-mail, of itself, what waits for them and what went
// wrong with school devices: a change of the device rules or a move of devices that
// they may agree to, and a bell that did not take; of the registers they keep; of a
// visitor's breach; and that a concern was raised, without a word of what it is.
//
// What is due follows from the books alone, and the outbox sends one message to one
// person about one thing, ever: so a restart says nothing twice. A message has counts
// and names of groups, never a person. Where no mail leaves, the board says the same.
package alerts

import (
	"context"
	"log/slog"
	"time"

	"github.com/bellkeep/bellkeep/internal/accounts"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/notify"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/internal/wait"
	"github.com/bellkeep/bellkeep/locker/desk/concern"
	"github.com/bellkeep/bellkeep/locker/desk/visit"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
	"github.com/bellkeep/bellkeep/mdm/history"
)

// The limits.
const (
	MostTold = 5         // people for one thing and side, those with the weightiest roles
	bellAge  = time.Hour // of a bell that is still worth a message, in school time
	every    = 15 * time.Second
)

// Outbox sends each alert once; see notify.Book.
type Outbox interface {
	Tell(ctx context.Context, a notify.Alert) error
}

// Changes are what was asked for of the device rules.
type Changes interface {
	Requests() []change.Request
	Last() (change.Version, bool)
	At(now time.Time) (mdm.Rules, uint64)
}

// Moves are devices that are to go to other groups.
type Moves interface {
	Moves() []fleet.Move
	MayMove(m fleet.Move) error
}

// Breaches are those of visitors that nobody has taken note of.
type Breaches interface {
	Unseen() []visit.Challenge
}

// Bells are those on record.
type Bells interface {
	Last() (history.Bell, bool)
}

// Concerns are the safeguarding files.
type Concerns interface {
	Alerts(now time.Time) []concern.Alert
	Adopt(ctx context.Context) error
}

// Config is what a Teller works with.
type Config struct {
	Outbox   Outbox
	Changes  Changes
	Moves    Moves
	Bells    Bells
	Concerns Concerns // or nil
	Breaches Breaches
	Rules    func() policy.Rules
	Accounts func() []accounts.Account
	Now      func() time.Time // school time
	Base     func() string    // address of the pages, for links
	Log      *slog.Logger

	Registers Registers
}

// Teller tells staff what is due.
type Teller struct {
	Config
	failed map[string]bool // what is in the log already, by thing and person
}

// New makes one that has told nothing yet.
func New(c Config) *Teller { return &Teller{Config: c, failed: map[string]bool{}} }

// Run tells what is due until ctx ends.
func (t *Teller) Run(ctx context.Context) error {
	for wait.For(ctx, every) == nil {
		t.Tell(ctx)
	}
	return nil
}

// adoption is the key in failed of opening files for devices that have none.
const adoption = "adoption"

// Tell hands everything that is due to the outbox, which knows what it has sent. What
// cannot be told is logged and tried again: the board shows it meanwhile.
func (t *Teller) Tell(ctx context.Context) {
	if t.Concerns != nil {
		err := t.Concerns.Adopt(ctx)
		if err != nil && ctx.Err() == nil && !t.failed[adoption] { // the device is held, and it is tried again
			t.Log.Error("no file could be opened for a device that may be evidence", "err", err, "next", errs.HintOf(err))
		}
		t.failed[adoption] = err != nil
	}
	for _, a := range t.Due() {
		key := a.About + " " + a.Staff
		err := t.Outbox.Tell(ctx, a)
		if err != nil && ctx.Err() == nil && !t.failed[key] {
			t.Log.Warn("a member of staff could not be told", "about", a.About, "err", err, "next", errs.HintOf(err))
		}
		t.failed[key] = err != nil
	}
}
