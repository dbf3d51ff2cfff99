package exceptions

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
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
// denied by the school's rules or to whoever is not in the register, not found, conflict when there are too many.
func (b *Book) Ask(ctx context.Context, by By, t exception.Terms, p exception.Paper) (string, error) {
	b.command.Lock()
	defer b.command.Unlock()
	stamp := b.Stamp()
	p = exception.Paper{Why: strings.TrimSpace(p.Why), Evidence: strings.TrimSpace(p.Evidence), Departure: strings.TrimSpace(p.Departure)}
	if err := by.Ask(); err != nil {
		return "", err
	}
	if err := errors.Join(t.Check(b.Rules(), b.Calendar, stamp.Wall), p.Check(t.Kind)); err != nil {
		return "", err
	}
	if err := b.mayHave(t); err != nil {
		return "", err
	}
	if b.pending(stamp.Wall) >= mostOpen {
		return "", errs.New(errs.Conflict, "Too many exceptions wait or are in force.", "Decide or end some first.")
	}
	e := body{Exception: ledger.NewID("x"), Head: by.Head, For: t.Person, From: whole(t.From), Until: whole(t.Until), Review: whole(t.Review)}
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

// Extend asks for a later end and review; somebody else approves it. A lesson's
// exception is not extended. Errors: invalid (with the field), not found,
// conflict.
func (b *Book) Extend(ctx context.Context, by By, id string, until, review time.Time, why string) error {
	b.command.Lock()
	defer b.command.Unlock()
	if err := by.Ask(); err != nil {
		return err
	}
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
