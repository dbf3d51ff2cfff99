package register

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/bellkeep/bellkeep/locker"
)

// Kind tells pupils from staff.
type Kind string

// The kinds of person.
const (
	Pupil Kind = "pupil"
	Staff Kind = "staff"
)

// Details is what the school's information system says of a person.
type Details struct {
	MIS    string   `json:"mis"` // id in that system
	Given  string   `json:"given"`
	Family string   `json:"family"`
	Form   string   `json:"form,omitempty"`
	Year   string   `json:"year,omitempty"` // 7 or R, never told from the form's name
	Groups []string `json:"groups,omitempty"`
	Email  string   `json:"email,omitempty"` // of staff only, at the school
}

// Name is given and family name.
func (d Details) Name() string { return strings.TrimSpace(d.Given + " " + d.Family) }

// tidy is d in the one spelling that is stored and compared.
func (d Details) tidy() Details {
	for _, text := range []*string{&d.MIS, &d.Given, &d.Family, &d.Form, &d.Year, &d.Email} {
		*text = norm.NFC.String(strings.TrimSpace(*text))
	}
	d.Groups = slices.Clone(d.Groups)
	for i, g := range d.Groups {
		d.Groups[i] = norm.NFC.String(strings.TrimSpace(g))
	}
	slices.Sort(d.Groups)
	d.Groups = slices.Compact(d.Groups)
	return d
}

// Person is one entry of the book.
type Person struct {
	ID   string
	Kind Kind
	Details
	locker.Place           // home bank and fixed door
	Left         time.Time // zero while on the roll
}

// OnRoll reports whether the person belongs to the school now.
func (p Person) OnRoll() bool { return p.Left.IsZero() }

// copied is p with a list of groups of its own.
func (p Person) copied() Person {
	p.Groups = slices.Clone(p.Groups)
	return p
}

// Contact is one of the people to call about a pupil. Only somebody with
// ParentalResponsibility and without NoContact may ever be handed anything;
// CourtOrder says that the case is for the safeguarding lead.
type Contact struct {
	ID                     string `json:"id"` // in the school's information system
	Title                  string `json:"title,omitempty"`
	Given                  string `json:"given"`
	Family                 string `json:"family"`
	Relationship           string `json:"relationship"`
	Priority               int    `json:"priority"` // 1 is called first
	ParentalResponsibility bool   `json:"parental_responsibility,omitempty"`
	LivesWith              bool   `json:"lives_with,omitempty"`
	CourtOrder             bool   `json:"court_order,omitempty"`
	NoContact              bool   `json:"no_contact,omitempty"`
	Mobile                 string `json:"mobile,omitempty"`
	Email                  string `json:"email,omitempty"`
}

// inOrder sorts contacts as they are called.
func inOrder(list []Contact) []Contact {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Contact) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// State is the whole book at one moment.
type State struct {
	People   []Person             // on the roll or not, by name
	Contacts map[string][]Contact // by person's id, in the order of calling
}

// Roll is a school's people as another system lists them.
type Roll struct {
	People   []Entry
	Contacts map[string][]Contact // by MIS id of the pupil; nil when none were given
	Notes    []string             // what the reader of the files wants looked at; no names
}

// Entry is one person of a Roll.
type Entry struct {
	ID   string // only where a school gives out ids itself; else empty
	Kind Kind
	Details
}
