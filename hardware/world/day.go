package world

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Aim is what somebody comes for.
type Aim string

// The aims.
const (
	Deposit  Aim = "deposit"
	Collect  Aim = "collect"
	TryOld   Aim = "try-old" // somebody else holds the pupil's lost badge before the scanner
	StayAway Aim = "stay-away"
	GoHome   Aim = "go-home" // without coming by for the phone
)

// Visit is one thing somebody does at a school time.
type Visit struct {
	At    time.Time
	Pupil string
	Aim   Aim
}

// Plan is what happens in one day, in order of time.
type Plan struct {
	Visits  []Visit
	Errands [][]Errand // each list in turn: the next waits until the one before is done
	Jam     []int      // doors whose latch is jammed all day
}

// Errand is something that somebody without a badge does at a school time. An
// error ends the day.
type Errand struct {
	At time.Time
	Do func(ctx context.Context) error
}

// Times are the bells of a day. Pupils arrive between Gate and Bell, most
// near Peak, and collect within Spread after Release.
type Times struct {
	Gate, Peak, Bell, Release time.Time
	Spread                    time.Duration
}

// SchoolDay gives the usual bells of a date: gate 08:15, peak 08:34, bell
// 08:40, release 15:10 and the twelve minutes after it.
func SchoolDay(date time.Time) Times {
	at := func(hour, minute int) time.Time {
		y, m, d := date.Date()
		return time.Date(y, m, d, hour, minute, 0, 0, date.Location())
	}
	return Times{
		Gate: at(8, 15), Peak: at(8, 34), Bell: at(8, 40), Release: at(15, 10),
		Spread: 12 * time.Minute,
	}
}

// Day plans who comes when. The same seed, pupils and times give the same
// plan, and what one pupil does does not depend on the others.
func Day(seed uint64, pupils []Pupil, t Times) Plan {
	var plan Plan
	for _, p := range pupils {
		plan.Visits = append(plan.Visits, visits(p, t, dice(seed, "day of "+p.ID))...)
	}
	slices.SortStableFunc(plan.Visits, func(a, b Visit) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Pupil, b.Pupil))
	})
	return plan
}

// visits plans one pupil's day.
func visits(p Pupil, t Times, rng *rand.Rand) []Visit {
	arrive := peaked(rng, t.Gate, t.Peak, t.Bell)
	leave := peaked(rng, t.Release, t.Release.Add(t.Spread/4), t.Release.Add(t.Spread))
	lessons := t.Release.Sub(t.Bell)
	home := Visit{leave, p.ID, Collect}
	switch p.Habit {
	case AbsentToday:
		return []Visit{{t.Bell, p.ID, StayAway}}
	case Late:
		arrive = t.Bell.Add(5*time.Minute + part(rng, lessons/8))
	case Forgetful:
		home.Aim = GoHome
	case LostBadge:
		old := Visit{t.Bell.Add(lessons/4 + part(rng, lessons/4)), p.ID, TryOld}
		return []Visit{{arrive, p.ID, Deposit}, old, home}
	}
	return []Visit{{arrive, p.ID, Deposit}, home}
}

// peaked draws a time between from and to with a triangular distribution.
func peaked(rng *rand.Rand, from, peak, to time.Time) time.Time {
	whole, rise := float64(to.Sub(from)), float64(peak.Sub(from))
	u := rng.Float64()
	if u*whole < rise {
		return from.Add(time.Duration(math.Sqrt(u * whole * rise)))
	}
	return to.Add(-time.Duration(math.Sqrt((1 - u) * whole * (whole - rise))))
}

// part draws a part of d.
func part(rng *rand.Rand, d time.Duration) time.Duration {
	return time.Duration(rng.Float64() * float64(d))
}
