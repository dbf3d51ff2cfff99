package world

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Summary is how the world stands.
type Summary struct {
	Inside map[int][]string  // phones by door
	InHand []string          // phones in no door, sorted
	Buses  map[string]Counts // what the boards met
	Lines  uint64            // of the truth file, earlier runs included
}

// Summary counts everything up.
func (w *World) Summary() Summary {
	s := Summary{Inside: w.cab.inside(), Buses: map[string]Counts{}}
	for _, p := range w.cfg.Pupils {
		s.InHand = append(s.InHand, w.hand(p)...)
	}
	slices.Sort(s.InHand)
	for _, b := range w.buses {
		b.count(func(c *Counts) { s.Buses[b.Name] = *c })
	}
	w.truth.mu.Lock()
	s.Lines = w.truth.n
	w.truth.mu.Unlock()
	return s
}

// String gives the summary in plain lines.
func (s Summary) String() string {
	var out strings.Builder
	inside := 0
	for _, phones := range s.Inside {
		inside += len(phones)
	}
	fmt.Fprintf(&out, "phones: %d inside, %d in hand\n", inside, len(s.InHand))
	for _, door := range slices.Sorted(maps.Keys(s.Inside)) {
		fmt.Fprintf(&out, "door %d: %s\n", door, strings.Join(s.Inside[door], " "))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Buses)) {
		c := s.Buses[name]
		fmt.Fprintf(&out, "bus %s: %d unlocks, %d status replies (%d spoiled, %d unheard), "+
			"%d frames elsewhere, %d unknown, %d bad bytes, %d collided\n",
			name, c.Unlocks, c.Statuses, c.Spoiled, c.Unheard, c.Elsewhere, c.Unknown, c.BadBytes, c.Collided)
	}
	fmt.Fprintf(&out, "truth: %d lines\n", s.Lines)
	return out.String()
}
