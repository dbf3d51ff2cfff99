package locker

import (
	"slices"

	"github.com/bellkeep/bellkeep/internal/school"
)

// Kept are those of the doors named, or of all, that must not open just to see
// which they are: something is behind them or on its way there, a hold or a bar
// keeps them shut, or nobody has
// seen yet that an evidence door is empty. Ascending.
func (s *State) Kept(dir *Directory, now school.Instant, doors ...int) []int {
	var kept []int
	for _, holdings := range []map[string]*Holding{s.Holdings, s.Items} {
		for _, h := range holdings {
			kept = append(kept, h.Door) // perhaps of a door that the cabinet has lost since
		}
	}
	for _, v := range s.UnderWay() {
		kept = append(kept, v.Door)
	}
	for n := range s.Setup.All() {
		if s.keptShut(dir, n, now) || s.unprovenEvidence(n) {
			kept = append(kept, n)
		}
	}
	slices.Sort(kept)
	return slices.DeleteFunc(slices.Compact(kept), func(n int) bool {
		return len(doors) > 0 && !slices.Contains(doors, n)
	})
}

// unprovenEvidence reports whether an evidence door may have more behind it than the
// record says: the machine before may have died with a hand-in that nobody copied.
// It opens for nothing before two people have looked.
func (s *State) unprovenEvidence(n int) bool {
	return s.Class(n) == ClassEvidence && s.door(n).Unproven
}
