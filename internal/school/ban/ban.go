// Package ban says at which hours pupils may not use a phone, by a school's rules
// and its calendar. It is pure.
package ban

import (
	"fmt"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
)

// Hours are those of one day. From zero is entering the site and Until zero is
// leaving it, whenever that is: whoever is on the site then is under the ban.
type Hours struct {
	School      bool // there is school on that day; without it no ban
	From, Until time.Time
}

// On are the hours of the day of a moment.
func On(r policy.Rules, c school.Calendar, at time.Time) Hours {
	day, ok := c.Day(school.DateOf(at.In(c.Zone)))
	if !ok {
		return Hours{}
	}
	h := Hours{School: true}
	switch r.BanFrom {
	case policy.BanFromMorning:
		h.From = day.Gate.In(c.Zone)
	case policy.BanFromSession:
		h.From = day.Register.In(c.Zone)
		if len(day.Periods) > 0 {
			h.From = day.Periods[0].From.In(c.Zone)
		}
	}
	if r.BanUntil == policy.BanUntilSession {
		h.Until = day.Collect.In(c.Zone)
		if n := len(day.Periods); n > 0 {
			h.Until = day.Periods[n-1].Until.In(c.Zone)
		}
	}
	return h
}

// Holds reports whether a phone seen on the site at a moment of that day is
// against the rules.
func (h Hours) Holds(at time.Time) bool {
	return h.School && !at.Before(h.From) && (h.Until.IsZero() || at.Before(h.Until))
}

// Words say the hours to people.
func (h Hours) Words() string {
	if !h.School {
		return "There is no school today, and no ban on phones."
	}
	from, until := "entering the site", "leaving it"
	if !h.From.IsZero() {
		from, until = h.From.Format("15:04"), "leaving the site"
	}
	if !h.Until.IsZero() {
		until = h.Until.Format("15:04")
	}
	return fmt.Sprintf("Phones are banned from %s to %s.", from, until)
}
