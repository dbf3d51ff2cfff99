package mdm

import "time"

// Exception is laid over what a device's policy asks for, while it holds: From
// belongs to it, Until does not. A zero Until goes on.
type Exception struct {
	From, Until time.Time
	Set         Set
}

// maxExceptions of one device are looked at, the earliest of them: with the
// periods of a day they make no more than MaxStages stages.
const maxExceptions = 7

func (e Exception) holds(t time.Time) bool {
	return !t.Before(e.From) && (e.Until.IsZero() || t.Before(e.Until))
}

// excepted gives what exceptions lay over a set at t, nil for nothing, and the
// first moment after t at which that changes, or else end.
func excepted(list []Exception, t, end time.Time) (over Set, until time.Time) {
	until = end
	for _, e := range list[:min(len(list), maxExceptions)] {
		if e.holds(t) {
			over = e.Set.over(over)
		}
		for _, edge := range []time.Time{e.From, e.Until} {
			if edge.After(t) && (until.IsZero() || edge.Before(until)) {
				until = edge
			}
		}
	}
	return over, until
}
