package mdm

import "time"

// maxPeriods of one day are looked at; the rest of the day is home.
const maxPeriods = 30

// Compile gives what device d must be at now, by its group's policy and the
// day's periods, ordered by From. Where periods overlap the earlier one wins;
// between them and after the last it is home. The revision is still to be
// issued: see Mark.
//
// Until is the end of the current period, or of the gap. The stages that
// follow hold for the device's own clock should no later document reach it.
func Compile(d Device, p Policy, day []Period, now time.Time) Desired {
	day = day[:min(len(day), maxPeriods)]
	first, rest := stageAt(day, now)
	set, kept := p.For(d, first.Kind)
	out := Desired{V: version, Dev: d.ID, TS: whole(now), Reason: Reason{By: "timetable", Period: first.Name, Kept: kept}}
	out.Stage = Stage{Mode: first.Kind, Set: set, Until: whole(first.Until)}
	if !first.Until.IsZero() {
		out.Fallback = following(d, p, rest, first.Until)
	}
	return out
}

// following is the chain of stages from t on. Neighbours that ask for the same
// become one.
func following(d Device, p Policy, day []Period, t time.Time) *Stage {
	period, rest := stageAt(day, t)
	set, _ := p.For(d, period.Kind)
	s := &Stage{Mode: period.Kind, Set: set, Until: whole(period.Until)}
	if period.Until.IsZero() {
		return s
	}
	s.Fallback = following(d, p, rest, period.Until)
	if s.same(*s.Fallback) {
		return s.Fallback
	}
	return s
}

// stageAt gives the period that holds at t, a gap being one of kind home, and
// the periods still to come after it.
func stageAt(day []Period, t time.Time) (Period, []Period) {
	for i, p := range day {
		switch {
		case !t.Before(p.Until) || !p.From.Before(p.Until):
			continue // over, or empty
		case t.Before(p.From):
			return Period{Kind: Home, Until: p.From}, day[i:]
		}
		return p, day[i+1:]
	}
	return Period{Kind: Home}, nil
}

// whole is t as it travels: UTC, to the millisecond, no machine reading.
func whole(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.Round(0).UTC().Truncate(time.Millisecond)
}
