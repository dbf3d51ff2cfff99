package register

import (
	"cmp"
	"fmt"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Tolerated is how many in a hundred pupils may leave or change their name, and of
// the staff leave, where the school's rules say nothing.
const Tolerated = 5

// Stated is what a person says they expect, in their own figures. Zero states
// nothing.
type Stated struct {
	Leavers      int // pupils leaving
	StaffLeavers int // members of staff leaving
	Renamed      int // pupils whose name changes
}

// Check refuses changes too many to be taken without a word: more in a hundred
// than the school's rules let pass. A damaged export looks the same.
// Errors: denied, with the figures.
func (b *Book) Check(c Changes, s Stated) error {
	tolerated := Tolerated
	if b.Percent != nil {
		tolerated = b.Percent()
	}
	return c.check(s, tolerated)
}

func (c Changes) check(s Stated, tolerated int) error {
	leavers, renamed := map[Kind]int{}, 0
	for _, p := range c.Left {
		leavers[p.Kind]++
	}
	for _, change := range c.Changed {
		if change.Person.Kind == Pupil && change.renames() {
			renamed++
		}
	}
	return cmp.Or(
		check(leavers[Pupil], c.Pupils, s.Leavers, tolerated, "pupils would leave", "--leavers"),
		check(leavers[Staff], c.Staff, s.StaffLeavers, tolerated, "staff would leave", "--staff-leavers"),
		check(renamed, c.Pupils, s.Renamed, tolerated, "pupils would change their name", "--renamed"),
	)
}

func check(n, of, stated, tolerated int, what, flag string) error {
	if n*100 <= of*tolerated || n == stated {
		return nil
	}
	return errs.New(errs.Denied,
		fmt.Sprintf("%d of %d %s: more than %d %%. Nothing was changed.", n, of, what, tolerated),
		fmt.Sprintf("Check that the file is whole. If it is right, state the number: %s %d.", flag, n))
}
