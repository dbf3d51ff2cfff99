package banks

import (
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/locker"
)

// Run is doors numbered one after the other, as painted. The zero value is none.
type Run struct {
	First int `json:"first"`
	Last  int `json:"last"`
}

// Doors are the numbers, nil for those that no door can have.
func (r Run) Doors() (doors []int) {
	if r.First < 1 || r.Last > ledger.MaxDoor {
		return nil
	}
	for n := r.First; n <= r.Last; n++ {
		doors = append(doors, n)
	}
	return doors
}

// RunOf gives the first and last of doors, ascending.
func RunOf(doors []int) Run {
	if len(doors) == 0 {
		return Run{}
	}
	return Run{doors[0], doors[len(doors)-1]}
}

// inRuns reports whether a bank has doors, each class in one run, and each
// number once.
func inRuns(s locker.Setup) bool {
	seen := map[int]bool{}
	for _, doors := range [][]int{s.Doors, s.Confiscation, s.Evidence, s.Trays} {
		for i, n := range doors {
			if n < 1 || n > ledger.MaxDoor || seen[n] || n != doors[0]+i {
				return false
			}
			seen[n] = true
		}
	}
	return len(seen) > 0
}

func overlap(a, b locker.Setup) bool {
	for n := range a.All() {
		if b.Class(n) != "" {
			return true
		}
	}
	return false
}
