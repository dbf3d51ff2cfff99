package exception

import (
	"slices"

	"github.com/bellkeep/bellkeep/internal/school/policy"
)

// Kind is why somebody is excepted.
type Kind string

// The kinds. What a kind says about a person may be health data: it is kept
// where reasons are, never on a ledger.
const (
	Medical       Kind = "medical"
	Disability    Kind = "disability" // special educational needs too
	YoungCarer    Kind = "young-carer"
	Safeguarding  Kind = "safeguarding"
	Travel        Kind = "travel"
	ParentContact Kind = "parent-contact" // where the school's rules know it
	Staff         Kind = "staff"          // a member of staff, in lessons
	Curriculum    Kind = "curriculum"     // a class, in one lesson, where the rules know it
)

// Kinds are all kinds in the order a form shows them.
var Kinds = []Kind{Medical, Disability, YoungCarer, Safeguarding, Travel, ParentContact, Staff, Curriculum}

// Known reports whether k is a kind.
func (k Kind) Known() bool { return slices.Contains(Kinds, k) }

// Continues reports whether an exception of this kind goes on after its end, with
// an alert: cutting it off could harm somebody or be unlawful.
func (k Kind) Continues() bool { return k == Medical || k == Disability }

// Allowed reports whether a school with these rules knows the kind at all.
func (k Kind) Allowed(r policy.Rules) bool {
	switch k {
	case Curriculum:
		return r.Curriculum == policy.StaffAndHead
	case ParentContact:
		return r.ParentContact == policy.HeadCaseByCase
	}
	return k.Known()
}

// Scope is when, from the beginning to the end of an exception, it is in force.
type Scope string

// The scopes.
const (
	AllDay Scope = "all-day" // at all times: the phone need not be handed in
	Daily  Scope = "daily"   // between two times of every school day
	Once   Scope = "once"    // from its beginning to its end, both on one day
)

// Setting is what an exception may free on a school device; the names are those
// of the settings of managed devices.
type Setting string

// The settings.
const (
	Camera    Setting = "camera"
	Bluetooth Setting = "bluetooth"
	Share     Setting = "share"
)

// Settings are all of them in the order a form shows them.
var Settings = []Setting{Camera, Bluetooth, Share}
