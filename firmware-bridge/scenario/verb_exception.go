package scenario

import (
	"context"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/exceptions"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

var forPupils = param{name: "for", kind: people, needed: true, about: "whose it is"}

// exceptionVerbs are what people do about exceptions.
var exceptionVerbs = []verb{
	{"ask-exception", "a member of staff", "Ask for an exception, all day, for one or more.", []param{forPupils,
		{name: "kind", kind: aChoice, needed: true, among: choices(exception.Kinds), about: "the kind"},
		{name: "from", kind: aDate, needed: true, about: "its first day"},
		{name: "until", kind: aDate, needed: true, about: "the day after its last"},
		{name: "review", kind: aDate, needed: true, about: "when somebody looks at it again"},
		{name: "why", kind: aText, needed: true, about: "the reason"},
		{name: "evidence", kind: aText, about: "where proof is"}}, askException},
	{"approve-exception", "a member of staff", "Approve what was asked for.", []param{forPupils}, approveException},
	{"end-exception", "a member of staff", "End it before its time.", []param{forPupils,
		{name: "why", kind: aText, needed: true, about: "the reason"}}, endException},
}

func (w *world) exceptionBy(p *person) exceptions.By {
	head := slices.ContainsFunc(p.roles, func(a roles.Assignment) bool { return a.Role == roles.Head })
	return exceptions.By{Actor: p.actor, Head: head}
}

// date is the beginning of a day that was checked when the file was read.
func (w *world) date(text string) time.Time {
	d, _ := school.ParseDate(text)
	return d.At(school.Clock{}, w.zone)
}

func askException(w *world, c call) error {
	return w.excepting(c, func(by exceptions.By, of *person) error {
		terms := exception.Terms{Kind: exception.Kind(c.text("kind")), Scope: exception.AllDay, Person: of.id,
			From: w.date(c.text("from")), Until: w.date(c.text("until")), Review: w.date(c.text("review"))}
		_, err := w.books.Exceptions.Ask(context.Background(), by, terms, exception.Paper{Why: c.text("why"), Evidence: c.text("evidence")})
		return err
	})
}

func approveException(w *world, c call) error {
	return w.excepting(c, func(by exceptions.By, of *person) error {
		e, err := w.newest(of)
		if err != nil {
			return err
		}
		return w.books.Exceptions.Approve(context.Background(), by, e.ID)
	})
}

func endException(w *world, c call) error {
	return w.excepting(c, func(by exceptions.By, of *person) error {
		e, err := w.newest(of)
		if err != nil {
			return err
		}
		return w.books.Exceptions.End(context.Background(), by, e.ID, c.text("why"))
	})
}

// excepting does something about exceptions of one or more, up to the first that
// is refused.
func (w *world) excepting(c call, do func(exceptions.By, *person) error) error {
	by, err := w.staff(c.who)
	if err != nil {
		return err
	}
	for _, of := range w.all(c.names("for")) {
		if err := do(w.exceptionBy(by), of); err != nil {
			return err
		}
	}
	return nil
}

// newest is the newest exception of somebody.
func (w *world) newest(of *person) (exception.Exception, error) {
	for _, e := range slices.Backward(w.books.Exceptions.All()) {
		if e.Person == of.id {
			return e, nil
		}
	}
	return exception.Exception{}, wrong("No exception for %s was asked for.", of.name)
}
