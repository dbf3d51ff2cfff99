package desk

import (
	"slices"
	"time"
)

// Case is the file of one confiscation.
type Case struct {
	ID       string
	Item     string
	Whose    string // the pupil
	Opened   time.Time
	By       string // account that opened it
	Facts    Facts
	Outcome  Outcome // "" while it is open
	Closed   time.Time
	Release  *Released // the release that stands; nil for none
	Refused  []Refusal // of adults that nothing may be handed to
	Entries  []Entry   // all records about it in order, numbered from 1
	Code     *Code     // the newest one-time code
	content  string    // id in the vault: Account
	receiver string    // id in the vault: Receiver
}

// Open reports whether something remains to be done about the case.
func (c Case) Open() bool { return c.Outcome == "" }

// Facts are what the ledger itself says of a confiscation.
type Facts struct {
	Reason     Reason    `json:"reason"`
	Zone       Zone      `json:"zone"`
	Taken      time.Time `json:"taken"`
	Taker      string    `json:"taker"`                // person
	Considered bool      `json:"considered,omitempty"` // age, needs and disability were
	Despite    bool      `json:"despite,omitempty"`    // the pupil may keep their phone, and the taker was told
	Outside    bool      `json:"outside,omitempty"`    // phones were not banned at that time, and the taker was told
}

// Reason for a confiscation.
type Reason string

// The reasons, as both the rules and the law sort them.
const (
	Breach        Reason = "breach"         // of the phone policy
	Behaviour     Reason = "behaviour"      // misuse that the behaviour policy is about
	Bullying      Reason = "bullying"       // misuse against somebody
	PossibleImage Reason = "possible-image" // may hold an indecent image: nobody looks, nothing goes out
	Exam          Reason = "exam"
	OtherReason   Reason = "other"
	Evidence      Reason = "evidence" // of what a safeguarding file is about; nobody chooses it at the desk
)

// Reasons are those that somebody chooses from, the commonest first.
var Reasons = []Reason{Breach, Behaviour, Bullying, PossibleImage, Exam, OtherReason}

// Restricted reports whether a device taken for this reason is for the safeguarding
// team alone: nobody looks at it, and it belongs behind an evidence door.
func (r Reason) Restricted() bool { return r == PossibleImage || r == Evidence }

// Zone is where on the site something happened.
type Zone string

// The zones. No device may be used in the last four, whatever else is allowed.
const (
	Classroom Zone = "classroom"
	Corridor  Zone = "corridor"
	Hall      Zone = "hall"
	Canteen   Zone = "canteen"
	Outside   Zone = "outside"
	ExamRoom  Zone = "exam-room"
	OffSite   Zone = "off-site"
	Elsewhere Zone = "elsewhere"
	Toilets   Zone = "toilets"
	Changing  Zone = "changing-room"
	Pool      Zone = "pool"
	Medical   Zone = "medical-room"
)

// Zones are all of them.
var Zones = []Zone{Classroom, Corridor, Hall, Canteen, Outside, ExamRoom, OffSite, Elsewhere, Toilets, Changing, Pool, Medical}

// Private reports whether no device may be used there by anybody.
func (z Zone) Private() bool {
	return slices.Contains([]Zone{Toilets, Changing, Pool, Medical}, z)
}

// Outcome is how a case ended.
type Outcome string

// The outcomes.
const (
	ReleasedToAdult Outcome = "released"
	ReleasedToPupil Outcome = "released-to-pupil" // where the rules let it go to the pupil
	HandedToPolice  Outcome = "police"            // by what two people signed
	Returned        Outcome = "returned"          // the pupil may keep it: taken by mistake
)

// Account is what the vault holds of how a device was taken. It is written once;
// what comes later is a Note.
type Account struct {
	Room      string `json:"room,omitempty"`
	Happened  string `json:"happened,omitempty"`
	Condition string `json:"condition,omitempty"`
	Witness   string `json:"witness,omitempty"`
}

// Entry is one record of a case.
type Entry struct {
	N        int
	Kind     string // of the record
	At       time.Time
	By       string  // account
	Corrects int     // with a correction: the entry it is about
	Consent  Consent // with a search or deletion
	content  string  // id in the vault
}

// Refusal is an attempt to hand a device to an adult it must not go to.
type Refusal struct {
	At      time.Time
	By      string    // account
	Seen    time.Time // when somebody responsible took note; zero before
	content string    // id in the vault: Receiver
}

// Released is a release on record. Until the device is out of its door it is
// only pending.
type Released struct {
	At       time.Time
	By       string // account
	To       To
	Identity Identity
	Pending  bool
}
