package mdm

import "time"

// Exception is laid over what a device's profiles ask for, while it holds: From
// belongs to it, Until does not. A zero Until goes on.
type Exception struct {
	ID          string // names it in an explanation
	From, Until time.Time
	Set         Set
}

// maxExceptions of one device are looked at, the earliest of them: with the
// periods of a day they make no more than MaxStages stages.
const maxExceptions = 7

func (e Exception) holds(t time.Time) bool {
	return !t.Before(e.From) && (e.Until.IsZero() || t.Before(e.Until))
}

// excepted gives the exceptions that hold at t, and the first moment after t at
// which that changes, or else end.
func excepted(list []Exception, t, end time.Time) (hold []Exception, until time.Time) {
	until = end
	for _, e := range list[:min(len(list), maxExceptions)] {
		if e.holds(t) {
			hold = append(hold, e)
		}
		for _, edge := range []time.Time{e.From, e.Until} {
			if edge.After(t) && (until.IsZero() || edge.Before(until)) {
				until = edge
			}
		}
	}
	return hold, until
}
