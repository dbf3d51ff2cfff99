// Package exception is the ground of exceptions: time-boxed permissions for
// somebody to have their phone, or to use more of a school device, when the
// school's rules say otherwise. It knows what may be asked for, when that is in
// force, and what becomes of it when its time is up. It is pure.
//
// Every exception has a beginning, an end and a day of review, the last two
// within a year. It lapses at the earlier of end and review. Most kinds end by
// that; a medical one or one for a disability goes on, and people are told until
// somebody decides: a phone that carries a glucose monitor is not taken away by
// a forgotten date. So neither is open-ended, and neither is cut off in silence.
package exception

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
)

// Terms are what is excepted. Of Person and Form one is set.
type Terms struct {
	Kind   Kind         `json:"kind"`
	Form   string       `json:"form,omitempty"` // a class, with Curriculum only
	Scope  Scope        `json:"scope"`
	Start  school.Clock `json:"start,omitzero"` // with Daily
	End    school.Clock `json:"end,omitzero"`   // with Daily
	Allow  []Setting    `json:"allow,omitempty"`
	Group  string       `json:"group,omitempty"` // of school devices, with Curriculum and Allow
	Person string       `json:"-"`               // whose
	From   time.Time    `json:"-"`
	Until  time.Time    `json:"-"`
	Review time.Time    `json:"-"`
}

// Paper is what people write about an exception.
type Paper struct {
	Why       string `json:"why"`
	Evidence  string `json:"evidence,omitempty"`  // where proof is: IHP on file
	Departure string `json:"departure,omitempty"` // with Curriculum: why national guidance is departed from
}

// Asked is who asked for something, and when.
type Asked struct {
	By, Person string
	At         time.Time // school time
	Head       bool      // they may approve exceptions themselves
}

// Note is what somebody did, and what they wrote with it.
type Note struct {
	By, Person string
	At         time.Time // school time
	Why        string
}

// Renewal is a longer time that was asked for and waits to be decided.
type Renewal struct {
	Asked
	Until, Review time.Time
	Why           string
}

// Exception is one, from its request on.
type Exception struct {
	ID string
	Terms
	Paper
	Asked    Asked
	Approved school.Approval // of the request, or of the last renewal
	Renewal  *Renewal
	Refused  *Note         // of the request, or of the last renewal
	Gone     *Note         // withdrawn before it was decided, or ended
	Seq      uint64        // of the record that decided last what is in force
	Length   time.Duration // of the time between beginning and lapse, as approved last
}

// State is how an exception stands.
type State string

// The states.
const (
	Waiting   State = "waiting"   // nobody has decided
	Refused   State = "refused"   // it never was in force
	Withdrawn State = "withdrawn" // by whoever asked
	Ahead     State = "ahead"     // approved, and not begun
	InForce   State = "in-force"
	Lapsed    State = "lapsed" // its time is up; it goes on until somebody decides
	Over      State = "over"   // its time was up, and it ended
	Ended     State = "ended"  // by a person
	Barred    State = "barred" // the school's rules do not know its kind any more
)

// State gives the state at t under these rules.
func (e Exception) State(t time.Time, r policy.Rules) State {
	approved := !e.Approved.At.IsZero()
	switch {
	case e.Gone != nil && !approved:
		return Withdrawn
	case e.Gone != nil:
		return Ended
	case !approved && e.Refused != nil:
		return Refused
	case !e.Kind.Allowed(r):
		return Barred
	case !approved:
		return Waiting
	case t.Before(e.From):
		return Ahead
	case t.Before(e.Lapses()):
		return InForce
	case e.Kind.Continues():
		return Lapsed
	}
	return Over
}

// Binds reports whether it is approved and its time has come: in force, or lapsed
// and going on.
func (s State) Binds() bool { return s == InForce || s == Lapsed }

// Open reports whether it may still be changed.
func (s State) Open() bool { return s == Ahead || s.Binds() }

// Lapses is when its time is up: the earlier of end and review.
func (t Terms) Lapses() time.Time {
	if t.Review.Before(t.Until) {
		return t.Review
	}
	return t.Until
}

// Ends is when it ends by itself; the zero time where it goes on.
func (t Terms) Ends() time.Time {
	if t.Kind.Continues() {
		return time.Time{}
	}
	return t.Lapses()
}
