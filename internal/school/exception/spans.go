package exception

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
)

// Span is a time in which an exception is in force: From belongs to it, Until
// does not. A zero Until means that it goes on until somebody ends it.
type Span struct{ From, Until time.Time }

// Holds reports whether t lies in the span.
func (s Span) Holds(t time.Time) bool {
	return !t.Before(s.From) && (s.Until.IsZero() || t.Before(s.Until))
}

// Spans are the times in which the terms are in force, in order: all of them, or
// of those that come back every day the ones on days from first on.
func (t Terms) Spans(c school.Calendar, first school.Date, days int) []Span {
	whole := Span{t.From, t.Ends()}
	if t.Scope != Daily {
		return []Span{whole}
	}
	var list []Span
	for i := range days {
		day := first.Add(i)
		if !c.SchoolDay(day) {
			continue
		}
		s := Span{day.At(t.Start, c.Zone).UTC(), day.At(t.End, c.Zone).UTC()}
		if s = s.within(whole); s.From.Before(s.Until) {
			list = append(list, s)
		}
	}
	return list
}

// within is the part of s that lies in other.
func (s Span) within(other Span) Span {
	if s.From.Before(other.From) {
		s.From = other.From
	}
	if !other.Until.IsZero() && other.Until.Before(s.Until) {
		s.Until = other.Until
	}
	return s
}
