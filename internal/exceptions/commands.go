package exceptions

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
)

// By is who does something, and whether they may approve exceptions.
type By struct {
	school.Actor
	Head bool
}

// mostOpen is how many exceptions may wait or be in force at a time; a directory
// carries what they become.
const mostOpen = 1000

// Ask puts down a request and gives its id. Errors: invalid (with the field),
// denied by the school's rules, not found, conflict when there are too many.
func (b *Book) Ask(ctx context.Context, by By, t exception.Terms, p exception.Paper) (string, error) {
	b.command.Lock()
	defer b.command.Unlock()
	stamp := b.Stamp()
	p = exception.Paper{Why: strings.TrimSpace(p.Why), Evidence: strings.TrimSpace(p.Evidence), Departure: strings.TrimSpace(p.Departure)}
	if err := errors.Join(t.Check(b.Rules(), b.Calendar, stamp.Wall), p.Check(t.Kind)); err != nil {
		return "", err
	}
	if err := b.mayHave(t); err != nil {
		return "", err
	}
	if b.pending(stamp.Wall) >= mostOpen {
		return "", errs.New(errs.Conflict, "Too many exceptions wait or are in force.", "Decide or end some first.")
	}
	e := body{Exception: "x-" + random(), Head: by.Head, For: t.Person, From: whole(t.From), Until: whole(t.Until), Review: whole(t.Review)}
	return e.Exception, b.record(ctx, KindAsked, by, stamp, e, &paper{t, p})
}

// mayHave checks that there is somebody of the right kind to except.
func (b *Book) mayHave(t exception.Terms) error {
	if t.Kind == exception.Curriculum {
		if len(b.members(t.Form)) == 0 {
			return errs.At("form", "There is no such class", "Choose one from the list.")
		}
		return nil
	}
	p, ok := b.People.Person(t.Person)
	switch {
	case !ok || !p.OnRoll():
		return errs.New(errs.NotFound, "Nobody on the roll has that number.", "Look for the name again.")
	case (t.Kind == exception.Staff) != (p.Kind == register.Staff):
		return errs.At("kind", "That kind of exception is not for this person", "")
	}
	return nil
}

func (b *Book) pending(now time.Time) int {
	n, rules := 0, b.Rules()
	for _, e := range b.All() {
		if s := e.State(now, rules); s == exception.Waiting || s.Open() {
			n++
		}
	}
	return n
}

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
	if _, err := by.Approve(stamp.Wall, asked.Person, e.Person); err != nil {
		return err
	}
	return b.record(ctx, KindApproved, by, stamp, body{Exception: id}, nil)
}

// maySign lets heads approve; and others countersign what a head asked for,
// where the rules say so.
func (b *Book) maySign(by By, e exception.Exception, asked exception.Asked) error {
	switch {
	case by.Head:
		return nil
	case e.Kind == exception.Curriculum || !asked.Head || !b.Rules().Countersign:
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

// Extend asks for a later end and review; somebody else approves it. A lesson's
// exception is not extended. Errors: invalid (with the field), not found,
// conflict.
func (b *Book) Extend(ctx context.Context, by By, id string, until, review time.Time, why string) error {
	b.command.Lock()
	defer b.command.Unlock()
	stamp := b.Stamp()
	e, ok := b.Exception(id)
	switch {
	case !ok:
		return errNone
	case e.Kind == exception.Curriculum:
		return errs.New(errs.Invalid, "A lesson's exception is for one lesson.", "Ask anew for another lesson.")
	case !e.State(stamp.Wall, b.Rules()).Open():
		return errs.New(errs.Conflict, "It is not in force any more.", "Ask for a new one.")
	case e.Renewal != nil:
		return errs.New(errs.Conflict, "An extension waits to be decided already.", "Look at the exception's page.")
	}
	e.Until, e.Review = until, review
	if err := errors.Join(e.CheckTimes(stamp.Wall), exception.CheckText("why", why, "Enter the reason")); err != nil {
		return err
	}
	return b.record(ctx, KindExtension, by, stamp, body{Exception: id, Head: by.Head, Until: whole(until), Review: whole(review)}, because(why))
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
	if !e.State(stamp.Wall, b.Rules()).Open() {
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

// Withdraw takes back one's own request before it is decided. Errors: not found,
// denied, conflict.
func (b *Book) Withdraw(ctx context.Context, by By, id string) error {
	b.command.Lock()
	defer b.command.Unlock()
	stamp := b.Stamp()
	e, ok := b.Exception(id)
	switch {
	case !ok:
		return errNone
	case e.Asked.Person != by.Person:
		return errs.New(errs.Denied, "Only whoever asked may take it back.", "")
	case e.State(stamp.Wall, b.Rules()) != exception.Waiting:
		return errs.New(errs.Conflict, "It was decided already.", "Look at the exception's page.")
	}
	return b.record(ctx, KindEnded, by, stamp, body{Exception: id}, nil)
}

var errNone = errs.New(errs.NotFound, "There is no such exception.", "Look at the list of exceptions.")

// whole is t as a ledger keeps it.
func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
