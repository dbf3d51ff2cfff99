package register

import (
	"fmt"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// tolerated is how many in a hundred pupils may leave, or change their name,
// before a person has to say that it is meant: a damaged export looks the same.
const tolerated = 5

// Stated is what a person says they expect, in their own figures. Zero states
// nothing.
type Stated struct {
	Leavers int // pupils leaving
	Renamed int // pupils whose name changes
}

// Check refuses changes too many to be taken without a word.
// Errors: denied, with the figures.
func (c Changes) Check(s Stated) error {
	leavers, renamed := 0, 0
	for _, p := range c.Left {
		if p.Kind == Pupil {
			leavers++
		}
	}
	for _, change := range c.Changed {
		if change.Person.Kind == Pupil && change.renames() {
			renamed++
		}
	}
	if err := c.check(leavers, s.Leavers, "would leave", "--leavers"); err != nil {
		return err
	}
	return c.check(renamed, s.Renamed, "would change their name", "--renamed")
}

func (c Changes) check(n, stated int, what, flag string) error {
	if n*100 <= c.Pupils*tolerated || n == stated {
		return nil
	}
	return errs.New(errs.Denied,
		fmt.Sprintf("%d of %d pupils %s: more than %d %%. Nothing was changed.", n, c.Pupils, what, tolerated),
		fmt.Sprintf("Check that the file is whole. If it is right, state the number: %s %d.", flag, n))
}
