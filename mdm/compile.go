package mdm

import "time"

// maxPeriods of one day are looked at; the rest of the day is home.
const maxPeriods = 24

// Compile gives what device d must be at now: by the profiles assigned to it, the
// day's periods, ordered by From, and over both what exceptions allow it. Where periods
// overlap the earlier one wins; between them and after the last it is home. The
// revision is still to be issued: see Mark.
//
// Until is the end of the current period, of the gap, or of an exception. The
// stages that follow hold for the device's own clock should no later document
// reach it: so an exception ends on a device that is cut off.
func Compile(d Device, r Rules, day []Period, exceptions []Exception, now time.Time) Desired {
	c := compiler{d, r, day[:min(len(day), maxPeriods)], exceptions}
	first, reason, until := c.at(now)
	out := Desired{V: version, Dev: d.ID, TS: whole(now), Reason: reason, Stage: first}
	if !until.IsZero() {
		out.Fallback = c.following(until)
	}
	out.Lists = map[string][]string{}
	for s := &out.Stage; s != nil; s = s.Fallback {
		r.stamp(s.Set, out.Lists)
	}
	return out
}

// compiler is all that makes a device's stages.
type compiler struct {
	device     Device
	Rules      Rules
	day        []Period
	exceptions []Exception
}

// at gives the stage that holds at t, without what follows it, and until when to
// the nanosecond.
func (c compiler) at(t time.Time) (s Stage, why Reason, until time.Time) {
	period := stageAt(c.day, t)
	over, until := excepted(c.exceptions, t, period.Until)
	set, kept := merge(c.rules(period.Kind, over), c.device)
	why = Reason{By: byTimetable, Period: period.Name, Kept: kept}
	if len(over) > 0 {
		why.By = byException
	}
	return Stage{Mode: period.Kind, Set: set, Until: whole(until), Evidence: c.device.Quarantined}, why, until
}

// following is the chain of stages from t on. Neighbours that ask for the same
// become one.
func (c compiler) following(t time.Time) *Stage {
	s, _, until := c.at(t)
	if until.IsZero() {
		return &s
	}
	s.Fallback = c.following(until)
	if s.same(*s.Fallback) {
		return s.Fallback
	}
	return &s
}

// stageAt gives the period that holds at t, a gap being one of kind home.
func stageAt(day []Period, t time.Time) Period {
	for _, p := range day {
		switch {
		case !t.Before(p.Until) || !p.From.Before(p.Until):
			continue // over, or empty
		case t.Before(p.From):
			return Period{Kind: Home, Until: p.From}
		}
		return p
	}
	return Period{Kind: Home}
}

// whole is t as it travels: UTC, to the millisecond, no machine reading.
func whole(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.Round(0).UTC().Truncate(time.Millisecond)
}
