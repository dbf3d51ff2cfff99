package school

import "time"

// Instant is a moment as one machine knows it. Wall is school time and may be
// wrong or step; Mono never goes back while Boot stays the same.
type Instant struct {
	Wall    time.Time     // UTC
	Trusted bool          // whether Wall may open a door
	Boot    string        // random id of the machine's boot
	Mono    time.Duration // school time since that boot
}

// Within reports whether no more than d has gone by since earlier. Across a
// restart nobody can tell, so the answer is no.
func (i Instant) Within(d time.Duration, earlier Instant) bool {
	return i.Boot == earlier.Boot && i.Mono-earlier.Mono <= d
}

// Past reports whether more than d has gone by since earlier. Across a restart
// it goes by the wall clock, which is good enough to raise a question with a
// person and never used to open a door.
func (i Instant) Past(d time.Duration, earlier Instant) bool {
	if i.Boot == earlier.Boot {
		return i.Mono-earlier.Mono > d
	}
	return i.Wall.Sub(earlier.Wall) > d
}
