package exceptions

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/school/exception"
	"github.com/bellkeep/bellkeep/internal/school/roles"
)

// Sight is how much of exceptions somebody may see.
type Sight struct {
	Person  string
	All     bool // everybody's, not only what they asked for
	Reasons bool // kinds, and what was written
}

// SightOf is the sight of a person with these roles at now.
func SightOf(person string, held []roles.Assignment, now time.Time) Sight {
	may := func(p roles.Permission) bool { return roles.May(held, p, roles.Target{}, now) }
	return Sight{person, may(roles.SeeReasons) || may(roles.SeeHistory), may(roles.SeeReasons)}
}

// Sees reports whether there is such an exception for them.
func (s Sight) Sees(e exception.Exception) bool {
	return s.All || e.Asked.Person == s.Person || e.Renewal != nil && e.Renewal.Person == s.Person
}

// Bare is an exception without its kind and all that was written about it: what
// somebody may see who may not see reasons.
func Bare(e exception.Exception) exception.Exception {
	e.Kind, e.Paper = "", exception.Paper{}
	for _, note := range []**exception.Note{&e.Refused, &e.Gone} {
		if *note != nil {
			bare := **note
			bare.Why = ""
			*note = &bare
		}
	}
	if e.Renewal != nil {
		bare := *e.Renewal
		bare.Why = ""
		e.Renewal = &bare
	}
	return e
}
