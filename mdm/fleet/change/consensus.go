package change

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/roles"
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

// Consensus is who must agree to something about devices, and who has. It is the
// same for other rules and for a device that is to follow other rules.
type Consensus struct {
	By      school.Approval // who asked, and when
	Filters bool            // it alters what filters
	Consent bool            // it needs the leadership's consent
	Said    []Agreement     // in order
}

// Needs are the sides that must agree.
func (c Consensus) Needs() []Side {
	needs := []Side{Technical}
	if c.Filters {
		needs = append(needs, Educational)
	}
	if c.Consent {
		needs = append(needs, Leadership)
	}
	return needs
}

// Missing are the sides that have not agreed yet.
func (c Consensus) Missing() []Side {
	return slices.DeleteFunc(c.Needs(), func(s Side) bool { _, ok := c.Agreed(s); return ok })
}

// Agreed finds who agreed for a side.
func (c Consensus) Agreed(s Side) (Agreement, bool) {
	n := slices.IndexFunc(c.Said, func(a Agreement) bool { return a.As == s && a.Agreed })
	if n < 0 {
		return Agreement{}, false
	}
	return c.Said[n], true
}

// Parties are those whom somebody must not be to speak for a side: one person is
// never both reviewers of a change that filters, and leaders do not consent to
// what they asked for themselves.
func (c Consensus) Parties(as Side) []string {
	var list []string
	if as == Leadership {
		list = append(list, c.By.Person)
	}
	for _, a := range c.Said {
		if c.Filters && as != Leadership && a.As != Leadership && a.As != as {
			list = append(list, a.Person)
		}
	}
	return list
}

// MayAgree reports whether a person may speak for a side of what waits, as far
// as as their part in it goes.
func (c Consensus) MayAgree(person string, as Side) bool {
	return !slices.Contains(c.Parties(as), person)
}

// Asker is the side that whoever asks speaks for by asking: never two. For what
// filters it takes an account that may approve.
func (c Consensus) Asker(by By, now time.Time) (Side, bool) {
	for _, s := range []Side{Technical, Educational} {
		if !slices.Contains(c.Needs(), s) || by.May(s.Permission(), now) != nil {
			continue
		}
		_, err := by.Approve(now)
		return s, !c.Filters || err == nil
	}
	return "", false
}

// Say checks what somebody says for a side, and gives it as it is recorded.
// Errors: denied (see school.Actor.Approve), conflict (said already, or not needed),
// invalid (at words).
func (c Consensus) Say(by By, as Side, agreed bool, words string, now time.Time) (a Agreement, err error) {
	if err := by.May(as.Permission(), now); err != nil {
		return a, err
	}
	a = Agreement{Approval: school.Approval{By: by.Account, Person: by.Person, At: now}, As: as, Agreed: agreed, Words: strings.TrimSpace(words)}
	if err := c.mayBeSaid(a); err != nil || !agreed {
		return a, err
	}
	a.Approval, err = by.Approve(now, c.Parties(as)...)
	return a, err
}

func (c Consensus) mayBeSaid(a Agreement) error {
	if _, done := c.Agreed(a.As); done {
		return errs.New(errs.Conflict, "Somebody has agreed to this already.", "Look at who else must.")
	}
	for _, s := range c.Needs() {
		if s == a.As {
			return checkWords(a.Words, !a.Agreed)
		}
	}
	return errs.New(errs.Conflict, "This change does not need that.", "Look at who must agree to it.")
}

func checkWords(words string, needed bool) error {
	switch n := utf8.RuneCountInString(words); {
	case needed && n < leastWhy:
		return errs.At("words", "Say why.", "One sentence is enough.")
	case n > mostWords || !utf8.ValidString(words):
		return errs.At("words", fmt.Sprintf("This is longer than %d characters.", mostWords), "Shorten it.")
	}
	return nil
}

// Fits refuses, when a ledger is read, what nobody could have said. Errors: invalid.
func (c Consensus) Fits(a Agreement) error {
	if !slices.Contains(c.Needs(), a.As) || a.Person == "" || a.Agreed && slices.Contains(c.Parties(a.As), a.Person) {
		return misfit("%.40q cannot agree as %.40q", a.By, a.As)
	}
	return nil
}
