package locker

import (
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
)

// Kind names an event. Kinds are part of the record and never change meaning.
type Kind string

// The kinds of event on a bank's ledger.
const (
	Started   Kind = "started"    // a bank's program started
	InForce   Kind = "in-force"   // a directory and plan version took effect
	Turned    Kind = "turned"     // a scan that opens nothing; Answer says why
	Intent    Kind = "intent"     // a door is about to be opened for Purpose
	Outcome   Kind = "outcome"    // what became of an intent
	Deposited Kind = "deposited"  // door shut, device in our custody
	Collected Kind = "collected"  // door shut, device back with its holder
	Rechecked Kind = "rechecked"  // door shut after a recheck
	NothingIn Kind = "nothing-in" // door shut after a deposit, item sensor saw nothing
	StillIn   Kind = "still-in"   // door shut after a collection, item sensor still sees something
	Surveyed  Kind = "surveyed"   // all doors were read after a start
	Moved     Kind = "moved"      // a door changed without an order, or could not be asked
	LeftOpen  Kind = "left-open"  // a door has stood open too long
	Doubted   Kind = "doubted"    // an earlier ledger could not be read: all that is held is unsure
	Help      Kind = "help"       // somebody pressed Help at the kiosk
	TookOver  Kind = "took-over"  // a machine took a dead one's place: what it knows follows
	Carried   Kind = "carried"    // from the ledger before: what is behind Door, or how often a grant was used
	ToLook    Kind = "to-look"    // the school asks, as What, for somebody to look at Doors, none for all
	LookedAt  Kind = "looked-at"  // By says that Doors are as they should be, and their sensors agree
)

// The kinds of event that orders and staff cause.
const (
	OrderRefused Kind = "order-refused" // an order that opens nothing; Answer says why
	PINAccepted  Kind = "pin-accepted"  // By gave badge and PIN at the kiosk
	PINRefused   Kind = "pin-refused"   // a wrong PIN of By's, or one during a pause
	StaffRefused Kind = "staff-refused" // By asked for something that may not be; Answer says why
	WindowOpened Kind = "window-opened" // By opened a collection window
	WindowEnded  Kind = "window-ended"  // By ended it early
	HoldPlaced   Kind = "hold-placed"   // By shut Door for everybody
	HoldEnded    Kind = "hold-ended"    // an order of By's, which Approvals have signed, ended that

	ApproversOffered Kind = "approvers-offered" // the school's server says whose Keys they are; nobody at the bank has said so
	ApproversLearned Kind = "approvers-learned" // By, at the bank, says that Keys are the approvers'; without By it was told when it joined
	ApproversChanged Kind = "approvers-changed" // an order of By's, which Approvals have signed, put Keys in place of those before
)

// The kinds of event of an evacuation. No door opens between the first two.
const (
	EvacuationBegan Kind = "evacuation-began" // by Cause, and By
	EvacuationEnded Kind = "evacuation-ended" // of the school, or what began at the bank, by an order or By at the kiosk
	AlarmSilent     Kind = "alarm-silent"     // the fire input no longer speaks; that ends nothing
)

// The kinds of event of a commissioning, which finds out where doors hang. Door of
// a pulse is no number painted on a door but that of the lock, as What names it,
// counted through the bank: only afterwards is the door known.
const (
	CommissionBegun Kind = "commission-begun" // a person beside the cabinet says that doors may open
	CommissionPulse Kind = "commission-pulse" // a lock is about to get one pulse
	Commissioned    Kind = "commissioned"     // the map What is in force from the next start
)

// MessageRefused is a message from the school server that was not taken; What
// says which and Why what was wrong with it.
const MessageRefused Kind = "message-refused"

// Answer is why a scan opened nothing. Kiosks never show it.
type Answer string

// The answers.
const (
	Repeat       Answer = "repeat"    // second scan of the same transaction
	Mistyped     Answer = "mistyped"  // wrong check character or not a badge
	UnknownBadge Answer = "unknown"   // well formed, not in the directory
	Revoked      Answer = "revoked"   // a replaced or lost badge
	Barred       Answer = "barred"    // a bar stands against person or door
	Exempt       Answer = "exempt"    // may keep the device
	Elsewhere    Answer = "elsewhere" // another bank is theirs
	AlreadyHeld  Answer = "held"      // something is in and may not be collected now
	NoTime       Answer = "no-time"   // would be collection, but the clock is not trusted
	DoorOpen     Answer = "door-open" // their door stands open
	NoDoor       Answer = "no-door"   // no free door
	NoReply      Answer = "no-reply"  // their door cannot be asked or driven now
	Flooded      Answer = "flooded"   // Withheld scans were not recorded one by one
	PINAsked     Answer = "pin-asked" // a staff badge: the PIN comes next
)

// The answers to orders and to staff.
const (
	Malformed     Answer = "malformed"      // an id, a reason or a wish that cannot be one
	UnknownOrder  Answer = "unknown-order"  // a kind of order this bank does not know
	UnknownPerson Answer = "unknown-person" // not in the directory
	NothingHeld   Answer = "nothing-held"   // there is nothing to let out
	NoSuchDoor    Answer = "no-such-door"   // no door of this bank that this may be asked of
	Busy          Answer = "busy"           // a visit is under way there
	UnknownNonce  Answer = "unknown-nonce"  // no nonce, or none that this run of the bank handed out
	TooLate       Answer = "late"           // the nonce is too old
	Replayed      Answer = "replayed"       // order or nonce came before
	TimeTrusted   Answer = "time-trusted"   // the plan's windows hold
	NoChange      Answer = "no-change"      // the window is as wished already
	WrongPIN      Answer = "wrong-pin"
	Paused        Answer = "paused"     // too many wrong PINs lately
	TooMany       Answer = "too-many"   // too many doors lately
	Occupied      Answer = "occupied"   // something is behind that door
	InDoubt       Answer = "in-doubt"   // nobody has seen yet what is behind that evidence door
	EvidenceKept  Answer = "evidence"   // nothing comes out of an evidence door by this order
	NotHeld       Answer = "not-held"   // no hold stands on that door
	TwoNeeded     Answer = "two-needed" // it is not signed by two
	Evacuated     Answer = "evacuation" // the building is being left: no door opens
	Disagrees     Answer = "disagrees"  // the sensors say otherwise than the person who looked
)

// The answers to what two people must have signed.
const (
	UnknownKey   Answer = "unknown-key"   // the bank does not know one of the keys
	NewKey       Answer = "new-key"       // it has not known one of them for a day
	SamePerson   Answer = "same-person"   // both keys are one person's
	OtherWish    Answer = "other-wish"    // they signed for another door, device, purpose or moment
	OtherSite    Answer = "other-site"    // a page of another site asked for it
	NotVerified  Answer = "not-verified"  // the passkey did not see who was there
	BadSignature Answer = "bad-signature" // one of the signatures does not hold
)

// Result is what became of an intent.
type Result string

// The results. Every intent gets exactly one.
const (
	Opened     Result = "opened"     // the door was seen to open
	NoEffect   Result = "no-effect"  // still closed; another intent follows
	Jammed     Result = "jammed"     // still closed, given up
	Stopped    Result = "stopped"    // still closed; a bar came before another try
	NotSent    Result = "not-sent"   // the order died before it reached the bus
	Unverified Result = "unverified" // nobody knows; ask a person
)

// Event is one thing that happened at a bank. Which fields are set depends on
// Kind; ids only, never a name.
type Event struct {
	Kind    Kind           `json:"-"`
	At      school.Instant `json:"-"`
	Door    int            `json:"-"`
	Purpose Purpose        `json:"-"` // with Intent only
	Body
}

// Body is the part of an event that is particular to its kind.
type Body struct {
	Person    string        `json:"person,omitempty"`
	Answer    Answer        `json:"answer,omitempty"`
	Timing    school.Timing `json:"timing,omitempty"`     // Intent to deposit: how it stands to the window
	Grant     string        `json:"grant,omitempty"`      // Intent: the grant it uses
	Attempt   int           `json:"attempt,omitempty"`    // Intent: 1, 2, 3
	Of        uint64        `json:"of,omitempty"`         // Outcome and after: sequence of the intent; TookOver: records known of the ledger before
	Result    Result        `json:"result,omitempty"`     // Outcome
	Contact   Contact       `json:"contact,omitempty"`    // what the door contact said
	Sensed    Sensed        `json:"item,omitempty"`       // what the item sensor said
	Unseen    bool          `json:"unseen,omitempty"`     // Deposited, Collected: shut while nobody looked
	Doubtful  bool          `json:"doubtful,omitempty"`   // Deposited again: only the collection will tell what is in
	Directory uint64        `json:"directory,omitempty"`  // InForce
	Plan      uint64        `json:"plan,omitempty"`       // InForce
	Version   string        `json:"version,omitempty"`    // Started
	OpenDoors []int         `json:"open_doors,omitempty"` // Surveyed
	Unasked   []int         `json:"unasked,omitempty"`    // Surveyed: doors whose board does not answer
	What      string        `json:"what,omitempty"`       // MessageRefused, ToLook
	Why       string        `json:"why,omitempty"`        // MessageRefused: an error code
	Withheld  int           `json:"withheld,omitempty"`   // Turned: like scans not recorded one by one
	Order     string        `json:"order,omitempty"`      // Intent, OrderRefused: the order's id
	By        string        `json:"by,omitempty"`         // the staff member who asked, where it was not Person's own scan
	Reason    Reason        `json:"reason,omitempty"`     // Intent for StaffOpen
	Until     int64         `json:"until,omitempty"`      // WindowOpened: milliseconds since boot at which it shuts
	Item      string        `json:"item_id,omitempty"`    // the item, instead of Person
	Class     Class         `json:"class,omitempty"`      // Intent to put an item in: of the door
	Approvals [2]string     `json:"approvals,omitzero"`   // of what takes two: whose keys signed it; LookedAt evidence: who looked
	Since     time.Time     `json:"since,omitzero"`       // Carried, and HoldPlaced of the ledger before: when it began
	Times     int           `json:"times,omitempty"`      // Carried: how often Grant was used
	Doors     []int         `json:"doors,omitempty"`      // LookedAt, ToLook
	Others    []int         `json:"others,omitempty"`     // LookedAt: those whose sensors say otherwise
	Cause     Cause         `json:"cause,omitempty"`      // EvacuationBegan, EvacuationEnded
	During    bool          `json:"evacuation,omitempty"` // it happened while the building was being left
	Odd       []int         `json:"odd,omitempty"`        // Surveyed: doors whose item sensor contradicts the record

	To       string              `json:"to,omitempty"`       // Intent of what takes two: who it goes to
	Approval string              `json:"approval,omitempty"` // of what takes two: the nonce that was signed
	Signed   []passkey.Assertion `json:"signed,omitempty"`   // and by which keys and signatures
	Keys     *passkey.Set        `json:"keys,omitempty"`     // of approvers
	AtOnce   bool                `json:"at_once,omitempty"`  // ApproversLearned: they count from now on
}

// Moves reports whether an event tells that an item has come or gone, or whose keys
// can have that done.
func (e Event) Moves() bool {
	return e.Item != "" && (e.Kind == Deposited || e.Kind == Collected) || e.Kind == ApproversLearned || e.Kind == ApproversChanged
}

// AboutItems reports whether an event tells of an item or a hold: what the
// school's own records link to.
func (e Event) AboutItems() bool {
	return e.Item != "" || e.Kind == HoldPlaced || e.Kind == HoldEnded
}
