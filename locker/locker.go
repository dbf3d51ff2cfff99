// Package locker is the custody ground: whose devices a bank keeps, behind
// which doors, and what a badge may do there. It is pure: no clock, no file, no
// network.
//
// A few functions carry it. Decide weighs one scan against bars, then grants,
// then the plan's windows, and answers with one Event and what the kiosk shows.
// DecideOrder and DecideStaff do the same for an order from outside and for a
// staff member at the kiosk, under the same bars. Observe says what a change at
// a door means. Apply folds an Event into State.
// A bank writes every event to its ledger before it applies anything to the
// physical world, so State is always the fold of a ledger.
//
// The life of a deposit is intent, outcome (opened), deposited. A collection is
// the same with collected at its end. An intent whose outcome nobody saw stays
// unverified: it is never guessed.
//
// An item is a device outside its owner's routine, confiscated or found say. A
// bank knows it by an opaque id and keeps it behind a door of another class than
// pupils'. Putting it in and taking it out lives as a deposit and a collection
// do, under the item's id instead of a person's. A hold shuts a door for
// everybody until two people end it.
//
// What takes two people, who must have signed it with passkeys that the bank itself
// knows, is in evidence.go and approvers.go.
package locker

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
)

// The waits that people at a kiosk meet, in school time.
const (
	// SecondScan is how long another scan of the same badge belongs to the
	// transaction that is under way.
	SecondScan = 5 * time.Second
	// Grace is how long after a collection the same badge opens the same door
	// once more: "Not empty? Scan again".
	Grace = 30 * time.Second
	// RedoFor is how long after a visit that nobody saw to its end its holder
	// may come to the same door again.
	RedoFor = 10 * time.Minute
	// OpenTooLong is how long a door may stand open before the office is told.
	OpenTooLong = time.Minute
)

// Purpose is why a door is opened. It is part of the receipt.
type Purpose string

// The purposes.
const (
	Deposit    Purpose = "deposit"
	Collection Purpose = "collection"
	Recheck    Purpose = "recheck"    // within Grace after a collection
	StaffOpen  Purpose = "staff-open" // a staff member lets the device out
	PutItem    Purpose = "put-item"
	TakeItem   Purpose = "take-item"
	HandOver   Purpose = "hand-over"  // an item goes to the police, past any hold
	Restore    Purpose = "restore"    // an item comes back into the hands of staff from evidence
	Commission Purpose = "commission" // find out which door a lock opens
)

// PutsIn reports whether a door is opened for a device to come behind it.
func (p Purpose) PutsIn() bool { return p == Deposit || p == PutItem }

// TakesOut reports whether a door is opened for the device in it to leave.
func (p Purpose) TakesOut() bool {
	return p == Collection || p == StaffOpen || p == TakeItem || p == HandOver || p == Restore
}

// Contact is what a door's contact says, as the bank believes it.
type Contact string

// The states of a door. Unknown is the state of a door nobody could ask.
const (
	Unknown Contact = "unknown"
	Open    Contact = "open"
	Closed  Contact = "closed"
)

// Sensed is what an item sensor behind a door says.
type Sensed string

// The states of an item sensor.
const (
	NoSensor Sensed = ""
	Absent   Sensed = "absent"
	Present  Sensed = "present"
)

// Allotment is how a bank gives out doors.
type Allotment string

// The allotments.
const (
	Fixed   Allotment = "fixed"   // everyone has a door of their own
	Dynamic Allotment = "dynamic" // any free door, not next to an open one where that can be
)

// Subject is what a bar speaks of: a person, an item, or a door of a bank.
type Subject struct {
	Person string `json:"person,omitempty"`
	Item   string `json:"item,omitempty"`
	Bank   string `json:"bank,omitempty"`
	Door   int    `json:"door,omitempty"`
}

// May is what a grant allows.
type May string

// The kinds of grant.
const (
	MayKeep    May = "keep"    // the person keeps the device; no door opens
	MayCollect May = "collect" // collection outside the window, with trusted time
)

// Grant is a permission without a reason in it.
type Grant struct {
	ID     string    `json:"id"`
	Kind   May       `json:"kind"`
	Person string    `json:"person"`
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`
	Uses   int       `json:"uses,omitempty"` // openings allowed; 0 means no limit
}

// Bar is a prohibition without a reason in it. A bar on a person sends every
// scan of theirs to the office; a bar on an item keeps it where it is; a bar on
// a door keeps that door shut and out of use. Until zero means open-ended.
type Bar struct {
	ID      string    `json:"id"`
	Subject Subject   `json:"subject"`
	From    time.Time `json:"from"`
	Until   time.Time `json:"until,omitzero"`
}

// BadgeEntry is what a bank knows of one badge. A revoked badge stays listed.
type BadgeEntry struct {
	Person  string `json:"person"`
	Revoked bool   `json:"revoked,omitempty"`
}

// Place is where a person's devices belong.
type Place struct {
	Bank string `json:"bank"`
	Door int    `json:"door,omitempty"` // the fixed door, 0 for none
	Wave string `json:"wave,omitempty"` // whose windows of the plan are theirs
}

// Directory is all that a bank knows of people: no names, no reasons. A bank
// keeps it on its own disk and never changes it.
type Directory struct {
	Version uint64                          `json:"version"`
	Badges  map[school.BadgeHash]BadgeEntry `json:"badges"`
	People  map[string]Place                `json:"people"`
	Staff   map[string]StaffEntry           `json:"staff,omitempty"` // who may act at the kiosk, by person
	Grants  []Grant                         `json:"grants,omitempty"`
	Bars    []Bar                           `json:"bars,omitempty"`
	Asked   []Asked                         `json:"asked,omitempty"` // doors to look at
}

// Screen is what the kiosk shows: a word of this package's, and a door where
// one is meant. It never carries a name, nor a reason that is about a person.
type Screen struct {
	Word  Word     `json:"word"`
	Door  int      `json:"door,omitempty"`
	Bank  string   `json:"bank,omitempty"`  // with OtherBank
	Offer WishKind `json:"offer,omitempty"` // with StaffMenu: what may be done to the window, if anything
	Has   Classes  `json:"has,omitzero"`    // with StaffMenu: what doors there are
	Map   bool     `json:"map,omitempty"`   // with StaffMenu: they may have the doors mapped
	Fire  WishKind `json:"fire,omitempty"`  // with StaffMenu: begin an evacuation, or give the all-clear
	Learn string   `json:"learn,omitempty"` // with StaffMenu: fingerprint of keys that they may say are the approvers'
	Says  string   `json:"says,omitempty"`  // with JoinRefused, Superseded, Mapping: a sentence; KeysKnown: the fingerprint
	Next  string   `json:"next,omitempty"`  // with JoinRefused, Superseded, Mapping: what to do
	Keys  string   `json:"keys,omitempty"`  // with Mapping: the answers there are, with spaces
}

// Word names a kiosk screen.
type Word string

// The screens.
const (
	Scan       Word = "scan"       // waiting for a badge
	Starting   Word = "starting"   // doors are being read; a moment
	PutIn      Word = "put-in"     // Door: put your phone in, shut the door
	TakeOut    Word = "take-out"   // Door: take your phone, shut the door
	Again      Word = "again"      // Door: opened once more
	ShutDoor   Word = "shut-door"  // Door: stands open, shut it
	AlreadyIn  Word = "already-in" // your phone is in; help?
	Keep       Word = "keep"       // keep your phone
	Office     Word = "office"     // please see the office
	Unreadable Word = "try-again"  // the badge could not be read
	Stuck      Word = "stuck"      // Door: did not open; scan again
	Full       Word = "full"       // no free door; please see the office
	OtherBank  Word = "other-bank" // your lockers are at Bank
	Empty      Word = "empty"      // Door: nothing is in it; scan again
	LeaveNow   Word = "leave-now"  // leave the building; no door opens
)

// The screens for staff.
const (
	AskPIN       Word = "ask-pin"       // type your PIN
	PINWrong     Word = "pin-wrong"     // type it again
	PINWait      Word = "pin-wait"      // too many tries; wait
	StaffMenu    Word = "staff-menu"    // what do you want to do?
	WindowOpen   Word = "window-open"   // everybody may collect now
	WindowShut   Word = "window-shut"   // no longer
	Release      Word = "release"       // Door: take the device out, shut the door
	NothingThere Word = "nothing-there" // nothing is held behind that door
	Wait         Word = "wait"          // one door at a time, and not so many
	PutDevice    Word = "put-device"    // Door: put the device in, shut the door
	DoorHeld     Word = "door-held"     // Door: opens for nobody from now on
	AlarmSounds  Word = "alarm-sounds"  // no all-clear while the fire input speaks
	StillHeld    Word = "still-held"    // something is behind a door, so they are not mapped
	KeysKnown    Word = "keys-known"    // the bank knows the approvers' keys, whose fingerprint it Says
	Mapping      Word = "mapping"       // the doors are being mapped: Says, perhaps Door, Keys
)
