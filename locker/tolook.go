package locker

import (
	"slices"

	"github.com/bellkeep/bellkeep/internal/school"
)

// Asked are doors of a bank that the school wants somebody to look at, because its
// key was out say. It stands in the directory until they have been, so that a bank
// that was cut off learns of it too.
type Asked struct {
	ID    string `json:"id"`
	Bank  string `json:"bank"`
	Doors []int  `json:"doors,omitempty"` // none: all of them
}

// maxAsked is how many of them a bank remembers to have heeded.
const maxAsked = 64

// applyToLook puts doors in doubt that somebody may have been at.
func (s *State) applyToLook(e Event) {
	doors := e.Doors
	if len(doors) == 0 {
		doors = slices.Collect(s.Setup.All())
	}
	for _, n := range doors {
		s.door(n).toLook(e.At)
	}
	s.Asked = append(slices.Clone(s.Asked), e.What)
	s.Asked = s.Asked[max(0, len(s.Asked)-maxAsked):]
}

// changedMeanwhile notes whether a door is not as it was left when the bank last
// stopped: somebody may have been at it, so a person should be.
func (d *Door) changedMeanwhile(odd bool, at school.Instant) {
	if odd || d.Before != "" && d.Contact != Unknown && d.Contact != d.Before {
		d.toLook(at)
	}
	d.Before = ""
}

func (d *Door) toLook(at school.Instant) {
	d.ToLook, d.LookSince = true, at // again: what was seen before does not count any more
}

// needsTwo reports whether one of the doors is for evidence: two people look at
// that.
func (d decider) needsTwo(doors []int) bool {
	return slices.ContainsFunc(doors, func(n int) bool {
		h := d.ItemAt(n)
		return d.Class(n) == ClassEvidence || h != nil && h.Class == ClassEvidence
	})
}
