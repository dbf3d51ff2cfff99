package exceptions

import (
	"errors"
	"maps"
	"net/url"
	"slices"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/web/school/kit"
)

// steps are the pages that ask for an exception for one person, one question each.
// Behind the last of them the answers are checked and sent.
var steps = []struct {
	name, title string
	fields      []string
}{
	{"kind", "What kind of exception is it?", []string{"kind"}},
	{"hours", "When in the day is it needed?", []string{"scope"}},
	{"days", "On which days?", []string{"start", "end", "from", "until", "review"}},
	{"why", "Why is it needed?", []string{"why", "evidence", "allow"}},
}

// checking is the page behind the steps, which a form without a step is from too.
var checking = len(steps)

const checkName = "check"

// stepOf is the step of a name.
func stepOf(name string) int {
	for i, s := range steps {
		if s.name == name {
			return i
		}
	}
	return checking
}

func stepName(step int) string {
	if step == checking {
		return checkName
	}
	return steps[step].name
}

// at is the step that a page shows.
type at struct {
	Page, Title string // its template
	Step        string
	Number, Of  int    // as people count
	Action      string // where its form goes
	Back        string // the step before; "" for none
	Before      string // its address
	Scope       string // as answered
	Answers     []answer
}

// answer is one line to check, and the address of the step that changes it.
type answer struct{ Name, Text, Change string }

func (p *pages) at(d formData, pages kit.Steps, step int) at {
	first := 0
	if len(d.Kinds) == 1 { // nothing to choose
		first = 1
	}
	a := at{Page: "exception-form", Step: stepName(step), Number: step - first + 1, Of: checking - first + 1, Action: pages.At(stepName(step)), Scope: d.Form.Get("scope")}
	if step > first {
		a.Back, a.Before = stepName(step-1), pages.At(stepName(step-1))
	}
	if step < checking {
		a.Title = steps[step].title
		return a
	}
	a.Page, a.Title, a.Answers = "exception-check", "Check your answers", p.answers(d, pages)
	return a
}

// answers are all of them, in words.
func (p *pages) answers(d formData, pages kit.Steps) []answer {
	t, _ := p.terms(d.Form, d.ID) // no page before this one leaves what cannot be read
	list := []answer{
		{"Kind", kindWords(t.Kind), pages.At("kind")}, {"When in the day", scopeWords(t), pages.At("hours")}, {"Days", p.dates(t), pages.At("days")},
	}
	if t.Scope != exception.Once {
		list = append(list, answer{"To be looked at again by", p.lastDay(t.Review), pages.At("days")})
	}
	if len(d.Kinds) == 1 {
		list[0].Change = ""
	}
	list = append(list, answer{"What is needed", d.Form.Get("why"), pages.At("why")})
	for _, a := range []answer{{"Evidence", d.Form.Get("evidence"), pages.At("why")}, {"Allowed on a school device", allowed(t), pages.At("why")}} {
		if a.Text != "" {
			list = append(list, a)
		}
	}
	return list
}

// reached is the first step that is not answered yet.
func (p *pages) reached(f *kit.Form, person string) int { return firstWith(p.faults(f, person)) }

// faults are all that is wrong with the answers, each in a field of some step.
func (p *pages) faults(f *kit.Form, person string) error {
	t, unread := p.terms(f, person)
	var list []error
	seen := map[string]bool{}
	for _, e := range errs.All(errors.Join(unread, t.Check(p.Rules(), p.Calendar, p.Now()), paper(f).Check(t.Kind))) {
		field := e.Field
		switch {
		case field == "": // the rules do not know the kind
			field = "kind"
		case t.Scope == exception.Once && (field == "until" || field == "review"): // it has one day
			field = "from"
		}
		if !seen[field] {
			seen[field] = true
			list = append(list, errs.At(field, e.Message, e.Hint))
		}
	}
	return errors.Join(list...)
}

// firstWith is the first step with a fault, or the page behind all.
func firstWith(err error) int {
	first := checking
	for _, e := range errs.All(err) {
		for i, s := range steps[:first] {
			if slices.Contains(s.fields, e.Field) {
				first = i
				break
			}
		}
	}
	return first
}

// inStep are the faults of a step's fields; nil for none.
func inStep(err error, step int) error {
	if step == checking {
		return nil
	}
	var own []error
	for _, e := range errs.All(err) {
		if slices.Contains(steps[step].fields, e.Field) {
			own = append(own, e)
		}
	}
	return errors.Join(own...)
}

// merged are the answers with those of a step in place of what it said before: a
// tick that is gone is gone.
func merged(before, typed url.Values, step int) url.Values {
	if step < checking {
		for _, field := range steps[step].fields {
			delete(before, field)
		}
	}
	maps.Copy(before, typed)
	return before
}

// answers are what of a form the steps ask for.
func answers(f *kit.Form) url.Values {
	list := url.Values{}
	for _, s := range steps {
		for _, field := range s.fields {
			if v, ok := f.Values[field]; ok {
				list[field] = v
			}
		}
	}
	return list
}

func paper(f *kit.Form) exception.Paper {
	return exception.Paper{Why: f.Get("why"), Evidence: f.Get("evidence")}
}
