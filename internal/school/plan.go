package school

import (
	"slices"
	"time"
)

// Use says what a window of the plan is for.
type Use string

// The uses of a window.
const (
	Deposit    Use = "deposit"
	Collection Use = "collection"
)

// Window is a span of time: From belongs to it, Until does not. Without a Wave
// it is for everybody, with one only for the people of that wave.
type Window struct {
	Use   Use       `json:"use"`
	Wave  string    `json:"wave,omitempty"`
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
}

// Holds reports whether t lies in the window.
func (w Window) Holds(t time.Time) bool { return !t.Before(w.From) && t.Before(w.Until) }

// For reports whether the window is for the people of a wave. Those without a
// wave give "".
func (w Window) For(wave string) bool { return w.Wave == "" || w.Wave == wave }

// Mode is what a school is doing instead of an ordinary day.
type Mode string

// The modes.
const (
	Normal     Mode = ""
	Exam       Mode = "exam"
	Evacuation Mode = "evacuation"
	Closed     Mode = "closed"
)

// Plan is the school day as a bank needs it: absolute windows, so that a bank
// knows nothing of terms, time zones and clock changes. Fields that say nothing
// are left out of its JSON; a reader must refuse a field it does not know, for
// a window whose wave is overlooked would open for everybody.
type Plan struct {
	Version uint64   `json:"version"`
	Mode    Mode     `json:"mode,omitempty"`
	Windows []Window `json:"windows"` // ordered by From
}

// In reports whether t lies in a window of that use for the people of a wave.
func (p Plan) In(use Use, wave string, t time.Time) bool {
	return slices.ContainsFunc(p.Windows, func(w Window) bool {
		return w.Use == use && w.For(wave) && w.Holds(t)
	})
}

// Changed reports whether two plans say different things, their versions aside.
func Changed(a, b Plan) bool {
	return a.Mode != b.Mode || !slices.EqualFunc(a.Windows, b.Windows, func(v, w Window) bool {
		return v.Use == w.Use && v.Wave == w.Wave && v.From.Equal(w.From) && v.Until.Equal(w.Until)
	})
}

// Timing says how a deposit at t stands to the deposit windows.
type Timing string

// The timings. A deposit is taken at any of them.
const (
	InWindow Timing = ""        // inside a deposit window
	Late     Timing = "late"    // after today's window
	Outside  Timing = "outside" // before it, at night, at a weekend, in the holidays
)

// lateFor is how long after its start a deposit window makes later deposits
// late: the rest of a school day.
const lateFor = 12 * time.Hour

// DepositTiming tells Late from Outside.
func (p Plan) DepositTiming(t time.Time) Timing {
	if p.In(Deposit, "", t) {
		return InWindow
	}
	for _, w := range p.Windows {
		if w.Use == Deposit && !t.Before(w.Until) && t.Sub(w.From) < lateFor {
			return Late
		}
	}
	return Outside
}
