package desk

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Problem is something about custody that a person should see to.
type Problem struct {
	Code  ProblemCode
	Item  string
	Case  string
	Since time.Time
}

// ProblemCode says what is wrong.
type ProblemCode string

// The problems, gravest first. TellDSL and TurnedAway are the safeguarding lead's.
const (
	TellDSL     ProblemCode = "tell-dsl"    // a device that may hold an indecent image is here
	TurnedAway  ProblemCode = "turned-away" // somebody tried to hand a device to an adult it must not go to
	Disagree    ProblemCode = "disagree"    // these records had it elsewhere than the bank's; the bank is right
	StillIn     ProblemCode = "still-in"    // released, and still behind its door
	InHandsLong ProblemCode = "in-hands"    // in somebody's hands for too long
	Unexplained ProblemCode = "unexplained" // put in at a bank, and nobody has said whose it is
)

// HandsFor is how long a device may be in somebody's hands before it is a
// problem.
const HandsFor = 10 * time.Minute

var gravity = []ProblemCode{TellDSL, TurnedAway, Disagree, StillIn, InHandsLong, Unexplained}

// Problems lists them at now, gravest and oldest first.
func (c *Custody) Problems(now time.Time) []Problem {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var list []Problem
	for _, i := range c.items {
		list = append(list, i.problems(now)...)
	}
	for _, file := range c.cases {
		list = append(list, file.problems()...)
	}
	list = slices.DeleteFunc(list, func(p Problem) bool { return c.hides(p.Item) })
	slices.SortFunc(list, func(a, b Problem) int {
		return cmp.Or(slices.Index(gravity, a.Code)-slices.Index(gravity, b.Code), a.Since.Compare(b.Since), strings.Compare(a.Item, b.Item))
	})
	return list
}

func (i Item) problems(now time.Time) []Problem {
	var list []Problem
	add := func(is bool, code ProblemCode, since time.Time) {
		if is {
			list = append(list, Problem{Code: code, Item: i.ID, Case: i.Case, Since: since})
		}
	}
	add(i.Conflict != nil, Disagree, i.Place.Since)
	add(i.Place.Kind == Hands && now.Sub(i.Place.Since) > HandsFor, InHandsLong, i.Place.Since)
	add(i.Why == PutInAtBank && i.Open(), Unexplained, i.Since)
	return list
}

func (file Case) problems() []Problem {
	var list []Problem
	add := func(code ProblemCode, since time.Time) {
		list = append(list, Problem{Code: code, Item: file.Item, Case: file.ID, Since: since})
	}
	if file.Facts.Reason.Restricted() && file.Open() {
		add(TellDSL, file.Opened)
	}
	for _, r := range file.Refused {
		if r.Seen.IsZero() {
			add(TurnedAway, r.At)
		}
	}
	if file.Release != nil && file.Release.Pending {
		add(StillIn, file.Release.At)
	}
	return list
}
