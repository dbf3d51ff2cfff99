package change

import (
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
	"github.com/bellkeep/bellkeep/mdm"
)

// Side is as what somebody agrees to a change.
type Side string

// The sides.
const (
	Technical   Side = "technical"   // knows what devices can do: IT
	Educational Side = "educational" // knows what pupils need: a teacher, the safeguarding lead, the head
	Leadership  Side = "leadership"  // consents for the school
)

// Sides are all sides in the order they are shown in.
var Sides = []Side{Technical, Educational, Leadership}

// Permission is what speaking for a side needs.
func (s Side) Permission() roles.Permission {
	return map[Side]roles.Permission{Technical: roles.ManageDevices, Educational: roles.ReviewFiltering, Leadership: roles.ConsentFiltering}[s]
}

// Agreement is what one person said of a request.
type Agreement struct {
	school.Approval
	As     Side
	Agreed bool
	Words  string // "" for none, and once the vault has erased them
}

// State is how far a request has come.
type State string

// The states.
const (
	Waiting   State = "waiting"
	Refused   State = "refused"
	Published State = "published"
	Cancelled State = "cancelled"
)

// Request is other rules that somebody asks for.
type Request struct {
	ID      string
	By      school.Approval // who asked, and when
	Base    int             // the version it was made on
	Rules   mdm.Rules
	From    time.Time // not to come into force before; zero for at once
	Filters bool      // it alters what filters
	Consent bool      // it needs the leadership's consent
	Why     string    // "" once the vault has erased it
	Risk    string    // what may go wrong and what is done about it; "" as Why

	State   State
	Said    []Agreement // in order
	Version int         // that it became; 0 for none
	Ended   Agreement   // who cancelled it and why

	text, content string
}

// Needs are the sides that must agree.
func (r Request) Needs() []Side {
	needs := []Side{Technical}
	if r.Filters {
		needs = append(needs, Educational)
	}
	if r.Consent {
		needs = append(needs, Leadership)
	}
	return needs
}

// Missing are the sides that have not agreed yet.
func (r Request) Missing() []Side {
	return slices.DeleteFunc(r.Needs(), func(s Side) bool { _, ok := r.Agreed(s); return ok })
}

// Agreed finds who agreed for a side.
func (r Request) Agreed(s Side) (Agreement, bool) {
	n := slices.IndexFunc(r.Said, func(a Agreement) bool { return a.As == s && a.Agreed })
	if n < 0 {
		return Agreement{}, false
	}
	return r.Said[n], true
}

// parties are those whom somebody must not be to speak for a side: one person is
// never both reviewers of a change that filters, and leaders do not consent to
// what they asked for themselves.
func (r Request) parties(as Side) []string {
	var list []string
	if as == Leadership {
		list = append(list, r.By.Person)
	}
	for _, a := range r.Said {
		if r.Filters && as != Leadership && a.As != Leadership && a.As != as {
			list = append(list, a.Person)
		}
	}
	return list
}

// MayAgree reports whether a person may speak for a side of a request that waits,
// as far as their part in it goes.
func (r Request) MayAgree(person string, as Side) bool {
	return !slices.Contains(r.parties(as), person)
}
