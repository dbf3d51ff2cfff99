package school

import (
	"slices"
	"time"
)

// CollectLater is the plan with every collection beginning later by what after
// says for its day. The day's end stays: a window that would begin at its own
// end falls away.
func (p Plan) CollectLater(after func(from time.Time) time.Duration) Plan {
	windows := []Window{}
	for _, w := range p.Windows {
		if w.Use == Collection {
			d := after(w.From)
			w.From = w.From.Add(d)
			if w.Wave != "" { // it ends when everybody begins
				w.Until = w.Until.Add(d)
			}
		}
		if w.From.Before(w.Until) {
			windows = append(windows, w)
		}
	}
	slices.SortStableFunc(windows, func(a, b Window) int { return a.From.Compare(b.From) })
	p.Windows = windows
	return p
}
