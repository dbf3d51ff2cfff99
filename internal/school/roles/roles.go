// Package roles says who may do what: one table of roles, permissions and how
// far each reaches. Pages and programs ask the same function, May; nothing else
// decides. It is pure.
//
// A role is an assignment, not a person: one person may hold several, and one
// that has a last day ends by itself.
package roles

import (
	"slices"
	"time"
)

// Role is what somebody is at the school.
type Role string

// The roles. An acting head is a Head with dates; a supply teacher has a Supply
// of one day.
const (
	Owner      Role = "owner"      // made at the first start: gives out roles, and little else
	Head       Role = "head"       // headteacher
	DSL        Role = "dsl"        // designated safeguarding lead
	DeputyDSL  Role = "deputy-dsl" // and whoever stands in for them
	Leadership Role = "leadership" // a member of the leadership team
	Office     Role = "office"
	Teacher    Role = "teacher"
	Supply     Role = "supply" // a teacher for a day
	IT         Role = "it"
	Exams      Role = "exams"    // exams officer
	Governor   Role = "governor" // sees figures, never a pupil
	Chair      Role = "chair"    // chair of governors: sees what is held, and may be one of the two who end it
)

// All are the roles in the order of the table.
var All = []Role{Owner, Head, DSL, DeputyDSL, Leadership, Office, Teacher, Supply, IT, Exams, Governor, Chair}

// Known reports whether r is a role of the table.
func (r Role) Known() bool { return slices.Contains(All, r) }

// Scope is how far a permission reaches.
type Scope string

// The scopes, from nothing to everything.
const (
	Nothing  Scope = ""
	Self     Scope = "self"   // what is the actor's own
	OwnClass Scope = "class"  // the forms of the assignment
	School   Scope = "school" // everything
)

// Weighty reports whether whoever becomes somebody with this role could open a
// door, release a device, end a hold or change who may do what: all that the
// credential is asked for again.
func (r Role) Weighty() bool {
	return slices.ContainsFunc(rows, func(row Row) bool { return row.StepUp && row.Roles[r] == School })
}

// Assignment gives one person one role, or a program single permissions. Until
// zero means open-ended.
type Assignment struct {
	Role  Role      `json:"role"`
	Forms []string  `json:"forms,omitempty"` // whose class scope reaches them
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`

	Permissions []Permission `json:"permissions,omitempty"` // of a program, instead of a role: each reaches the school
}

// Holds reports whether the assignment is in force at t.
func (a Assignment) Holds(t time.Time) bool {
	return !t.Before(a.From) && (a.Until.IsZero() || t.Before(a.Until))
}

// scope is how far the assignment gives p.
func (a Assignment) scope(p Permission) Scope {
	if slices.Contains(a.Permissions, p) {
		return School
	}
	return Table[p].Roles[a.Role]
}

// Target is what a permission is asked for. The zero Target is the school as a
// whole; only School scope reaches that.
type Target struct {
	Person string // whose
	Form   string // in which form that person, or the thing, is
	Self   string // the actor's own person, for Self scope
}

// May reports whether somebody with these assignments may do p to on at t.
func May(held []Assignment, p Permission, on Target, t time.Time) bool {
	return slices.ContainsFunc(held, func(a Assignment) bool {
		return a.Holds(t) && a.reaches(a.scope(p), on)
	})
}

func (a Assignment) reaches(s Scope, on Target) bool {
	switch s {
	case School:
		return true
	case OwnClass:
		return on.Form != "" && slices.Contains(a.Forms, on.Form)
	case Self:
		return on.Self != "" && on.Person == on.Self
	}
	return false
}

// Reach is the widest scope of p among assignments at t: what a list may show.
func Reach(held []Assignment, p Permission, t time.Time) Scope {
	widest := Nothing
	for _, a := range held {
		if s := a.scope(p); a.Holds(t) && rank(s) > rank(widest) {
			widest = s
		}
	}
	return widest
}

func rank(s Scope) int { return slices.Index([]Scope{Nothing, Self, OwnClass, School}, s) }

// Forms are the forms that OwnClass reaches for p at t, sorted.
func Forms(held []Assignment, p Permission, t time.Time) []string {
	var list []string
	for _, a := range held {
		if a.Holds(t) && a.scope(p) == OwnClass {
			list = append(list, a.Forms...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
