package concern

import (
	"slices"
	"strings"
	"time"
)

// File is one safeguarding file.
type File struct {
	ID       string
	Category Category
	Was      []Category // all it was ever sorted as
	Area     Area
	About    []string // persons; none of them ever sees the file

	Raised Mark
	Items  []string // the devices it is about, as custody has them
	Cases  []string // their cases
	Bars   []string // holds on people that were placed for it
	Seized Seizure

	Acknowledged Mark // zero: nobody responsible has said yet that they have it
	Steps        []Line
	Actions      []Action
	Entries      []Entry
	Closed       Mark
	Outcome      Outcome

	Sealed bool // its text cannot be read: the key is not here
}

// Ref is what people call the file. It counts nothing: a gap would tell somebody
// that there is a file which they do not see.
func (f File) Ref() string {
	rest := strings.ToUpper(strings.TrimPrefix(f.ID, "f-"))
	return "S-" + rest[:min(len(rest), 5)]
}

// Mark is who did something and when.
type Mark struct {
	By     string // account
	Person string
	At     time.Time
}

// Some reports whether it was done.
func (m Mark) Some() bool { return !m.At.IsZero() }

// Open reports whether the file is open.
func (f File) Open() bool { return !f.Closed.Some() }

// Is reports whether the file is about somebody.
func (f File) Is(person string) bool { return person != "" && slices.Contains(f.About, person) }

// Seizure is how a device was when it was taken. Nobody changes anything on it to
// find out.
type Seizure struct {
	Power   Power     `json:"power,omitempty"`
	Lock    Answer    `json:"locked,omitempty"`
	Flight  Answer    `json:"flight_mode,omitempty"`
	Percent int       `json:"percent,omitempty"` // of its battery; 0 for not known
	Touched string    `json:"touched,omitempty"` // who has had it in hand
	At      time.Time `json:"at,omitzero"`
}

// Power is whether a device was on.
type Power string

// The powers; "" is not known.
const (
	On  Power = "on"
	Off Power = "off"
)

// Answer is yes, no, or "" for not known.
type Answer string

// The answers.
const (
	Yes Answer = "yes"
	No  Answer = "no"
)

// Line is how far one step of the checklist has come.
type Line struct {
	Step
	State State
	Until time.Time // while it is open; zero for no clock
	Why   string    // with NotNeeded
	Ref   string    // with Done: a reference number, and of whom
	Mark            // the last change; zero for none
}

// Late reports whether a step that is open should have been done by now.
func (l Line) Late(now time.Time) bool {
	return l.State == Todo && !l.Until.IsZero() && now.After(l.Until)
}

// State of a step.
type State string

// The states.
const (
	Todo      State = "open"
	Done      State = "done"
	NotNeeded State = "not-needed"
)

// Action is something that somebody is to do: the action plan.
type Action struct {
	N     int // of its entry
	Text  string
	Owner string // in words
	Due   time.Time
	Done  Mark
	Came  string // what came of it
}

// Kind of an entry.
type Kind string

// The kinds of entry that somebody writes.
const (
	Note       Kind = "note"
	Assessment Kind = "assessment"
	Told       Kind = "told"    // whom a person told: a parent, an agency
	Viewing    Kind = "viewing" // the safeguarding lead had to look at something
	Police     Kind = "police"  // what the police said or ask, with their reference
	Support    Kind = "support"
	Lessons    Kind = "lessons" // debrief: what was learnt, what changes
)

// Kinds are those that somebody chooses from.
var Kinds = []Kind{Note, Assessment, Told, Police, Support, Lessons, Viewing}

// Entry is one line of a file's chronology.
type Entry struct {
	N        int // from 1
	Record   string
	Kind     Kind // with KindEntry
	Text     string
	Ref      string
	Corrects int
	Mark
}

// Outcome is how a file ended.
type Outcome string

// The outcomes.
const (
	Resolved    Outcome = "resolved"   // dealt with in school
	Referred    Outcome = "referred"   // another agency goes on
	Unfounded   Outcome = "unfounded"  // looked into, nothing in it
	PoliceHas   Outcome = "police"     // with the police
	Transferred Outcome = "other-file" // goes on in another file or system
)

// Outcomes are all of them.
var Outcomes = []Outcome{Resolved, Referred, PoliceHas, Unfounded, Transferred}

// Words is the outcome for people.
func (o Outcome) Words() string {
	return map[Outcome]string{Resolved: "Dealt with in school", Referred: "Referred to another agency", Unfounded: "Looked into, nothing in it",
		PoliceHas: "With the police", Transferred: "Goes on in another file or system"}[o]
}

// copied is f with nothing shared that the book may change.
func (f *File) copied() File {
	out := *f
	out.About, out.Items, out.Cases, out.Bars = slices.Clone(f.About), slices.Clone(f.Items), slices.Clone(f.Cases), slices.Clone(f.Bars)
	out.Was = slices.Clone(f.Was)
	out.Steps, out.Actions, out.Entries = slices.Clone(f.Steps), slices.Clone(f.Actions), slices.Clone(f.Entries)
	return out
}

// line finds a step of the file's checklist.
func (f *File) line(step string) *Line {
	n := slices.IndexFunc(f.Steps, func(l Line) bool { return l.ID == step })
	if n < 0 {
		return nil
	}
	return &f.Steps[n]
}

// sortAs gives the file a category's checklist. What was done or found unneeded
// stays, with steps of another category too.
func (f *File) sortAs(c Category) {
	before := f.Steps
	f.Category, f.Steps = c, nil
	if !slices.Contains(f.Was, c) {
		f.Was = append(f.Was, c)
	}
	for _, s := range c.Steps() {
		l := Line{Step: s, State: Todo}
		if s.Due > 0 {
			l.Until = f.Raised.At.Add(s.Due)
		}
		f.Steps = append(f.Steps, l)
	}
	for _, old := range before {
		if l := f.line(old.ID); l != nil {
			*l = old
		} else if old.State != Todo {
			f.Steps = append(f.Steps, old)
		}
	}
}
