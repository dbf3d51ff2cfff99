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

// Window is a span of time: From belongs to it, Until does not.
type Window struct {
	Use   Use       `json:"use"`
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
}

// Holds reports whether t lies in the window.
func (w Window) Holds(t time.Time) bool { return !t.Before(w.From) && t.Before(w.Until) }

// Plan is the school day as a bank needs it: absolute windows, so that a bank
// knows nothing of terms, time zones and clock changes.
type Plan struct {
	Version uint64   `json:"version"`
	Windows []Window `json:"windows"` // ordered by From
}

// In reports whether t lies in a window of that use.
func (p Plan) In(use Use, t time.Time) bool {
	_, ok := p.window(use, t)
	return ok
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
	if p.In(Deposit, t) {
		return InWindow
	}
	for _, w := range p.Windows {
		if w.Use == Deposit && !t.Before(w.Until) && t.Sub(w.From) < lateFor {
			return Late
		}
	}
	return Outside
}

func (p Plan) window(use Use, t time.Time) (Window, bool) {
	i := slices.IndexFunc(p.Windows, func(w Window) bool { return w.Use == use && w.Holds(t) })
	if i < 0 {
		return Window{}, false
	}
	return p.Windows[i], true
}
