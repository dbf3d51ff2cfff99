package figures

import (
	"cmp"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/locker/desk"
)

// table adds a count that is split, with what its parts let a reader know.
func (r *Report) table(short, title, what string, parts []Part) {
	var counts []int
	for _, p := range parts {
		counts = append(counts, p.N)
	}
	t := Table{Title: title, What: what, Short: short}
	var cells []Cell
	t.Total, cells = Split(counts)
	for i, p := range parts {
		t.Rows = append(t.Rows, Line{p.Name, cells[i]})
	}
	r.Tables = append(r.Tables, t)
}

func within(t, from, until time.Time) bool { return !t.Before(from) && t.Before(until) }

func (r *Report) confiscations(s Sources, from, until time.Time) {
	reasons, outcomes, years := map[desk.Reason]int{}, map[desk.Outcome]int{}, map[string]int{}
	for _, c := range s.Cases() {
		if !within(c.Opened, from, until) {
			continue
		}
		reasons[c.Facts.Reason]++
		outcomes[outcomeBy(c, until)]++
		p, _ := s.Person(c.Whose)
		years[yearWords(p.Year)]++
	}
	var list []Part
	for _, reason := range desk.Reasons {
		list = append(list, Part{reasonWords[reason], reasons[reason]})
	}
	r.table("Confiscations", "Confiscations, by reason", "devices taken this term", list)
	list = nil
	for _, o := range []desk.Outcome{desk.ReleasedToAdult, desk.ReleasedToPupil, desk.Returned, desk.HandedToPolice, notEnded} {
		list = append(list, Part{outcomeWords[o], outcomes[o]})
	}
	r.table("", "Confiscations, by outcome", "of the devices taken this term", list)
	list = nil
	for name, n := range years {
		list = append(list, Part{name, n})
	}
	slices.SortFunc(list, func(a, b Part) int { return cmp.Or(cmp.Compare(len(a.Name), len(b.Name)), cmp.Compare(a.Name, b.Name)) })
	r.table("", "Confiscations, by year group", "devices taken this term", list)
}

var reasonWords = map[desk.Reason]string{
	desk.Breach: "Breach of the phone policy", desk.Behaviour: "Behaviour", desk.Bullying: "Bullying", desk.PossibleImage: "Safeguarding",
	desk.Exam: "Exam", desk.OtherReason: "Other",
}

// notEnded stands in for the outcome of a case that has none by the day the figures end
// with.
const notEnded desk.Outcome = ""

var outcomeWords = map[desk.Outcome]string{
	desk.ReleasedToAdult: "Released to a parent or carer", desk.ReleasedToPupil: "Released to the pupil",
	desk.Returned: "Returned: taken by mistake", desk.HandedToPolice: "Handed to the police", notEnded: "Not ended yet",
}

// outcomeBy is how a case had ended by a moment.
func outcomeBy(c desk.Case, at time.Time) desk.Outcome {
	if c.Closed.IsZero() || !c.Closed.Before(at) {
		return notEnded
	}
	return c.Outcome
}

func (r *Report) exceptions(s Sources, from, until time.Time) {
	kinds := map[exception.Kind]int{}
	for _, e := range s.Exceptions() {
		if e.Approved.At.IsZero() || !e.Approved.At.Before(until) || !e.From.Before(until) || over(e, from) {
			continue
		}
		kinds[e.Kind]++
	}
	var list []Part
	for _, k := range exception.Kinds {
		list = append(list, Part{kindWords[k], kinds[k]})
	}
	r.table("Exceptions", "Exceptions, by category", "in force at some time this term", list)
	r.Departure = r.Tables[len(r.Tables)-1].Rows[slices.Index(exception.Kinds, exception.Curriculum)].Cell
}

// over reports whether an exception had ended by a moment.
func over(e exception.Exception, by time.Time) bool {
	if e.Gone != nil && !e.Gone.At.After(by) {
		return true
	}
	ends := e.Ends()
	return !ends.IsZero() && !ends.After(by)
}

var kindWords = map[exception.Kind]string{
	exception.Medical: "Medical", exception.Disability: "Disability or special educational needs", exception.YoungCarer: "Young carer",
	exception.Safeguarding: "Safeguarding", exception.Travel: "Travel", exception.ParentContact: "Contact with parents",
	exception.Staff: "Staff, in lessons", exception.Curriculum: "A class, in one lesson",
}
