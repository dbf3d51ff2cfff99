package exceptions

import (
	"slices"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
)

// Needs reports whether somebody may have their device now for their health or a
// disability: what may not be taken from them, and is with the invigilator in an exam.
func (b *Book) Needs(person string) bool {
	now := b.Stamp().Wall
	today := school.DateOf(now.In(b.Calendar.Zone))
	return slices.ContainsFunc(b.open(), func(e exception.Exception) bool {
		return e.Person == person && e.Kind.Continues() &&
			slices.ContainsFunc(e.Spans(b.Calendar, today, 1), func(s exception.Span) bool { return s.Holds(now) })
	})
}
