package exceptions

import (
	"crypto/sha256"
	"encoding/base32"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/locker"
)

const (
	// fetchAhead is how long before a lesson or a daily time phones may be fetched.
	fetchAhead = 10 * time.Minute
	// goesOn is what a bank is told of an exception that goes on: longer than
	// anybody stays at a school. Ending it takes the grant away.
	goesOn = 10 * 365 * 24 * time.Hour
	// daysAhead is how many days, from this week's Monday on, a bank that is alone
	// knows of exceptions that come back every day.
	daysAhead = 21
)

// Grants are what banks get of the exceptions that are approved and not over: who
// may keep their phone, and who may fetch it when. No kinds, no reasons. They
// change once a week by time alone.
func (b *Book) Grants() []locker.Grant {
	now := b.Stamp().Wall
	today := school.DateOf(now.In(b.Calendar.Zone))
	monday := today.Add(-(int(today.Weekday()) + 6) % 7)
	var list []locker.Grant
	for _, e := range b.open() {
		for _, span := range e.Spans(b.Calendar, monday, daysAhead) {
			if !span.Until.IsZero() && !now.Before(span.Until) {
				continue
			}
			for _, person := range b.holders(e) {
				list = append(list, grants(e, person, span)...)
			}
		}
	}
	return list
}

// grants let one person keep their phone, all day, or fetch it and then have it.
func grants(e exception.Exception, person string, span exception.Span) []locker.Grant {
	if span.Until.IsZero() {
		span.Until = e.Lapses().Add(goesOn)
	}
	kinds := []locker.May{locker.MayKeep}
	if e.Scope != exception.AllDay {
		span.From = span.From.Add(-fetchAhead)
		kinds = append(kinds, locker.MayCollect)
	}
	var list []locker.Grant
	for _, kind := range kinds {
		list = append(list, locker.Grant{ID: grantID(e.ID, person, string(kind), span), Kind: kind, Person: person, From: span.From.UTC(), Until: span.Until.UTC()})
	}
	return list
}

var letters = base32.StdEncoding.WithPadding(base32.NoPadding)

// grantID is the exception's id, a hyphen and seven characters that tell its
// grants apart, the same in every compilation.
func grantID(id, person, kind string, span exception.Span) string {
	sum := sha256.Sum256([]byte(person + " " + kind + " " + span.From.UTC().Format(time.RFC3339)))
	return id + "-" + strings.ToLower(letters.EncodeToString(sum[:])[:7])
}

// StillGiven are those of the grants given out before that no person has taken
// back since; a clock that may be wrong ends none.
func (b *Book) StillGiven(given []locker.Grant) []locker.Grant {
	return slices.DeleteFunc(slices.Clone(given), func(g locker.Grant) bool {
		i := strings.LastIndexByte(g.ID, '-')
		e, ours := b.Exception(g.ID[:max(i, 0)])
		return ours && e.Gone != nil
	})
}

// Exempt reports whether somebody may have their phone now.
func (b *Book) Exempt(person string) bool {
	return slices.Contains(b.ExemptNow(), person)
}

// ExemptNow are all who may have their phones now, some perhaps twice.
func (b *Book) ExemptNow() []string {
	now := b.Stamp().Wall
	today := school.DateOf(now.In(b.Calendar.Zone))
	var list []string
	for _, e := range b.open() {
		holds := func(s exception.Span) bool { return s.Holds(now) }
		if slices.ContainsFunc(e.Spans(b.Calendar, today, 1), holds) {
			list = append(list, b.holders(e)...)
		}
	}
	return list
}

// holders are the people an exception is for, by id.
func (b *Book) holders(e exception.Exception) []string {
	if e.Kind == exception.Curriculum {
		return b.members(e.Form)
	}
	return []string{e.Person}
}

// members are the pupils of a class, by name.
func (b *Book) members(form string) []string {
	var list []string
	for _, p := range b.People.People() {
		if p.Form == form && p.Kind == register.Pupil {
			list = append(list, p.ID)
		}
	}
	return list
}
