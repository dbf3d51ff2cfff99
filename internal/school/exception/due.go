package exception

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/school/policy"
)

// Due says how urgent a review is.
type Due string

// How urgent.
const (
	NotDue Due = ""
	Soon   Due = "soon"   // within Early
	Close  Due = "close"  // within Late
	Passed Due = "passed" // its time is up, and it goes on
)

// When people are reminded before an exception lapses.
const (
	Early = 28 * 24 * time.Hour
	Late  = 7 * 24 * time.Hour
)

// Due says whether somebody must look at the exception at t. One that was made
// for no more than four weeks ends without a word.
func (e Exception) Due(t time.Time, r policy.Rules) Due {
	left := e.Lapses().Sub(t)
	switch state := e.State(t, r); {
	case state == Lapsed:
		return Passed
	case state != InForce || e.Length <= Early || left > Early:
		return NotDue
	case left > Late:
		return Soon
	}
	return Close
}
