package reviews

import (
	"time"
)

// What was changed.
type What string

// The changes.
const (
	Bank        What = "bank"         // a bank came, or has other doors
	Machine     What = "machine"      // a bank's computer was replaced
	DeviceRules What = "device-rules" // what school devices must be
	Software    What = "software"     // of the server or of a bank
)

// Outcome is what came of a review.
type Outcome string

// The outcomes.
const (
	Stands  Outcome = "stands"  // the policy stands as it is
	Revised Outcome = "revised" // it is being revised, or has been
)

// Prompt is one change that waits for an answer.
type Prompt struct {
	Seq  uint64 // of the record that asked
	At   time.Time
	What What
	Of   string // which bank; "school" for the server's software; "" for what has no name
	Now  string // the version of a software
}

// Answer is what somebody of the leadership said.
type Answer struct {
	At         time.Time
	By, Person string
	Outcome    Outcome
	Text       string // "" once the vault has erased it
	Prompts    int
}
