package history

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
)

// Knowing is what is known of a setting for a while.
type Knowing string

// What may be known.
const (
	Reported  Knowing = "reported"  // by the device's own report
	Away      Knowing = "offline"   // it was offline; Value is what it said last
	Assumed   Knowing = "assumed"   // it was asked for; the device cannot say
	Lacking   Knowing = "lacking"   // the device has no such thing
	Silent    Knowing = "silent"    // it has not said
	Unwatched Knowing = "unwatched" // the server did not watch
	Crowded   Knowing = "crowded"   // it said more than could be kept
)

// Span is a while in which what is known of a setting, and what was wanted of it,
// stayed the same.
type Span struct {
	From, Until time.Time
	Knowing
	Value  mdm.Value // as said, or last said; "" when not known
	Want   mdm.Value // "" when the device was not managed
	Mode   mdm.Mode
	Detail string
	State  mdm.State

	Answered bool // what it said is about what was wanted, and not about what was before
}

// Kept reports whether the device itself said that the setting was as wanted.
func (s Span) Kept() bool {
	return s.Knowing == Reported && s.Want != "" && s.Value == s.Want
}

// Broke reports whether the device itself said that it was otherwise, knowing what
// was wanted.
func (s Span) Broke() bool {
	return s.Knowing == Reported && s.Answered && s.Want != "" && s.Value != s.Want
}

// Waits reports whether the device was still as it was before, and had not answered
// what was wanted now.
func (s Span) Waits() bool {
	return s.Knowing == Reported && !s.Answered && s.Want != "" && s.Value != s.Want
}

// Of tells how a setting of a device stood between two moments, without holes. What
// lies after the last line is not told.
func (d *Day) Of(device string, setting mdm.Setting, from, until time.Time) []Span {
	if d.Last.Before(until) {
		until = d.Last
	}
	t := timeline{setting: setting}
	now := Span{Knowing: Unwatched}
	at := from
	for _, m := range d.moments(device) {
		if m.at.After(at) && at.Before(until) {
			t.add(now, at, earlier(m.at, until))
			at = m.at
		}
		now = t.next(m)
	}
	if at.Before(until) {
		t.add(now, at, until)
	}
	return t.spans
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// moment is when something about a device changed: an entry, or that nobody watches.
type moment struct {
	at    time.Time
	entry *Entry // nil: nobody watches from here on
}

func (d *Day) moments(device string) []moment {
	var list []moment
	gaps := d.Gaps
	until := func(entry int) {
		for len(gaps) > 0 && gaps[0].after <= entry {
			list = append(list, moment{at: gaps[0].From}) // after it every device has an entry of its own
			gaps = gaps[1:]
		}
	}
	for _, i := range d.of[device] {
		until(i)
		list = append(list, moment{d.Entries[i].At, &d.Entries[i]})
	}
	until(len(d.Entries))
	slices.SortStableFunc(list, func(a, b moment) int { return a.at.Compare(b.at) })
	return list
}

// timeline gathers spans.
type timeline struct {
	setting mdm.Setting
	spans   []Span
}

func (t *timeline) add(s Span, from, until time.Time) {
	s.From, s.Until = from, until
	if n := len(t.spans); n > 0 {
		last := &t.spans[n-1]
		if last.Knowing == s.Knowing && last.Value == s.Value && last.Want == s.Want && last.State == s.State && last.Answered == s.Answered {
			last.Until = until
			return
		}
	}
	t.spans = append(t.spans, s)
}

// next is what is known from a moment on.
func (t *timeline) next(m moment) Span {
	e := m.entry
	if e == nil || e.Gone {
		return Span{Knowing: Unwatched}
	}
	o, said := e.Said[t.setting]
	s := Span{Want: e.Want[t.setting], Mode: e.Mode, Value: o.Value, Detail: o.Detail, State: o.State}
	switch {
	case e.Cut:
		s.Knowing, s.Value = Crowded, ""
	case o.State == mdm.Unsupported:
		s.Knowing = Lacking
	case !said || o.Value == "" && o.State != mdm.Assumed:
		s.Knowing = Silent
	case !e.Up || !e.Fresh:
		s.Knowing = Away
	case o.State == mdm.Assumed:
		s.Knowing = Assumed
	default:
		s.Knowing, s.Answered = Reported, e.For == e.Rev
	}
	return s
}
