package exceptions

import (
	"context"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/exception"
)

// Approve is the second person's consent to a request, or to an extension that
// was asked for. Errors: not found, conflict when there is nothing to decide any
// more, denied (see school.Actor.Approve, and the package comment).
func (b *Book) Approve(ctx context.Context, by By, id string) error {
	b.command.Lock()
	defer b.command.Unlock()
	stamp := b.Stamp()
	e, asked, err := b.undecided(id, stamp.Wall)
	if err != nil {
		return err
	}
	if err := b.maySign(by, e, asked); err != nil {
		return err
	}
	if by.Account == asked.By { // whoever it was said to belong to when it asked
		return errs.New(errs.Denied, "This account asked for it.", "Ask another person who may.")
	}
	if _, err := by.Approve(stamp.Wall, asked.Person, e.Person); err != nil {
		return err
	}
	return b.record(ctx, KindApproved, by, stamp, body{Exception: id}, nil)
}

// maySign lets heads approve; and others countersign the permission a head asked
// for as a member of staff, where the rules say so.
func (b *Book) maySign(by By, e exception.Exception, asked exception.Asked) error {
	switch {
	case by.Head:
		return nil
	case e.Kind != exception.Staff || !asked.Head || !b.Rules().Countersign:
		return errs.New(errs.Denied, "The headteacher approves this.", "Ask the headteacher, or whoever acts as head.")
	}
	return nil
}

// Refuse says no, with a reason, to a request or to an extension that was asked
// for. What is in force stays so. Errors: as Approve, and invalid without reason.
func (b *Book) Refuse(ctx context.Context, by By, id, why string) error {
	b.command.Lock()
	defer b.command.Unlock()
	stamp := b.Stamp()
	e, asked, err := b.undecided(id, stamp.Wall)
	if err == nil {
		err = b.maySign(by, e, asked)
	}
	if err == nil {
		err = exception.CheckText("why", why, "Enter why it is refused")
	}
	if err != nil {
		return err
	}
	return b.record(ctx, KindRefused, by, stamp, body{Exception: id}, because(why))
}

// undecided is an exception with something to decide, and who asked for that.
func (b *Book) undecided(id string, now time.Time) (exception.Exception, exception.Asked, error) {
	e, ok := b.Exception(id)
	if !ok {
		return e, exception.Asked{}, errNone
	}
	state := e.State(now, b.Rules())
	switch {
	case state == exception.Barred:
		return e, e.Asked, errs.New(errs.Denied, "The school's rules do not allow this kind of exception.", "See the school's policy.")
	case state == exception.Waiting && !now.Before(e.Lapses()):
		return e, e.Asked, errs.New(errs.Conflict, "Its time was over before it was decided.", "Ask for it again.")
	case state == exception.Waiting:
		return e, e.Asked, nil
	case state.Open() && e.Renewal != nil && now.Before(e.Renewal.Until):
		return e, e.Renewal.Asked, nil
	}
	return e, e.Asked, errs.New(errs.Conflict, "There is nothing to decide here any more.", "Look at the exception's page.")
}

// End ends an exception at once. What would go on by itself needs a reason.
// Errors: not found, conflict when it is over, invalid.
func (b *Book) End(ctx context.Context, by By, id, why string) error {
	b.command.Lock()
	defer b.command.Unlock()
	stamp := b.Stamp()
	e, ok := b.Exception(id)
	if !ok {
		return errNone
	}
	state := e.State(stamp.Wall, b.Rules())
	if perhaps := state == exception.Over && !stamp.Trusted; !state.Open() && !perhaps { // a clock that may be wrong ends none, people do
		return errs.New(errs.Conflict, "It is not in force any more.", "Look at the exception's page.")
	}
	needed := ""
	if e.Kind.Continues() {
		needed = "Enter why it ends: without that it would go on"
	}
	if err := exception.CheckText("why", why, needed); err != nil {
		return err
	}
	return b.record(ctx, KindEnded, by, stamp, body{Exception: id}, because(why))
}
