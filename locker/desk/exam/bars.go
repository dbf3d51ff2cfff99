package exam

import (
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// tellAhead is how long before its start banks learn of a paper that is not clear yet.
// It is short: a bank that does not know the time goes by a bar at once.
const tellAhead = 15 * time.Minute

// writing says from when until when a line's devices stay where they are, as far as is
// known at now; false while nothing keeps them.
func (b *Book) writing(s *Sitting, l Line, now school.Instant, kept func() map[string][]Kept) (from, until time.Time, is bool) {
	from, until = s.from(), s.midnight(b.Zone)
	switch {
	case !s.Cancelled.IsZero() || !l.Listed() || l.Person == "" || !l.Finished.IsZero() || l.Absent != nil:
		return from, until, false
	case now.Trusted && !now.Wall.Before(until), !b.known.Before(until), // it is another day
		len(s.Cleared) == 0 && now.Wall.Before(s.Start.Add(-tellAhead)):
		return from, until, false
	}
	if l.Late != nil { // the others' devices are in; theirs has to come in first
		if l.Admitted == nil && l.State(kept()[l.Person]) == Missing {
			return from, until, false
		}
		if l.Late.At.After(from) {
			from = l.Late.At
		}
	}
	return from, until, true
}

// each visits every line whose devices stay where they are, or soon will.
func (b *Book) each(now school.Instant, visit func(s *Sitting, l Line, from, until time.Time)) {
	var all map[string][]Kept
	kept := func() map[string][]Kept {
		if all == nil {
			all = b.Kept()
		}
		return all
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, id := range b.order {
		s := b.sittings[id]
		for _, l := range s.Lines {
			if from, until, is := b.writing(s, l, now, kept); is {
				visit(s, l, from, until)
			}
		}
	}
}

// Bars are what banks are told of papers that are written: whose badge opens nothing,
// from when, until midnight at the latest. Ending one takes a finish on record. A
// clock that may be wrong ends none of what was marked clear.
func (b *Book) Bars(now school.Instant) []locker.Bar {
	var list []locker.Bar
	b.each(now, func(s *Sitting, l Line, from, until time.Time) {
		list = append(list, locker.Bar{ID: fmt.Sprintf("%s-%d", s.ID, l.N), Subject: locker.Subject{Person: l.Person}, From: from, Until: until})
	})
	return list
}

// Writing reports whether somebody is in their own paper now.
func (b *Book) Writing(person string) bool {
	is, now := false, school.Instant(b.Stamp())
	b.each(now, func(_ *Sitting, l Line, from, _ time.Time) {
		is = is || l.Person == person && !now.Wall.Before(from)
	})
	return is
}

// Grants let those who have finished collect, once, on that day, where the sitting
// says so.
func (b *Book) Grants(now time.Time) []locker.Grant {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var list []locker.Grant
	for _, id := range b.order {
		s := b.sittings[id]
		until := s.midnight(b.Zone)
		if !s.Leave || !now.Before(until) {
			continue
		}
		for _, l := range s.Lines {
			if !l.Finished.IsZero() && l.Person != "" {
				list = append(list, locker.Grant{ID: fmt.Sprintf("%s-%d", s.ID, l.N), Kind: locker.MayCollect, Person: l.Person, From: l.Finished, Until: until, Uses: 1})
			}
		}
	}
	return list
}
